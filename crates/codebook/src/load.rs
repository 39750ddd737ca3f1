//! Files → checked codebook.

use crate::assemble::assemble;
use crate::faults::Faults;
use crate::model::Codebook;
use crate::overlay::{complete_trials, overlay};
use crate::source::Sources;
use crate::{check, embedded, read};
use taizhang_diagnostics::{Diagnostic, Message};

/// Reads and checks a codebook from its files. Pure: paths are only names.
///
/// # Shape
/// In: paths below the codebook's folder (`ledgers/finding.toml`) and texts. Out: the codebook if
/// there is no error, and all faults in order of file and place.
///
/// # Example
/// ```
/// let files = [("codebook.toml", "name = \"tiny\"\nlabel = { zh = \"小\" }\nedition = \"1\"\n")];
/// let (codebook, faults) = taizhang_codebook::read_codebook(&files);
/// assert!(codebook.is_none());
/// assert_eq!(faults[0].code, "C0010"); // the label has no English
/// ```
#[must_use]
pub fn read_codebook<P: AsRef<str>, T: AsRef<str>>(
    files: &[(P, T)],
) -> (Option<Codebook>, Vec<Diagnostic>) {
    read_with_overrides::<P, T, &str, &str>(files, &[])
}

/// Reads and checks a codebook together with a county's own files, which replace or add to its
/// definitions key by key.
#[must_use]
pub fn read_with_overrides<P: AsRef<str>, T: AsRef<str>, Q: AsRef<str>, U: AsRef<str>>(
    files: &[(P, T)],
    overrides: &[(Q, U)],
) -> (Option<Codebook>, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    for (path, text) in files {
        sources.add(path.as_ref(), text.as_ref());
    }
    let base_length = sources.len();
    for (path, text) in overrides {
        sources.add(path.as_ref(), text.as_ref());
    }
    let faults = Faults::default();
    let mut root = assemble(&sources, 0..base_length, &faults);
    let over = assemble(&sources, base_length..sources.len(), &faults);
    overlay(&mut root, over, &faults);
    complete_trials(&mut root, &faults);
    let codebook = read::read(&root, &sources, &faults);
    check::check(&codebook, &root, &faults);
    let diagnostics = faults.into_diagnostics(&sources);
    (diagnostics.is_empty().then_some(codebook), diagnostics)
}

impl Codebook {
    /// A codebook that ships in the binary, such as `rural`.
    ///
    /// # Errors
    /// All faults; an unknown name is one of them.
    pub fn embedded(name: &str) -> Result<Self, Vec<Diagnostic>> {
        Self::load::<&str, &str>(name, &[])
    }

    /// A shipped codebook with a county's own files laid over it (see [`read_with_overrides`]).
    ///
    /// # Errors
    /// All faults; an unknown name is one of them.
    pub fn load<P: AsRef<str>, T: AsRef<str>>(
        name: &str,
        overrides: &[(P, T)],
    ) -> Result<Self, Vec<Diagnostic>> {
        let files = embedded::files(name);
        if files.is_empty() {
            return Err(vec![unknown_codebook(name)]);
        }
        match read_with_overrides(&files, overrides) {
            (Some(codebook), _) => Ok(codebook),
            (None, faults) => Err(faults),
        }
    }
}

fn unknown_codebook(name: &str) -> Diagnostic {
    let known = embedded::shipped_names().join("`, `");
    crate::faults::FaultKind::UnknownCodebook
        .diagnostic(Message::new(format!("没有码本`{name}`"), format!("no codebook `{name}`")))
        .help(Message::new(format!("可选：`{known}`"), format!("one of `{known}`")))
}

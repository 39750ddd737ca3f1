//! Whatever the files hold, there is an answer.

use crate::support::work_safety;
use proptest::prelude::*;
use taizhang_codebook::{parse_filter, placeholders, read_codebook, read_with_overrides};
use taizhang_diagnostics::{Language, Place, render_all};

/// Every fault can be shown, and points into a line that exists.
fn check_shown(faults: &[taizhang_diagnostics::Diagnostic]) {
    for language in [Language::Zh, Language::En] {
        assert!(!render_all(faults, language).is_empty());
    }
    for fault in faults {
        if let Place::File { line, column, length, excerpt, .. } = &fault.place {
            assert!(*line >= 1 && *column >= 1 && *length >= 1);
            assert!(*column <= excerpt.chars().count() + 1, "{fault:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_gives_an_answer(text in "\\PC{0,200}", path in 0usize..20) {
        let mut files = work_safety();
        let position = path % files.len();
        files[position].1 = text;
        let (codebook, faults) = read_codebook(&files);
        prop_assert_eq!(codebook.is_some(), faults.is_empty());
        check_shown(&faults);
    }

    #[test]
    fn files_cut_and_joined_anywhere_give_an_answer(
        path in 0usize..20, from in 0usize..2000, length in 0usize..60, into in "[ -~]{0,4}",
    ) {
        let mut files = work_safety();
        let position = path % files.len();
        let characters: Vec<char> = files[position].1.chars().collect();
        let from = from % (characters.len() + 1);
        let to = (from + length).min(characters.len());
        let mut text: String = characters[..from].iter().collect();
        text.push_str(&into);
        text.extend(&characters[to..]);
        files[position].1 = text.clone();
        let (codebook, faults) = read_codebook(&files);
        prop_assert_eq!(codebook.is_some(), faults.is_empty());
        check_shown(&faults);

        let name = files[position].0.clone();
        let (codebook, faults) = read_with_overrides(&work_safety(), &[(name, text)]);
        prop_assert_eq!(codebook.is_some(), faults.is_empty());
        check_shown(&faults);
    }

    #[test]
    fn any_filter_and_template_text_gives_an_answer(text in "[a-z=!<>&,{}#一0-9]{0,40}") {
        if let Ok(terms) = parse_filter(&text) {
            prop_assert!(terms.iter().all(|term| !term.field.is_empty()));
        }
        if let Ok(found) = placeholders(&text) {
            for placeholder in found {
                let inner = &text.get(placeholder.start..placeholder.end).unwrap();
                let is_braced = inner.starts_with('{') && inner.ends_with('}');
                prop_assert!(is_braced, "{}", inner);
            }
        }
    }
}

#[test]
fn deep_and_long_files_are_read_in_time() {
    let deep = format!("x = {}{}", "[".repeat(5000), "]".repeat(5000));
    let (_, faults) = read_codebook(&[("ledgers/deep.toml", deep)]);
    assert!(!faults.is_empty());

    let field = |number: usize| {
        format!(
            "[fields.f{number}]\ntype = \"text\"\nlabel = {{ zh = \"字段{number}\", en = \"F\" }}\n"
        )
    };
    let fields: String = (0..3000).map(field).collect();
    let long = format!(
        "name = \"long\"\nlabel = {{ zh = \"长\", en = \"Long\" }}\n\
         purpose = {{ zh = \"试\", en = \"Trial\" }}\n{fields}"
    );
    let mut files = work_safety();
    files.push(("ledgers/long.toml".to_owned(), long));
    let start = std::time::Instant::now();
    let (codebook, faults) = read_codebook(&files);
    assert!(faults.is_empty(), "{}", render_all(&faults, Language::En));
    assert_eq!(codebook.unwrap().ledger("long").unwrap().fields.len(), 3000);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

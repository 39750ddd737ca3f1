//! What a person keeps for himself about the ledger: views under a name, and columns.

use crate::work::LedgerFilter;
use crate::{Caller, Service, ServiceError};
use serde::{Deserialize, Serialize};
use taizhang_store::Reader;

/// Most views of one person.
const VIEWS_MAX: usize = 20;
/// Most characters of a view's name.
const NAME_LENGTH_MAX: usize = 30;

/// Columns of the ledger that a person may leave out; light, number and problem always stay.
pub const LEDGER_COLUMNS: [&str; 7] =
    ["lead", "units", "person", "deadline", "percent", "state", "evidence"];

/// A filter of the ledger under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// Name, one of its kind for the person.
    pub name: String,
    /// The part of the address after `?`, as [`LedgerFilter::query_string`] writes it.
    pub query: String,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Kept {
    #[serde(default)]
    views: Vec<SavedView>,
    /// Columns in order; none as long as nobody chose.
    #[serde(default)]
    columns: Option<Vec<String>>,
}

/// What a person keeps for himself about the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerTaste {
    /// Views by name in the order of saving.
    pub views: Vec<SavedView>,
    /// Columns shown, some of [`LEDGER_COLUMNS`], in the order of the table.
    pub columns: Vec<&'static str>,
}

impl Service {
    /// The caller's views and columns.
    ///
    /// # Errors
    /// Store errors only.
    pub fn ledger_taste(&self, caller: &Caller) -> Result<LedgerTaste, ServiceError> {
        let kept = self.store.read(|reader| kept(reader, caller))?;
        let columns = match &kept.columns {
            Some(chosen) => known_columns(chosen),
            None => LEDGER_COLUMNS.to_vec(),
        };
        Ok(LedgerTaste { views: kept.views, columns })
    }

    /// Keeps a filter under a name; the same name again replaces it. The place in the list is not
    /// kept.
    ///
    /// # Errors
    /// `Invalid`: `S0811` no name or one over 30 characters, `S0812` twenty views already.
    pub fn save_view(
        &self,
        caller: &Caller,
        name: &str,
        filter: &LedgerFilter,
    ) -> Result<(), ServiceError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_LENGTH_MAX {
            let (zh, en) = ("请给视图起名，不超过 30 字", "name the view in 1 to 30 characters");
            return Err(ServiceError::field("view", "name", "S0811", zh, en));
        }
        let query = filter.from_mark(None).query_string();
        let view = SavedView { name: name.to_owned(), query };
        self.keep(caller, "view.save", |kept| {
            if let Some(known) = kept.views.iter_mut().find(|known| known.name == view.name) {
                *known = view;
                return Ok(());
            }
            if kept.views.len() >= VIEWS_MAX {
                let (zh, en) = ("最多存 20 个视图，请先删掉不用的", "there are 20 already");
                return Err(ServiceError::field("view", "name", "S0812", zh, en));
            }
            kept.views.push(view);
            Ok(())
        })
    }

    /// Forgets a view; an unknown name is no error.
    ///
    /// # Errors
    /// Store errors only.
    pub fn forget_view(&self, caller: &Caller, name: &str) -> Result<(), ServiceError> {
        self.keep(caller, "view.forget", |kept| {
            kept.views.retain(|view| view.name != name);
            Ok(())
        })
    }

    /// Keeps which columns the caller wants to see, and in which order; unknown names and a second
    /// mention are passed over.
    ///
    /// # Errors
    /// Store errors only.
    pub fn choose_columns(&self, caller: &Caller, shown: &[String]) -> Result<(), ServiceError> {
        let columns = known_columns(shown).into_iter().map(str::to_owned).collect();
        self.keep(caller, "view.columns", |kept| {
            kept.columns = Some(columns);
            Ok(())
        })
    }

    fn keep(
        &self,
        caller: &Caller,
        verb: &str,
        change: impl FnOnce(&mut Kept) -> Result<(), ServiceError>,
    ) -> Result<(), ServiceError> {
        let act = self.act(caller, verb, None);
        self.store.write(&act, |writer| {
            let mut all = kept(writer, caller)?;
            change(&mut all)?;
            let text = serde_json::to_string(&all)
                .map_err(|error| ServiceError::Internal(error.to_string()))?;
            Ok(writer.set_setting(&key(caller), &text)?)
        })
    }
}

/// The columns of these names, each once.
fn known_columns(names: &[String]) -> Vec<&'static str> {
    let mut columns = Vec::new();
    for name in names {
        let known = LEDGER_COLUMNS.into_iter().find(|column| *column == name.as_str());
        columns.extend(known.filter(|column| !columns.contains(column)));
    }
    columns
}

fn key(caller: &Caller) -> String {
    format!("ledger_taste.{}", caller.user)
}

/// What is kept; nothing if it cannot be read.
fn kept(reader: &Reader<'_>, caller: &Caller) -> Result<Kept, ServiceError> {
    let text = reader.setting(&key(caller))?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

//! Taking an import back within a day, as long as nobody has worked on its rows.

use super::check::notes_key;
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_diagnostics::{Diagnostic, Message};
use taizhang_store::{Change, Record, Values};
use taizhang_values::RecordId;

/// How long a batch can be taken back, in seconds.
const YOUNG_SECONDS: i64 = 24 * 3600;

impl Service {
    /// Removes what a batch made; the history keeps it.
    ///
    /// # Errors
    /// `Invalid` after 24 hours, or naming the rows that were changed since.
    pub fn take_back_import(
        &self,
        caller: &Caller,
        id: &RecordId,
        version: i64,
    ) -> Result<usize, ServiceError> {
        let batch = self.reachable(caller, "import_batch", id, Action::Update)?;
        if !self.is_young(&batch) {
            return Err(ServiceError::invalid(Diagnostic::error(
                "S0605",
                Message::new(
                    "只有导入后 24 小时内的批次可以撤回",
                    "a batch can be taken back for 24 hours only",
                ),
            )));
        }
        if self.is_register_batch(&batch) {
            return self.take_back_register(caller, &batch, version);
        }
        let notes = self.batch_notes(id)?;
        let act = self.act(caller, "import_batch.take_back", None);
        self.write_judged(&act, |writer| {
            let mut touched = Vec::new();
            // Last made first, so that what refers goes before what is referred to.
            for (ledger, made) in notes.made.iter().rev() {
                let Some(record) = writer.get(ledger, made)? else { continue };
                if record.version > 1 {
                    touched.push(fault(&record));
                } else {
                    writer.delete(ledger, made, record.version)?;
                }
            }
            if !touched.is_empty() {
                return Err(ServiceError::Invalid(touched));
            }
            let values = Values::from([("status".to_owned(), "taken_back".into())]);
            let change = Change { values, ..Change::default() };
            writer.update("import_batch", id, version, change)?;
            writer
                .set_setting(&notes_key(id), "{\"columns\":{},\"inspection\":null,\"made\":[]}")?;
            Ok(notes.made.len())
        })
    }

    /// True if the batch was confirmed less than a day ago.
    pub(super) fn is_young(&self, batch: &Record) -> bool {
        let age = batch
            .get("confirmed_at")
            .as_instant()
            .map(|at| self.now().as_second() - at.as_second());
        batch.text("status") == "confirmed" && age.is_some_and(|age| age < YOUNG_SECONDS)
    }
}

fn fault(record: &Record) -> Diagnostic {
    let number = record.text("number");
    Diagnostic::error(
        "S0606",
        Message::new(
            format!("`{number}`导入后已有人修改，不能整批撤回"),
            format!("`{number}` was changed since the import, the batch cannot be taken back"),
        ),
    )
    .help(Message::new("请逐条处理", "handle the rows one by one"))
}

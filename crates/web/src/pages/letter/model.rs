//! What the letter pages show.

use super::text::Part;
use crate::components::Choice;

/// A letter in the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct LetterLine {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) status: String,
    pub(crate) received_on: String,
}

/// The upload page.
#[derive(Clone, Debug, Default)]
pub(crate) struct UploadView {
    pub(crate) regions: Vec<Choice>,
    pub(crate) kinds: Vec<(String, String)>,
    pub(crate) levels: Vec<(String, String)>,
    pub(crate) letters: Vec<LetterLine>,
}

/// A row of the reading view.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowView {
    pub(crate) id: String,
    pub(crate) version: i64,
    /// Place in the list, from 1; links row and sentence.
    pub(crate) place: usize,
    pub(crate) span: Option<(usize, usize)>,
    /// False if it stands in another part and only reaches into this one.
    pub(crate) is_here: bool,
    pub(crate) number: String,
    pub(crate) category: String,
    pub(crate) subcategory: String,
    pub(crate) title: String,
    pub(crate) problem: String,
    pub(crate) measures: Vec<String>,
    pub(crate) lead_units: Vec<String>,
    pub(crate) units: Vec<String>,
    pub(crate) leaders: Vec<String>,
    pub(crate) persons: Vec<String>,
    pub(crate) deadline_raw: String,
    pub(crate) deadline_kind: String,
    pub(crate) deadline_on: String,
    pub(crate) is_included: bool,
}

/// A fault of the letter itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultLine {
    pub(crate) tone: &'static str,
    pub(crate) text: String,
    pub(crate) help: String,
    pub(crate) line: Option<usize>,
    /// Part in which the line stands, from 1.
    pub(crate) part: usize,
}

/// Start values of the confirm form.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConfirmValues {
    pub(crate) title: String,
    pub(crate) source_kind: String,
    pub(crate) source_level: String,
    pub(crate) source_body: String,
    pub(crate) doc_number: String,
    pub(crate) issued_on: String,
    pub(crate) received_on: String,
}

/// The reading view.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReadView {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) title: String,
    /// Text of the part that is shown.
    pub(crate) text: String,
    /// Where that part stands.
    pub(crate) part: Part,
    /// Its number, from 1, and how many there are.
    pub(crate) part_of: (usize, usize),
    /// Rows that stand in the part or reach into it.
    pub(crate) rows: Vec<RowView>,
    /// Rows of all parts.
    pub(crate) row_count: usize,
    pub(crate) included: usize,
    pub(crate) claimed: Option<i64>,
    pub(crate) faults: Vec<FaultLine>,
    /// Faults found, shown or not.
    pub(crate) fault_count: usize,
    pub(crate) may_edit: bool,
    pub(crate) inspection: Option<String>,
    pub(crate) confirm: ConfirmValues,
    pub(crate) kinds: Vec<(String, String)>,
    pub(crate) levels: Vec<(String, String)>,
    pub(crate) deadline_kinds: Vec<(String, String)>,
    /// Row whose form is open; `new` for a further row.
    pub(crate) editing: String,
}

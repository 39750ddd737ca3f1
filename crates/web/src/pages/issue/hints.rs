//! Who else has a finding open, and who changed it last: hints against working at cross purposes.

use crate::app::{AppState, Seen, Visit, moment};
use crate::frame::Frame;
use crate::text::write as w;
use taizhang_service::work::FindingPage;
use taizhang_values::RecordId;

/// Notes that the reader opened the finding; a sentence for each other who did a moment ago.
pub(super) fn others(
    state: &AppState,
    visit: &Visit,
    finding: &RecordId,
    is_editing: bool,
) -> Vec<String> {
    let who = Seen {
        user: visit.caller.user.clone(),
        name: visit.caller.name.clone(),
        at_second: state.service().now().as_second(),
        is_editing,
    };
    let now = who.at_second;
    let sentence = |seen: &Seen| {
        let text = if seen.is_editing { w::OTHER_EDITS } else { w::OTHER_READS };
        let minutes = (now - seen.at_second) / 60;
        let when = match minutes {
            0 => visit.frame.t(w::JUST_NOW).to_owned(),
            minutes => visit.frame.with(w::MINUTES_AGO, &[&minutes]),
        };
        visit.frame.with(text, &[&seen.name, &when])
    };
    state.note_reader(finding, who).iter().map(sentence).collect()
}

/// `最后修改：周雯，2026-11-20 08:05`.
pub(super) fn last_edit(frame: &Frame, page: &FindingPage) -> String {
    let by = page.finding.updated_by.as_ref().and_then(|id| page.names.get(id));
    match by {
        Some(name) => frame.with(w::LAST_EDIT, &[name, &moment(page.finding.updated_at)]),
        None => String::new(),
    }
}

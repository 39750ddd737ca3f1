//! Deadlines that move: extensions, and new deadlines after a return or reopening.

use crate::clock::days_between;
use crate::{Context, Situation};
use taizhang_codebook::StateKind;
use taizhang_diagnostics::{Diagnostic, Message, Place};
use taizhang_values::{Date, days_after};

/// Parameter with the greatest number of extensions of one record; no limit without it.
const EXTENSION_COUNT_PARAMETER: &str = "rect.extension_count_max";

/// What an extension request says, and what was decided before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extension {
    /// Why, in words.
    pub reason: String,
    /// The deadline asked for.
    pub new_deadline_on: Option<Date>,
    /// Extensions of the record that were granted before.
    pub granted_count: i64,
    /// Another request of the record is not decided yet.
    pub is_pending: bool,
}

/// Everything against an extension request. Empty if it may be recorded.
///
/// # Errors
/// `F0310` no reason, `F0311` no new deadline, `F0312` not after the one in force, `F0301` before
/// the letter, `F0313` in the past, `F0314` another request is pending, `F0315` too many, `F0316`
/// the record is not being worked on, `F0317` it has no deadline to extend.
#[must_use]
pub fn extension_refusals(
    context: &Context<'_>,
    situation: &Situation,
    extension: &Extension,
) -> Vec<Diagnostic> {
    let mut refusals = Vec::new();
    let is_open = context
        .state(&situation.state)
        .is_some_and(|state| matches!(state.kind, StateKind::Open | StateKind::LongTerm));
    if !is_open {
        refusals.push(refusal(
            "F0316",
            Message::new("只有整改中的问题可以申请延期", "only work in hand can be extended"),
        ));
    }
    if extension.reason.trim().is_empty() {
        let message = Message::new("申请延期要写明理由", "an extension needs a reason");
        refusals.push(refusal("F0310", message).at(field(context, "reason")));
    }
    if extension.is_pending {
        refusals.push(refusal(
            "F0314",
            Message::new("已有一份延期申请在等审批", "another request is waiting for a decision"),
        ));
    }
    let count_max = context.parameter(EXTENSION_COUNT_PARAMETER);
    if let Some(count_max) = count_max.filter(|max| extension.granted_count >= *max) {
        refusals.push(refusal(
            "F0315",
            Message::new(
                format!("已延期 {} 次，最多 {count_max} 次", extension.granted_count),
                format!("extended {} times, at most {count_max}", extension.granted_count),
            ),
        ));
    }
    refusals.extend(extension_date_refusals(context, situation, extension));
    refusals
}

fn extension_date_refusals(
    context: &Context<'_>,
    situation: &Situation,
    extension: &Extension,
) -> Vec<Diagnostic> {
    let mut refusals = Vec::new();
    let place = || field(context, "new_deadline_on");
    let Some(new) = extension.new_deadline_on else {
        let message = Message::new("没有填新的时限", "the new deadline is empty");
        return vec![refusal("F0311", message).at(place())];
    };
    match situation.deadline_on {
        Some(old) if new <= old => refusals.push(
            refusal(
                "F0312",
                Message::new(
                    format!("新时限 {new} 不晚于原时限 {old}"),
                    format!("the new deadline {new} is not after the one in force, {old}"),
                ),
            )
            .at(place()),
        ),
        Some(_) => {}
        None => refusals.push(refusal(
            "F0317",
            Message::new("本条没有时限，不用延期", "the record has no deadline to extend"),
        )),
    }
    if new < context.today() {
        refusals.push(in_past("F0313", new, context.today()).at(place()));
    }
    refusals
        .extend(deadline_before_issue(new, situation.issued_on).map(|refusal| refusal.at(place())));
    refusals
}

/// `F0301` if a deadline lies before the date of the letter, without a place.
#[must_use]
pub fn deadline_before_issue(deadline_on: Date, issued_on: Option<Date>) -> Option<Diagnostic> {
    let issued_on = issued_on.filter(|issued_on| deadline_on < *issued_on)?;
    Some(
        refusal(
            "F0301",
            Message::new(
                format!("时限 {deadline_on} 不能早于下发日期 {issued_on}"),
                format!("the deadline {deadline_on} is before the date of issue {issued_on}"),
            ),
        )
        .help(Message::new(
            format!("请填 {issued_on} 或以后的日期"),
            format!("enter {issued_on} or later"),
        )),
    )
}

/// Days from the letter to the first deadline; `None` if one of them is unknown.
#[must_use]
pub fn first_allowance_days(situation: &Situation) -> Option<i64> {
    let deadline_on = situation.original_deadline_on.or(situation.deadline_on)?;
    Some(days_between(situation.issued_on?, deadline_on).max(0))
}

/// The latest deadline that may be given on a return or reopening today: never more time than the
/// first time (domain §3.1). A deadline still ahead stays possible. `None` if there is no limit.
#[must_use]
pub fn latest_new_deadline(situation: &Situation, today: Date) -> Option<Date> {
    let by_allowance = days_after(today, first_allowance_days(situation)?);
    Some(situation.deadline_on.map_or(by_allowance, |deadline_on| deadline_on.max(by_allowance)))
}

/// Everything against a new deadline on a return or reopening.
///
/// # Errors
/// `F0302` missing although the record was closed and its deadline is over, `F0303` before today,
/// `F0304` more time than the first time, `F0301` before the letter.
#[must_use]
pub fn new_deadline_refusals(
    context: &Context<'_>,
    situation: &Situation,
    new_deadline_on: Option<Date>,
    is_reopening: bool,
) -> Vec<Diagnostic> {
    let today = context.today();
    let place = || field(context, "deadline_on");
    let latest = latest_new_deadline(situation, today);
    let Some(new) = new_deadline_on else {
        let is_over = situation.deadline_on.is_none_or(|deadline_on| deadline_on < today);
        if !(is_reopening && is_over && !situation.is_long_term) {
            return Vec::new();
        }
        let message = Message::new("重新整改要定新的时限", "reopening needs a new deadline");
        return vec![refusal("F0302", message).at(place()).help(not_after(latest))];
    };
    let mut refusals = Vec::new();
    if new < today {
        refusals.push(in_past("F0303", new, today).at(place()));
    }
    if latest.is_some_and(|latest| new > latest) {
        let message = Message::new(
            format!("新时限 {new} 比第一次给的时间长"),
            format!("the new deadline {new} gives more time than the first one"),
        );
        refusals.push(refusal("F0304", message).at(place()).help(not_after(latest)));
    }
    refusals
        .extend(deadline_before_issue(new, situation.issued_on).map(|refusal| refusal.at(place())));
    refusals
}

fn not_after(latest: Option<Date>) -> Message {
    match latest {
        Some(latest) => {
            Message::new(format!("最晚可定到 {latest}"), format!("{latest} at the latest"))
        }
        None => Message::new("请填新的时限", "enter a new deadline"),
    }
}

fn in_past(code: &str, new: Date, today: Date) -> Diagnostic {
    refusal(
        code,
        Message::new(
            format!("新时限 {new} 早于今天 {today}"),
            format!("the new deadline {new} is before today, {today}"),
        ),
    )
}

fn refusal(code: &str, message: Message) -> Diagnostic {
    Diagnostic::error(code, message)
}

fn field(context: &Context<'_>, field: &str) -> Place {
    Place::Field { ledger: context.flow.ledger.clone(), field: field.to_owned() }
}

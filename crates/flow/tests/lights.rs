//! Lights and their words.

use crate::fixture::date;
use taizhang_codebook::StateKind;
use taizhang_flow::{DayCount, Light};
use taizhang_values::WorkingCalendar;

#[test]
fn lights_say_how_a_row_stands_to_its_date() {
    // state, due, today, expected kind, words
    let cases = [
        (StateKind::Open, "2026-11-17", "overdue", "超期 3 天", "3 days overdue"),
        (StateKind::Open, "2026-11-19", "overdue", "超期 1 天", "1 day overdue"),
        (StateKind::Open, "2026-11-20", "near", "今天到期", "due today"),
        (StateKind::Open, "2026-11-21", "near", "剩 1 天", "1 day left"),
        (StateKind::Open, "2026-11-27", "near", "剩 7 天", "7 days left"),
        (StateKind::Open, "2026-11-28", "normal", "剩 8 天", "8 days left"),
        (StateKind::Waiting, "2026-11-17", "overdue", "超期 3 天", "3 days overdue"),
        (StateKind::Open, "", "normal", "未定时限", "no deadline"),
        (StateKind::LongTerm, "", "long_term", "长期坚持", "long-term"),
        (StateKind::LongTerm, "2027-06-30", "long_term", "长期坚持", "long-term"),
        (StateKind::LongTerm, "2026-11-25", "near", "剩 5 天", "5 days left"),
        (StateKind::LongTerm, "2026-11-01", "overdue", "超期 19 天", "19 days overdue"),
        (StateKind::Closed, "2026-11-01", "closed", "已销号", "closed"),
        (StateKind::Void, "2026-11-01", "void", "不存在", "does not apply"),
    ];
    for (kind, due, name, zh, en) in cases {
        let due = (!due.is_empty()).then(|| date(due));
        let light = Light::of(kind, due, date("2026-11-20"), 7, DayCount::Calendar);
        let words = light.words();
        let found = (light.kind.name(), words.zh.as_str(), words.en.as_str());
        assert_eq!(found, (name, zh, en), "{kind:?} {due:?}");
    }
}

#[test]
fn working_days_shorten_the_count_but_never_the_date() {
    let calendar = WorkingCalendar::default();
    // 2026-11-20 is a Friday
    let cases = [
        ("2026-11-23", "剩 1 天"),
        ("2026-11-27", "剩 5 天"),
        ("2026-11-21", "剩 1 天"),
        ("2026-11-20", "今天到期"),
        ("2026-11-13", "超期 5 天"),
    ];
    for (due, zh) in cases {
        let count = DayCount::Working(&calendar);
        let light = Light::of(StateKind::Open, Some(date(due)), date("2026-11-20"), 7, count);
        assert_eq!(light.words().zh, zh, "{due}");
    }
    let sunday = date("2026-11-22");
    let light = Light::of(
        StateKind::Open,
        Some(date("2026-11-21")),
        sunday,
        7,
        DayCount::Working(&calendar),
    );
    assert_eq!(light.words().zh, "超期 1 天");
}

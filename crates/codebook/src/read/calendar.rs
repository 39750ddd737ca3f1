//! Reads the holidays of a year.

use crate::faults::FaultKind;
use crate::model::CalendarDay;
use crate::section::Section;
use crate::source::At;
use std::collections::BTreeMap;
use taizhang_diagnostics::Message;
use taizhang_values::Date;

/// No holiday is longer; it catches a wrong month.
const HOLIDAY_DAYS_MAX: usize = 31;

pub(super) fn year(file_stem: &str, section: &Section<'_>) -> Vec<CalendarDay> {
    let year = section.required_integer("year");
    if year.to_string() != file_stem {
        super::name_not_file(section, "year", &year.to_string(), file_stem);
    }
    section.required_text("source");
    let mut days: BTreeMap<Date, CalendarDay> = BTreeMap::new();
    for holiday in section.items("holidays") {
        let name = holiday.required_text("name");
        let first = holiday.required_date("first");
        let last = holiday.date("last").or(first);
        let off = off_days(&holiday, first, last).into_iter().map(|(date, at)| (date, at, false));
        let worked = holiday.dates("working").into_iter().map(|(date, at)| (date, at, true));
        for (date, at, is_working) in off.chain(worked) {
            let day = CalendarDay { date, is_working, name: name.clone() };
            put(&holiday, &mut days, file_stem, at, day);
        }
        holiday.finish();
    }
    days.into_values().collect()
}

fn off_days(section: &Section<'_>, first: Option<Date>, last: Option<Date>) -> Vec<(Date, At)> {
    let (Some(first), Some(last)) = (first, last) else {
        return Vec::new();
    };
    let days: Vec<Date> = first
        .series(jiff::Span::new().days(1))
        .take_while(|day| *day <= last)
        .take(HOLIDAY_DAYS_MAX + 1)
        .collect();
    if days.is_empty() || days.len() > HOLIDAY_DAYS_MAX {
        fault(section, section.at_key("last"), "放假起止日期不对", "first and last day do not fit");
        return Vec::new();
    }
    let at = section.at_key("first");
    days.into_iter().map(|day| (day, at)).collect()
}

fn put(
    section: &Section<'_>,
    days: &mut BTreeMap<Date, CalendarDay>,
    year: &str,
    at: At,
    day: CalendarDay,
) {
    let date = day.date;
    if date.year().to_string() != year {
        fault(section, at, &format!("`{date}`不在本年"), &format!("`{date}` is in another year"));
    }
    if days.insert(date, day).is_some() {
        fault(section, at, &format!("`{date}`出现两次"), &format!("`{date}` stands twice"));
    }
}

fn fault(section: &Section<'_>, at: At, zh: &str, en: &str) {
    section.faults().add(FaultKind::BadHoliday, at, Message::new(zh, en), None);
}

//! The conditions of a ledger page in words, for those who read what was taken out by them.

use super::{FINDING, LedgerFilter, LedgerTab};
use crate::{Caller, Service, ServiceError};
use taizhang_diagnostics::{Language, Message};
use taizhang_values::{Date, RecordId};

impl LedgerTab {
    /// Name for people, in Chinese and English.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::All => ("全部", "All"),
            Self::Open => ("在办", "Open"),
            Self::Overdue => ("超期", "Late"),
            Self::Near => ("临期", "Due soon"),
            Self::Waiting => ("待审核", "Waiting"),
            Self::LongTerm => ("长期坚持", "Long term"),
            Self::Closed => ("已销号", "Closed"),
            Self::Void => ("不存在", "Not here"),
        }
    }
}

impl Service {
    /// The conditions of a filter, each as its name and its value; empty where it shows all. Order
    /// and paging are no conditions.
    ///
    /// # Errors
    /// Store errors only: what the caller may not see keeps its number.
    pub fn filter_words(
        &self,
        caller: &Caller,
        filter: &LedgerFilter,
        language: Language,
    ) -> Result<Vec<(String, String)>, ServiceError> {
        let said = |zh: &str, en: &str| Message::new(zh, en).text(language).to_owned();
        let mut words = Vec::new();
        if filter.tab != LedgerTab::All {
            let (zh, en) = filter.tab.words();
            words.push((said("分类", "Tab"), said(zh, en)));
        }
        if !filter.ids.is_empty() {
            let count = filter.ids.len();
            words.push((said("勾选", "Ticked"), said(&format!("{count} 条"), &count.to_string())));
        }
        words.extend(filter.text.clone().map(|text| (said("文字", "Text"), text)));
        let states = filter.states.iter().map(|state| self.state_named(state, language));
        words.extend(states.map(|state| (said("状态", "State"), state)));
        let codes = [
            ("category", &filter.category),
            ("topic", &filter.topic),
            ("source_kind", &filter.source_kind),
            ("source_level", &filter.source_level),
        ];
        for (field, value) in codes {
            words.extend(value.as_ref().map(|value| self.code_words(field, value, language)));
        }
        let records = [
            (("检查", "Inspection"), ("inspection", "title"), &filter.inspection),
            (("单位", "Unit"), ("unit", "name"), &filter.unit),
            (("责任人", "Person"), ("user", "name"), &filter.person),
            (("登记人", "Written by"), ("user", "name"), &filter.created_by),
            (("上级问题", "Parent"), (FINDING, "number"), &filter.parent),
        ];
        for ((zh, en), place, id) in records {
            let Some(id) = id else { continue };
            words.push((said(zh, en), self.name_in(caller, place, id)?));
        }
        if let Some(region) = &filter.region {
            words.push((said("属地", "Region"), self.region_name(region)?));
        }
        let due = span(filter.due_from, filter.due_to);
        words.extend(due.map(|days| (said("到期", "Due"), days)));
        let closed = span(filter.closed_from, filter.closed_to);
        words.extend(closed.map(|days| (said("销号", "Closed on"), days)));
        if filter.is_returned {
            words.push((said("退回过", "Returned"), said("是", "Yes")));
        }
        Ok(words)
    }

    fn state_named(&self, state: &str, language: Language) -> String {
        let flow = self.codebook().flows.get("rectification");
        let known = flow.and_then(|flow| flow.state(state));
        known.map_or_else(|| state.to_owned(), |known| known.label.text(language).to_owned())
    }

    /// A field's label and the word of its code; what has none stays as it was typed.
    fn code_words(&self, field: &str, value: &str, language: Language) -> (String, String) {
        let known = self.codebook().field(FINDING, field);
        let label = known.map_or(field, |known| known.label.text(language));
        let list = known.and_then(|known| known.codes.as_deref());
        let word = list.and_then(|list| self.codebook().code_label(list, value));
        let word = word.map_or_else(|| value.to_owned(), |word| word.text(language).to_owned());
        (label.to_owned(), word)
    }

    fn name_in(
        &self,
        caller: &Caller,
        (ledger, field): (&str, &str),
        id: &RecordId,
    ) -> Result<String, ServiceError> {
        match self.visible(caller, ledger, id) {
            Ok(record) => Ok(record.get(field).to_string()),
            Err(ServiceError::NotFound) => Ok(id.to_string()),
            Err(other) => Err(other),
        }
    }
}

/// Days from one to another, open where there is no end.
fn span(from: Option<Date>, to: Option<Date>) -> Option<String> {
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    (from.is_some() || to.is_some()).then(|| format!("{}—{}", day(from), day(to)))
}

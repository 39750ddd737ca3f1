//! The filter of the finding ledger, as it stands in an address.
//!
//! `LedgerFilter::parse(filter.pairs())` gives the filter back, whatever it holds, so that a link
//! in a chat opens the same view.

use taizhang_store::Cursor;
use taizhang_values::{Date, RecordId, RegionCode};

/// Tabs over the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LedgerTab {
    /// Everything.
    #[default]
    All,
    /// Everything that has not ended.
    Open,
    /// Running and past its date.
    Overdue,
    /// Running and due within the near days.
    Near,
    /// Waiting for somebody's judgement.
    Waiting,
    /// Goes on with stage goals.
    LongTerm,
    /// Closed.
    Closed,
    /// Does not exist here.
    Void,
}

impl LedgerTab {
    /// All tabs in their order.
    pub const ALL: [Self; 8] = [
        Self::All,
        Self::Open,
        Self::Overdue,
        Self::Near,
        Self::Waiting,
        Self::LongTerm,
        Self::Closed,
        Self::Void,
    ];

    /// Name in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Open => "open",
            Self::Overdue => "overdue",
            Self::Near => "near",
            Self::Waiting => "waiting",
            Self::LongTerm => "long_term",
            Self::Closed => "closed",
            Self::Void => "void",
        }
    }

    /// The tab of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.name() == name)
    }
}

/// Rows of a page unless the address says otherwise (`ui.md` §12).
pub const SIZE_DEFAULT: usize = 50;
/// Most ticked rows in an address.
const IDS_MAX: usize = 500;
/// Most rows of a page.
pub const SIZE_MAX: usize = 100;

/// Fields by which the ledger can be sorted.
pub const SORT_FIELDS: [&str; 8] = [
    "due_on",
    "deadline_on",
    "number",
    "created_at",
    "updated_at",
    "closed_on",
    "category",
    "state",
];

/// What the ledger shows, in which order, from where on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerFilter {
    /// Tab.
    pub tab: LedgerTab,
    /// These rows only, as they were ticked; all if empty.
    pub ids: Vec<RecordId>,
    /// Text in number, title, problem or search words.
    pub text: Option<String>,
    /// States by name; all if empty.
    pub states: Vec<String>,
    /// Category as written.
    pub category: Option<String>,
    /// Code of the topic.
    pub topic: Option<String>,
    /// Code of the kind of source.
    pub source_kind: Option<String>,
    /// Code of the level of the source.
    pub source_level: Option<String>,
    /// Inspection.
    pub inspection: Option<RecordId>,
    /// Lead or responsible unit.
    pub unit: Option<RecordId>,
    /// Leader or person.
    pub person: Option<RecordId>,
    /// Who made the row.
    pub created_by: Option<RecordId>,
    /// Parent.
    pub parent: Option<RecordId>,
    /// Region and everything below it.
    pub region: Option<RegionCode>,
    /// First due date.
    pub due_from: Option<Date>,
    /// Last due date.
    pub due_to: Option<Date>,
    /// First day of closing.
    pub closed_from: Option<Date>,
    /// Last day of closing.
    pub closed_to: Option<Date>,
    /// Only rows that came back at least once.
    pub is_returned: bool,
    /// Sort field, one of [`SORT_FIELDS`].
    pub sort: String,
    /// Greatest first.
    pub is_descending: bool,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// Rows of a page.
    pub size: usize,
}

impl Default for LedgerFilter {
    fn default() -> Self {
        Self {
            tab: LedgerTab::default(),
            ids: Vec::new(),
            text: None,
            states: Vec::new(),
            category: None,
            topic: None,
            source_kind: None,
            source_level: None,
            inspection: None,
            unit: None,
            person: None,
            created_by: None,
            parent: None,
            region: None,
            due_from: None,
            due_to: None,
            closed_from: None,
            closed_to: None,
            is_returned: false,
            sort: "due_on".to_owned(),
            is_descending: false,
            after: None,
            size: SIZE_DEFAULT,
        }
    }
}

impl LedgerFilter {
    /// Reads the pairs of an address. Unknown names and unreadable values are passed over, so that
    /// an old link still opens; `state` may come several times.
    ///
    /// # Example
    /// ```
    /// use taizhang_service::work::{LedgerFilter, LedgerTab};
    /// let filter = LedgerFilter::parse([("tab", "overdue"), ("text", "安全饮水"), ("size", "20")]);
    /// assert_eq!((filter.tab, filter.size), (LedgerTab::Overdue, 20));
    /// let text = "%E5%AE%89%E5%85%A8%E9%A5%AE%E6%B0%B4";
    /// assert_eq!(filter.query_string(), format!("tab=overdue&text={text}&size=20"));
    /// ```
    pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs {
            let value = value.trim();
            if !value.is_empty() {
                filter.take(name, value);
            }
        }
        filter
    }

    fn take(&mut self, name: &str, value: &str) {
        let text = || Some(value.to_owned());
        let date = || taizhang_values::parse_date(value);
        match name {
            "tab" => self.tab = LedgerTab::parse(value).unwrap_or_default(),
            "id" => self.ids.extend(RecordId::parse(value).filter(|_| self.ids.len() < IDS_MAX)),
            "text" => self.text = text(),
            "state" => self.states.push(value.to_owned()),
            "category" => self.category = text(),
            "topic" => self.topic = text(),
            "source_kind" => self.source_kind = text(),
            "source_level" => self.source_level = text(),
            "inspection" => self.inspection = RecordId::parse(value),
            "unit" => self.unit = RecordId::parse(value),
            "person" => self.person = RecordId::parse(value),
            "created_by" => self.created_by = RecordId::parse(value),
            "parent" => self.parent = RecordId::parse(value),
            "region" => self.region = RegionCode::parse(value),
            "due_from" => self.due_from = date(),
            "due_to" => self.due_to = date(),
            "closed_from" => self.closed_from = date(),
            "closed_to" => self.closed_to = date(),
            "returned" => self.is_returned = value == "1",
            "sort" => self.take_sort(value),
            "after" => self.after = Some(Cursor::from_text(value)),
            "size" => {
                self.size =
                    value.parse().map_or(SIZE_DEFAULT, |size: usize| size.clamp(1, SIZE_MAX));
            }
            _ => {}
        }
    }

    /// `due_on` or `-due_on`.
    fn take_sort(&mut self, value: &str) {
        let field = value.strip_prefix('-').unwrap_or(value);
        if SORT_FIELDS.contains(&field) {
            field.clone_into(&mut self.sort);
            self.is_descending = value.starts_with('-');
        }
    }

    /// The pairs of the address, in a fixed order, without what is at its default.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if self.tab != LedgerTab::default() {
            pairs.push(("tab", self.tab.name().to_owned()));
        }
        pairs.extend(self.ids.iter().map(|id| ("id", id.to_string())));
        pairs.extend(self.text.clone().map(|text| ("text", text)));
        pairs.extend(self.states.iter().map(|state| ("state", state.clone())));
        let texts = [
            ("category", &self.category),
            ("topic", &self.topic),
            ("source_kind", &self.source_kind),
            ("source_level", &self.source_level),
        ];
        pairs.extend(texts.into_iter().filter_map(|(name, text)| Some((name, text.clone()?))));
        let ids = [
            ("inspection", &self.inspection),
            ("unit", &self.unit),
            ("person", &self.person),
            ("created_by", &self.created_by),
            ("parent", &self.parent),
        ];
        pairs.extend(
            ids.into_iter().filter_map(|(name, id)| Some((name, id.as_ref()?.to_string()))),
        );
        pairs.extend(self.region.as_ref().map(|region| ("region", region.to_string())));
        let dates = [
            ("due_from", self.due_from),
            ("due_to", self.due_to),
            ("closed_from", self.closed_from),
            ("closed_to", self.closed_to),
        ];
        pairs.extend(dates.into_iter().filter_map(|(name, date)| Some((name, date?.to_string()))));
        if self.is_returned {
            pairs.push(("returned", "1".to_owned()));
        }
        if self.is_descending || self.sort != "due_on" {
            let sign = if self.is_descending { "-" } else { "" };
            pairs.push(("sort", format!("{sign}{}", self.sort)));
        }
        pairs.extend(self.after.as_ref().map(|after| ("after", after.as_str().to_owned())));
        if self.size != SIZE_DEFAULT {
            pairs.push(("size", self.size.to_string()));
        }
        pairs
    }

    /// The part of an address after `?`; empty for the default view.
    #[must_use]
    pub fn query_string(&self) -> String {
        let parts = self
            .pairs()
            .into_iter()
            .map(|(name, value)| format!("{name}={}", percent_encoded(&value)));
        parts.collect::<Vec<_>>().join("&")
    }

    /// The same view on another tab, from its beginning.
    #[must_use]
    pub fn on_tab(&self, tab: LedgerTab) -> Self {
        Self { tab, after: None, ..self.clone() }
    }

    /// The same view in another order, from its beginning; the same field again turns it round.
    #[must_use]
    pub fn sorted_by(&self, field: &str) -> Self {
        let mut filter = Self { after: None, ..self.clone() };
        let turns = filter.sort == field && !filter.is_descending;
        filter.take_sort(&format!("{}{field}", if turns { "-" } else { "" }));
        filter
    }

    /// The same view from a paging mark on.
    #[must_use]
    pub fn from_mark(&self, after: Option<Cursor>) -> Self {
        Self { after, ..self.clone() }
    }
}

/// Percent-encoding of everything but letters, digits and `-._~`, as addresses want it.
#[must_use]
pub fn percent_encoded(text: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs_of(filter: &LedgerFilter) -> LedgerFilter {
        let pairs = filter.pairs();
        LedgerFilter::parse(pairs.iter().map(|(name, value)| (*name, value.as_str())))
    }

    proptest! {
        #[test]
        fn address_gives_the_filter_back(
            tab in 0usize..8,
            text in "[ -~一-龥]{0,12}",
            states in prop::collection::vec("[a-z_]{1,9}", 0..3),
            unit in proptest::option::of(0u128..1 << 80),
            day in proptest::option::of(0i64..40_000),
            sort in 0usize..8,
            is_descending: bool,
            is_returned: bool,
            size in 1usize..=100,
        ) {
            let text = text.trim().to_owned();
            let day = day.map(|day| {
                jiff::civil::date(1990, 1, 1).saturating_add(jiff::Span::new().days(day))
            });
            let filter = LedgerFilter {
                tab: LedgerTab::ALL[tab],
                text: (!text.is_empty()).then_some(text),
                states,
                unit: unit.map(|random| RecordId::from_parts(7, random)),
                region: RegionCode::parse("990101102"),
                due_from: day,
                closed_to: day,
                sort: SORT_FIELDS[sort].to_owned(),
                is_descending,
                is_returned,
                size,
                ..LedgerFilter::default()
            };
            prop_assert_eq!(pairs_of(&filter), filter);
        }

        #[test]
        fn any_address_gives_some_filter(name in "[a-z_]{0,12}", value in ".{0,20}") {
            let filter = LedgerFilter::parse([(name.as_str(), value.as_str())]);
            prop_assert_eq!(pairs_of(&filter), filter);
        }
    }

    #[test]
    fn wrong_values_are_passed_over() {
        let filter = LedgerFilter::parse([
            ("tab", "nothing"),
            ("sort", "phone"),
            ("size", "9000"),
            ("unit", "../../etc"),
            ("due_from", "2026-02-30"),
        ]);
        let expected = LedgerFilter { size: SIZE_MAX, ..LedgerFilter::default() };
        assert_eq!(filter, expected);
    }
}

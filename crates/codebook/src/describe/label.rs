//! Labels by language. An unknown name stands for itself, so that a page never shows a blank.

use crate::model::{
    Code, CodeList, Codebook, Field, FieldType, Ledger, Parameter, ParameterValue, State,
};
use taizhang_diagnostics::{Language, Message};
use taizhang_values::{Date, Money, Value, month_text};

/// Names for people of the columns that the store gives to every table.
const BUILT_IN_LABELS: [(&str, &str, &str); 9] = [
    ("id", "内部编号", "Id"),
    ("region", "区划", "Region"),
    ("state", "环节", "State"),
    ("version", "版本", "Version"),
    ("flow_edition", "流程版本", "Edition of the flow"),
    ("created_at", "建立时间", "Created at"),
    ("created_by", "建立人", "Created by"),
    ("updated_at", "更新时间", "Updated at"),
    ("updated_by", "更新人", "Updated by"),
];

impl Codebook {
    /// Name of a ledger.
    #[must_use]
    pub fn ledger_label<'a>(&'a self, ledger: &'a str, language: Language) -> &'a str {
        self.ledger(ledger).map_or(ledger, |found| found.label.text(language))
    }

    /// Name of a field or of a built-in column.
    ///
    /// # Example
    /// ```
    /// use taizhang_codebook::Codebook;
    /// use taizhang_diagnostics::Language;
    /// let codebook = Codebook::embedded("rural").unwrap();
    /// assert_eq!(codebook.field_label("finding", "deadline_on", Language::Zh), "整改时限");
    /// assert_eq!(codebook.field_label("finding", "state", Language::En), "State");
    /// ```
    #[must_use]
    pub fn field_label<'a>(&'a self, ledger: &str, field: &'a str, language: Language) -> &'a str {
        if let Some(found) = self.field(ledger, field) {
            return found.label.text(language);
        }
        let built_in = BUILT_IN_LABELS.iter().find(|(name, _, _)| *name == field);
        match (built_in, language) {
            (Some((_, zh, _)), Language::Zh) => zh,
            (Some((_, _, en)), Language::En) => en,
            (None, _) => field,
        }
    }

    /// Word of a code.
    #[must_use]
    pub fn code_text<'a>(&'a self, list: &str, code: &'a str, language: Language) -> &'a str {
        self.code_label(list, code).map_or(code, |label| label.text(language))
    }

    /// A state of the flow of a ledger.
    #[must_use]
    pub fn state(&self, ledger: &str, state: &str) -> Option<&State> {
        let flow = self.ledger(ledger)?.flow.as_ref()?;
        self.flows.get(flow)?.state(state)
    }

    /// Word of a state of the flow of a ledger.
    #[must_use]
    pub fn state_label<'a>(&'a self, ledger: &str, state: &'a str, language: Language) -> &'a str {
        self.state(ledger, state).map_or(state, |found| found.label.text(language))
    }

    /// Name of a role.
    #[must_use]
    pub fn role_label<'a>(&'a self, role: &'a str, language: Language) -> &'a str {
        self.roles.get(role).map_or(role, |found| found.label.text(language))
    }

    /// Word of an audit verb such as `finding.accept`: the step's word, or the verb itself.
    #[must_use]
    pub fn step_label<'a>(&'a self, ledger: &str, step: &'a str, language: Language) -> &'a str {
        let flow = self.ledger(ledger).and_then(|found| found.flow.as_ref());
        let flow = flow.and_then(|name| self.flows.get(name));
        flow.and_then(|flow| flow.step(step)).map_or(step, |found| found.label.text(language))
    }

    /// A value of a field in words: codes by their labels, yes and no, per cents with their sign.
    /// References stay ids: only the store knows their names.
    ///
    /// # Example
    /// ```
    /// use taizhang_codebook::Codebook;
    /// use taizhang_diagnostics::Language;
    /// let codebook = Codebook::embedded("rural").unwrap();
    /// let text = |field, value| codebook.value_text("finding", field, &value, Language::En);
    /// assert_eq!(text("source_kind", "audit".into()), "Audit");
    /// assert_eq!(text("percent", 80.into()), "80%");
    /// assert_eq!(text("state", "working".into()), "Working");
    /// let leaders = vec!["甲".to_owned(), "乙".to_owned()].into();
    /// assert_eq!(text("responsible_leaders", leaders), "甲, 乙");
    /// ```
    #[must_use]
    pub fn value_text(
        &self,
        ledger: &str,
        field: &str,
        value: &Value,
        language: Language,
    ) -> String {
        let text = value.to_string();
        if field == "state" {
            return self.state_label(ledger, &text, language).to_owned();
        }
        let Some(definition) = self.field(ledger, field) else {
            return text;
        };
        match (definition.field_type, &definition.codes, value) {
            (FieldType::Code, Some(list), Value::Text(code)) => {
                self.code_text(list, code, language).to_owned()
            }
            (FieldType::Codes, Some(list), Value::List(codes)) => codes
                .iter()
                .map(|code| self.code_text(list, code, language))
                .collect::<Vec<_>>()
                .join(list_mark(language)),
            (_, _, Value::List(items)) => items.join(list_mark(language)),
            (FieldType::Percent, _, Value::Integer(_)) => format!("{text}%"),
            (FieldType::Month, _, Value::Date(date)) => month_text(*date),
            (_, _, Value::Boolean(truth)) => yes_or_no(*truth, language).to_owned(),
            _ => text,
        }
    }
}

/// What stands between the items of a list.
#[must_use]
pub const fn list_mark(language: Language) -> &'static str {
    match language {
        Language::Zh => "、",
        Language::En => ", ",
    }
}

fn yes_or_no(truth: bool, language: Language) -> &'static str {
    match (truth, language) {
        (true, Language::Zh) => "是",
        (false, Language::Zh) => "否",
        (true, Language::En) => "yes",
        (false, Language::En) => "no",
    }
}

impl Ledger {
    /// The fields of a form on a day, in the order of the definition: those in force.
    pub fn form_fields(&self, on: Date) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(move |field| field.is_in_force(on))
    }
}

impl Field {
    /// True if the field is filled on this day.
    #[must_use]
    pub fn is_in_force(&self, on: Date) -> bool {
        self.since.is_none_or(|since| since <= on) && self.until.is_none_or(|until| on <= until)
    }

    /// True if a column of a workbook with this head is meant: name, label or synonym.
    #[must_use]
    pub fn is_called(&self, head: &str) -> bool {
        let head = head.trim();
        self.name == head
            || self.label.zh == head
            || self.label.en.eq_ignore_ascii_case(head)
            || self.synonyms.iter().any(|synonym| synonym == head)
    }
}

impl CodeList {
    /// The codes that may be chosen on a day, in order.
    pub fn in_force(&self, on: Date) -> impl Iterator<Item = &Code> {
        self.codes.iter().filter(move |code| {
            code.since.is_none_or(|since| since <= on) && code.until.is_none_or(|until| on <= until)
        })
    }
}

impl Parameter {
    /// A value with its unit, such as `10 个工作日`; amounts in yuan.
    #[must_use]
    pub fn value_text(&self, value: &ParameterValue, language: Language) -> String {
        let unit = unit_label(&self.unit);
        let number = match self.unit.as_str() {
            "fen" => Money::from_fen(value.value).to_string(),
            _ => value.value.to_string(),
        };
        match language {
            Language::Zh => format!("{number}{}", unit.zh),
            Language::En if value.value == 1 => {
                format!("{number} {}", unit.en.trim_end_matches('s'))
            }
            Language::En => format!("{number} {}", unit.en),
        }
    }
}

fn unit_label(unit: &str) -> Message {
    match unit {
        "day" => Message::new("天", "days"),
        "working_day" => Message::new("个工作日", "working days"),
        "month" => Message::new("个月", "months"),
        "fen" => Message::new("元", "yuan"),
        "percent" => Message::new("%", "per cent"),
        _ => Message::default(),
    }
}

impl FieldType {
    /// The word of the type in files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::LongText => "long_text",
            Self::Integer => "integer",
            Self::Percent => "percent",
            Self::Money => "money",
            Self::Decimal => "decimal",
            Self::Date => "date",
            Self::Month => "month",
            Self::Instant => "instant",
            Self::Boolean => "boolean",
            Self::Code => "code",
            Self::Codes => "codes",
            Self::Texts => "texts",
            Self::Reference => "reference",
            Self::Region => "region",
        }
    }
}

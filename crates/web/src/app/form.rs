//! Values of a form: names may come several times.

use super::{Answer, Visit, WebError};
use crate::components::{Errors, Field};
use crate::frame::Frame;
use crate::text::{Text, common};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::Markup;
use taizhang_diagnostics::{Diagnostic, Language, Place};
use taizhang_service::ServiceError;
use taizhang_values::{Date, Decimal, RecordId, fold_width, parse_date, parse_month};

/// The pairs of a form in the order of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormValues(pub Vec<(String, String)>);

impl FormValues {
    /// The first value of a name without spaces around it; empty if absent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// All values of a name that are not blank.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0
            .iter()
            .filter(|(known, value)| known == name && !value.trim().is_empty())
            .map(|(_, value)| value.trim().to_owned())
            .collect()
    }

    /// True if the form has the name with any value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// The lines of a long text, without blank ones.
    #[must_use]
    pub fn lines(&self, name: &str) -> Vec<String> {
        self.get(name)
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// A field of a page's form with what was typed into it.
    #[must_use]
    pub(crate) fn field<'a>(
        &'a self,
        frame: &'a Frame,
        name: &'static str,
        label: Text,
        is_required: bool,
    ) -> Field<'a> {
        Field {
            name,
            label: frame.t(label),
            value: self.get(name),
            is_required,
            ..Field::default()
        }
    }

    /// The value, `None` when blank.
    #[must_use]
    pub fn some(&self, name: &str) -> Option<String> {
        let value = self.get(name);
        (!value.is_empty()).then(|| value.to_owned())
    }
}

impl FormValues {
    /// Reads a urlencoded body. Broken escapes stay as they are.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        });
        Self(pairs.collect())
    }

    /// A date as staff type it: `Ok(None)` when blank, the field's fault when unreadable.
    ///
    /// # Errors
    /// `P0001` at the field.
    pub fn date(&self, name: &str) -> Result<Option<Date>, ServiceError> {
        let text = self.get(name);
        if text.is_empty() {
            return Ok(None);
        }
        let (zh, en) = ("日期看不懂，请写成 2026-11-20", "not a date, write it as 2026-11-20");
        let fault = || ServiceError::field("", name, "P0001", zh, en);
        parse_date(text).map(Some).ok_or_else(fault)
    }

    /// A month as staff type it: its first day, `Ok(None)` when blank.
    ///
    /// # Errors
    /// `P0003` at the field.
    pub fn month(&self, name: &str) -> Result<Option<Date>, ServiceError> {
        let text = self.get(name);
        if text.is_empty() {
            return Ok(None);
        }
        let (zh, en) = ("月份看不懂，请写成 2026-11", "not a month, write it as 2026-11");
        let fault = || ServiceError::field("", name, "P0003", zh, en);
        parse_month(text).map(Some).ok_or_else(fault)
    }

    /// A number with at most four decimals: `Ok(None)` when blank.
    ///
    /// # Errors
    /// `P0004` at the field.
    pub fn decimal(&self, name: &str) -> Result<Option<Decimal>, ServiceError> {
        let text = self.get(name);
        if text.is_empty() {
            return Ok(None);
        }
        let (zh, en) = ("请填数字，最多四位小数", "not a number of at most four decimals");
        let fault = || ServiceError::field("", name, "P0004", zh, en);
        Decimal::parse(text).map(Some).ok_or_else(fault)
    }

    /// A whole number: `Ok(None)` when blank, the field's fault when unreadable.
    ///
    /// # Errors
    /// `P0002` at the field.
    pub fn number(&self, name: &str) -> Result<Option<i64>, ServiceError> {
        let text = fold_width(self.get(name));
        let text = text.trim_end_matches('%').trim();
        if text.is_empty() {
            return Ok(None);
        }
        let (zh, en) = ("请填整数", "not a whole number");
        let fault = |_| ServiceError::field("", name, "P0002", zh, en);
        text.parse().map(Some).map_err(fault)
    }

    /// A record's id, `None` when blank or none.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<RecordId> {
        RecordId::parse(self.get(name))
    }

    /// All ids of a name.
    #[must_use]
    pub fn ids(&self, name: &str) -> Vec<RecordId> {
        self.all(name).iter().filter_map(|text| RecordId::parse(text)).collect()
    }

    /// The version that the form was made from; 0 if it says none.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.get("version").parse().unwrap_or(0)
    }

    /// True if a box is ticked.
    #[must_use]
    pub fn is_ticked(&self, name: &str) -> bool {
        self.get(name) == "yes"
    }
}

/// `+` and `%xx` undone.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let value = digit(ahead.next())
                    .zip(digit(ahead.next()))
                    .and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
                match value {
                    Some(value) => {
                        bytes.push(value);
                        rest = ahead;
                    }
                    None => bytes.push(byte),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The faults of a refused form by field. What has no field belongs to the form as a whole.
pub(crate) fn form_errors(faults: &[Diagnostic], language: Language) -> Errors {
    let one = |fault: &Diagnostic| {
        let field = match &fault.place {
            Place::Field { field, .. } => field.clone(),
            _ => String::new(),
        };
        let mut text = fault.message.text(language).to_owned();
        if let Some(help) = &fault.help {
            text.push_str(common::CLAUSES.at(language));
            text.push_str(help.text(language));
        }
        (field, super::sentence(&text, language))
    };
    Errors(faults.iter().map(one).collect())
}

/// What a form came to: what was done, or what stands against it at its fields. What is no fault of
/// the form is not answered by it.
pub(crate) fn form_outcome<T>(
    result: Result<T, WebError>,
    language: Language,
) -> Result<Result<T, Errors>, WebError> {
    match result {
        Ok(done) => Ok(Ok(done)),
        Err(WebError::Service(ServiceError::Invalid(faults))) => {
            Ok(Err(form_errors(&faults, language)))
        }
        Err(other) => Err(other),
    }
}

/// Answers a form: `done` says where what was written is to be seen, `refused` makes the page again
/// with what was typed and what is wrong with it.
///
/// # Errors
/// What is no fault of the form, and what making the page again met.
pub(crate) async fn form_answer<T>(
    visit: &Visit,
    result: Result<T, WebError>,
    done: impl FnOnce(T) -> Response,
    refused: impl AsyncFnOnce(Errors) -> Result<Markup, WebError>,
) -> Answer {
    match form_outcome(result, visit.frame.language)? {
        Ok(value) => Ok(done(value)),
        Err(errors) => Ok(refused_form(refused(errors).await?)),
    }
}

/// The page with a refused form: what was typed, and what is wrong with it.
pub(crate) fn refused_form(page: Markup) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// True if an address in a form is one of this site. Browsers drop tabs and line ends and read `\`
/// as `/`: with either, `/` and `/evil` would be another site.
pub(crate) fn is_mine(address: &str) -> bool {
    let is_odd = |character: char| character == '\\' || character.is_control();
    address.starts_with('/') && !address.starts_with("//") && !address.contains(is_odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_other_sites_are_not_ours() {
        for own in ["/", "/issues?text=%E6%B0%B4#list", "/a//b"] {
            assert!(is_mine(own), "{own}");
        }
        for other in ["", "issues", "https://e.example", "//e.example", "/\\e", "/\t/e", "/\n/e"] {
            assert!(!is_mine(other), "{other:?}");
        }
    }

    #[test]
    fn forms_are_read_with_repeated_names_and_broken_escapes() {
        let form = FormValues::parse("a=1&b=%E6%B0%B4+%25&a=2&c=%zz&d".as_bytes());
        assert_eq!(form.all("a"), ["1", "2"]);
        for (name, value) in [("b", "水 %"), ("c", "%zz"), ("d", ""), ("e", "")] {
            assert_eq!(form.get(name), value, "{name}");
        }
    }

    #[test]
    fn numbers_and_dates_are_taken_as_staff_type_them() {
        let form = FormValues::parse("n=８０%25&d=2026年11月20日&m=202611&a=3.25&bad=x".as_bytes());
        assert_eq!(form.number("n").unwrap(), Some(80));
        assert_eq!(
            form.date("d").unwrap().map(|date| date.to_string()).as_deref(),
            Some("2026-11-20")
        );
        assert_eq!(form.month("m").unwrap(), Some("2026-11-01".parse().unwrap()));
        assert_eq!(form.decimal("a").unwrap(), Decimal::parse("3.25"));
        assert!(form.number("bad").is_err() && form.date("bad").is_err());
        assert!(form.month("bad").is_err() && form.decimal("bad").is_err());
        assert!(form.date("missing").unwrap().is_none());
    }
}

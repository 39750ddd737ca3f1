//! Reads parameters.

use crate::faults::FaultKind;
use crate::model::{Parameter, ParameterValue};
use crate::section::Section;
use taizhang_diagnostics::Message;
use taizhang_values::RegionCode;

/// Units of parameters.
const UNITS: [&str; 6] = ["day", "working_day", "month", "fen", "percent", "count"];

pub(super) fn parameter(name: &str, section: &Section<'_>) -> Parameter {
    for part in name.split('.') {
        crate::names::check_name(section.faults(), part, section.at());
    }
    let units = UNITS.map(|unit| (unit, unit));
    Parameter {
        name: name.to_owned(),
        label: section.message("label"),
        unit: section.required_choice("unit", &units).unwrap_or_default().to_owned(),
        values: section.items("values").iter().filter_map(value).collect(),
    }
}

fn value(section: &Section<'_>) -> Option<ParameterValue> {
    let since = section.required_date("since");
    let region = section.text("region").and_then(|code| region(section, &code));
    let value = section.required_integer("value");
    let source = section.text_or_message("source");
    section.finish();
    Some(ParameterValue { since: since?, region, value, source })
}

fn region(section: &Section<'_>, code: &str) -> Option<RegionCode> {
    let region = RegionCode::parse(code);
    if region.is_none() {
        let message =
            Message::new(format!("`{code}`不是区划代码"), format!("`{code}` is not a region code"));
        let help = Message::new(
            "区划代码是 2、4、6、9、12 或 14 位数字",
            "a region code has 2, 4, 6, 9, 12 or 14 digits",
        );
        let at = section.at_key("region");
        section.faults().add(FaultKind::BadRegionCode, at, message, Some(help));
    }
    region
}

//! Parameters: some value, in order, one a day and place.

use super::Checker;
use crate::faults::FaultKind;
use crate::model::Parameter;
use std::collections::{BTreeMap, BTreeSet};
use taizhang_diagnostics::Message;
use taizhang_values::Date;

pub(super) fn check(checker: &Checker<'_>, parameter: &Parameter) {
    let path = ["parameters", parameter.name.as_str()];
    if parameter.values.is_empty() {
        checker.nothing_inside(&path, "值 values", "values in `values`");
    }
    let mut seen: BTreeSet<(Option<&str>, Date)> = BTreeSet::new();
    let mut latest: BTreeMap<Option<&str>, Date> = BTreeMap::new();
    for (position, value) in parameter.values.iter().enumerate() {
        let position = position.to_string();
        let below = [path.as_slice(), &["values", position.as_str(), "since"]].concat();
        let region = value.region.as_ref().map(taizhang_values::RegionCode::as_str);
        let since = value.since;
        if !seen.insert((region, since)) {
            checker.fault_with_help(
                FaultKind::ValueTwice,
                &below,
                Message::new(
                    format!("`{}`在`{since}`有两个值", parameter.name),
                    format!("`{}` has two values from `{since}`", parameter.name),
                ),
                Message::new(
                    "已生效的值不改，另加一个起始日更晚的值",
                    "a value once in force is never edited; add one with a later first day",
                ),
            );
        } else if let Some(before) = latest.get(&region).filter(|before| **before > since) {
            checker.fault(
                FaultKind::ValuesUnordered,
                &below,
                format!("`{since}`排在`{before}`之后"),
                format!("`{since}` stands after `{before}`"),
            );
        }
        latest.entry(region).and_modify(|day| *day = since.max(*day)).or_insert(since);
    }
}

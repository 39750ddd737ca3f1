//! Where a household lives and what it lives on, in a few lines: what is as it should be is folded.

use super::household::HouseholdView;
use super::record_words::{field_label, shown_value};
use crate::components::tag;
use crate::frame::Frame;
use crate::text::{Text, common, household as t};
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_service::Service;
use taizhang_store::Record;

/// A line of the card: its words, and the fields that stand in it. Of a field with a place for its
/// value in words, that is written; of the others the value alone.
type Line = (Text, &'static [(&'static str, Option<Text>)]);

/// The house itself.
const HOUSE: Line = (
    t::LIVE_HOUSE,
    &[
        ("house_structure", None),
        ("house_area", Some(t::LIVE_AREA)),
        ("house_built_year", Some(t::LIVE_BUILT)),
        ("house_damaged_on", Some(t::LIVE_DAMAGED)),
        ("house_damage_note", None),
    ],
);

/// What the household lives on.
const MEANS: [Line; 3] = [
    (t::LIVE_LAND, &[("farmland_mu", Some(t::LIVE_FARMLAND)), ("forest_mu", Some(t::LIVE_FOREST))]),
    (
        t::LIVE_REGISTERED,
        &[("registered_on", None), ("lifted_year", Some(t::LIVE_LIFTED)), ("main_cause", None)],
    ),
    (t::LIVE_ADDRESS, &[("address", None)]),
];

/// Lines of the newest row of another ledger: its day, and the line.
const NEWEST: [(&str, &str, Line); 2] = [
    (
        "house_appraisal",
        "appraised_on",
        (t::LIVE_APPRAISAL, &[("grade", None), ("appraised_on", None), ("body", None)]),
    ),
    ("water_supply", "checked_on", (t::LIVE_WATER, &[("supply_kind", None)])),
];

/// Statements, and what they say of a household that lacks nothing.
const STATEMENTS: [(&str, &str, bool); 11] = [
    ("household", "unsafe_house", false),
    ("household", "is_house_inhabited", true),
    ("household", "safe_water", true),
    ("water_supply", "water_flows", true),
    ("water_supply", "quality_ok", true),
    ("household", "sanitary_toilet", true),
    ("household", "has_power", true),
    ("household", "entry_road_hardened", true),
    ("household", "has_school_dropout", false),
    ("household", "has_uninsured_member", false),
    ("household", "no_labour_safety_net", false),
];

/// House, water and support: one line a matter, what is amiss in red, the rest folded.
pub(crate) fn living(service: &Service, frame: &Frame, household: &HouseholdView) -> Markup {
    let own = &household.page.household;
    let beside = NEWEST
        .iter()
        .filter_map(|(ledger, day, line)| Some((newest(household, ledger, day)?, *line)));
    let means = MEANS.iter().map(|line| (own, *line));
    let lines: Vec<(&str, String)> = [(own, HOUSE)]
        .into_iter()
        .chain(beside)
        .chain(means)
        .map(|(record, line)| (frame.t(line.0), line_words(service, frame, record, line)))
        .filter(|(_, words)| !words.is_empty())
        .collect();
    let statements = statements(service, frame, household);
    let (fine, amiss): (Vec<_>, Vec<_>) = statements.into_iter().partition(|one| one.is_fine);
    html! {
        @if lines.is_empty() && fine.is_empty() && amiss.is_empty() {
            p.muted { (frame.t(t::LIVING_NONE)) }
        }
        @if !amiss.is_empty() {
            p.row {
                @for one in &amiss {
                    (tag("r", &frame.with(t::SAYS, &[&one.label, &one.value])))
                }
            }
        }
        dl.kv { @for (label, words) in &lines { dt { (label) } dd { (words) } } }
        @if !fine.is_empty() {
            details open[household.is_print] {
                summary { (frame.with(t::LIVE_FINE, &[&fine.len()])) }
                dl.kv { @for one in &fine { dt { (one.label) } dd { (one.value) } } }
            }
        }
    }
}

fn newest<'a>(household: &'a HouseholdView, ledger: &str, day: &str) -> Option<&'a Record> {
    household.rows(ledger).iter().max_by_key(|row| row.get(day).as_date())
}

fn line_words(service: &Service, frame: &Frame, record: &Record, line: Line) -> String {
    let (_, fields) = line;
    let words = fields.iter().filter_map(|(name, place)| {
        let field = service.codebook().field(&record.ledger, name)?;
        let value = record.get(name);
        let value = shown_value(service, frame, field, &record.ledger, value, &BTreeMap::new());
        let words = place.map_or(value.clone(), |place| frame.with(place, &[&value]));
        (!value.is_empty()).then_some(words)
    });
    words.collect::<Vec<_>>().join(" · ")
}

/// A statement of the household in words.
struct Statement {
    label: String,
    value: String,
    is_fine: bool,
}

fn statements(service: &Service, frame: &Frame, household: &HouseholdView) -> Vec<Statement> {
    let said = STATEMENTS.iter().filter_map(|(ledger, field, good)| {
        let record = match *ledger {
            "water_supply" => newest(household, ledger, "checked_on")?,
            _ => &household.page.household,
        };
        let is_true = record.get(field).as_boolean()?;
        let value = frame.t(if is_true { common::YES } else { common::NO }).to_owned();
        let label = field_label(service.codebook(), frame, ledger, field);
        Some(Statement { label, value, is_fine: is_true == *good })
    });
    said.collect()
}

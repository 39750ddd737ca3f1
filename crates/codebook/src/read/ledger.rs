//! Reads ledgers, fields and relations.

use super::own_name;
use crate::faults::FaultKind;
use crate::model::{
    EditMode, Field, FieldType, Ledger, Relation, RelationKind, SensitiveClass, SnapshotPart,
    TextHolds,
};
use crate::names::check_name;
use crate::section::{Section, Words};
use taizhang_diagnostics::Message;
use taizhang_values::RegionLevel;

/// Levels of the region tree by their words.
pub(crate) const REGION_LEVELS: &Words<RegionLevel> = &[
    ("country", RegionLevel::Country),
    ("province", RegionLevel::Province),
    ("prefecture", RegionLevel::Prefecture),
    ("county", RegionLevel::County),
    ("township", RegionLevel::Township),
    ("village", RegionLevel::Village),
    ("group", RegionLevel::Group),
];

const EDIT_MODES: &Words<EditMode> =
    &[("direct", EditMode::Direct), ("propose", EditMode::Propose)];

const FIELD_TYPES: &Words<FieldType> = &[
    (FieldType::Text.word(), FieldType::Text),
    (FieldType::LongText.word(), FieldType::LongText),
    (FieldType::Integer.word(), FieldType::Integer),
    (FieldType::Percent.word(), FieldType::Percent),
    (FieldType::Money.word(), FieldType::Money),
    (FieldType::Decimal.word(), FieldType::Decimal),
    (FieldType::Date.word(), FieldType::Date),
    (FieldType::Month.word(), FieldType::Month),
    (FieldType::Instant.word(), FieldType::Instant),
    (FieldType::Boolean.word(), FieldType::Boolean),
    (FieldType::Code.word(), FieldType::Code),
    (FieldType::Codes.word(), FieldType::Codes),
    (FieldType::Texts.word(), FieldType::Texts),
    (FieldType::Reference.word(), FieldType::Reference),
    (FieldType::Region.word(), FieldType::Region),
];

/// True for the word of a level of the region tree.
pub(crate) fn is_region_level(word: &str) -> bool {
    REGION_LEVELS.iter().any(|(known, _)| *known == word)
}

/// Words of the levels of the region tree.
pub(crate) fn region_level_words() -> impl Iterator<Item = &'static str> {
    REGION_LEVELS.iter().map(|(word, _)| *word)
}

/// True for the word of a field type.
pub(crate) fn is_field_type(word: &str) -> bool {
    FIELD_TYPES.iter().any(|(known, _)| *known == word)
}

const SENSITIVE_CLASSES: &Words<SensitiveClass> = &[
    (SensitiveClass::Identity.word(), SensitiveClass::Identity),
    (SensitiveClass::Phone.word(), SensitiveClass::Phone),
    (SensitiveClass::Bank.word(), SensitiveClass::Bank),
    (SensitiveClass::Health.word(), SensitiveClass::Health),
    (SensitiveClass::Income.word(), SensitiveClass::Income),
    (SensitiveClass::Name.word(), SensitiveClass::Name),
    (SensitiveClass::Reporter.word(), SensitiveClass::Reporter),
];

const TEXT_HOLDS: &Words<TextHolds> = &[
    (TextHolds::Name.word(), TextHolds::Name),
    (TextHolds::Private.word(), TextHolds::Private),
    (TextHolds::Official.word(), TextHolds::Official),
];

const SNAPSHOT_PARTS: &Words<SnapshotPart> = &[
    ("whole", SnapshotPart::Whole),
    ("bare", SnapshotPart::Bare),
    ("nothing", SnapshotPart::Nothing),
];

pub(super) fn ledger(name: &str, section: &Section<'_>) -> Ledger {
    Ledger {
        name: own_name(section, name),
        label: section.message("label"),
        home: section.choice("home", REGION_LEVELS),
        edit: section.choice("edit", EDIT_MODES).unwrap_or_default(),
        purpose: section.message("purpose"),
        flow: section.text("flow"),
        title_field: section.text("title_field"),
        nest: section.text("nest"),
        snapshot: section.choice("snapshot", SNAPSHOT_PARTS).unwrap_or_default(),
        fields: section.sections("fields").into_iter().map(|(name, s)| field(name, &s)).collect(),
        relations: section
            .sections("relations")
            .into_iter()
            .filter_map(|(name, section)| relation(name, &section))
            .collect(),
    }
}

fn field(name: &str, section: &Section<'_>) -> Field {
    check_name(section.faults(), name, section.at());
    let field = Field {
        name: name.to_owned(),
        label: section.message("label"),
        field_type: section.required_choice("type", FIELD_TYPES).unwrap_or(FieldType::Text),
        codes: section.text("codes"),
        ledger: section.text("ledger"),
        is_required: section.boolean("required"),
        is_unique: section.boolean("unique"),
        is_indexed: section.boolean("indexed"),
        is_searched: section.boolean("searched"),
        former: section.text("former"),
        sensitive: section.choice("sensitive", SENSITIVE_CLASSES),
        holds: section.choice("holds", TEXT_HOLDS),
        since: section.date("since"),
        until: section.date("until"),
        length_max: length_max(section),
        minimum: section.integer("minimum"),
        maximum: section.integer("maximum"),
        synonyms: section.texts("synonyms"),
        hint: section.optional_message("hint"),
    };
    section.finish();
    field
}

fn length_max(section: &Section<'_>) -> Option<usize> {
    let length = section.integer("length_max")?;
    let fitting = usize::try_from(length).ok().filter(|length| *length > 0);
    if fitting.is_none() {
        let message = Message::new(
            "`length_max`要大于 0".to_owned(),
            "`length_max` must be above 0".to_owned(),
        );
        section.faults().add(FaultKind::WrongType, section.at_key("length_max"), message, None);
    }
    fitting
}

fn relation(name: &str, section: &Section<'_>) -> Option<Relation> {
    check_name(section.faults(), name, section.at());
    let label = section.message("label");
    let by = section.text("by");
    let on = section.section("on").map(|section| section.pairs());
    let through = section.text("through");
    let kinds =
        [("many", RelationKind::Many), ("one", RelationKind::One), ("links", RelationKind::Links)];
    let mut targets: Vec<(RelationKind, String)> = kinds
        .into_iter()
        .filter_map(|(key, kind)| section.text(key).map(|ledger| (kind, ledger)))
        .collect();
    section.finish();
    let refused = |kind: FaultKind, key: &str, message: Message| {
        section.faults().add(kind, section.at_key(key), message, None);
        None
    };
    let (Some((kind, ledger)), None) = (targets.pop(), targets.pop()) else {
        let message = Message::new(
            format!("关系`{name}`要写`many`、`one`、`links`中的一个"),
            format!("relation `{name}` wants one of `many`, `one`, `links`"),
        );
        section.faults().add(FaultKind::MissingKey, section.at(), message, None);
        return None;
    };
    let kind = match (kind, on) {
        (RelationKind::Many, Some(on)) if by.is_none() => RelationKind::Key { on, through },
        (_, Some(_)) => {
            let message = Message::new(
                "`on`只与`many`同写，不与`by`同写",
                "`on` goes with `many` and without `by`",
            );
            return refused(FaultKind::KeyNotForType, "on", message);
        }
        (_, None) if through.is_some() => {
            let message = Message::new("`through`只与`on`同写", "`through` goes with `on`");
            return refused(FaultKind::KeyNotForType, "through", message);
        }
        (kind, None) => kind,
    };
    Some(Relation { name: name.to_owned(), label, kind, ledger, by })
}

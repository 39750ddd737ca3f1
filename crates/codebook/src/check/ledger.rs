//! Ledgers: fields that can be stored, found and kept by law; relations that meet.

use super::words::Words;
use super::{Checker, Path};
use crate::faults::FaultKind;
use crate::model::{Field, FieldType, Ledger, Relation, RelationKind, SensitiveClass};
use crate::names::{RESERVED_COLUMNS, banned_word, says_identity};
use crate::read::is_field_type;
use crate::tree::Data;
use taizhang_diagnostics::Message;
use taizhang_values::{Date, ValueKind};

pub(super) fn check(checker: &Checker<'_>, ledger: &Ledger) {
    let path = ["ledgers", ledger.name.as_str()];
    if ledger.fields.is_empty() {
        checker.nothing_inside(&path, "字段", "fields");
    }
    let mut words = Words::default();
    for field in &ledger.fields {
        let below = [path.as_slice(), &["fields", field.name.as_str()]].concat();
        check_field(checker, field, &below);
        check_former(checker, ledger, field, &below);
        let at = |last: &[&'static str]| [below.as_slice(), last].concat();
        words.add(&field.label.zh, &field.name, &at(&["label", "zh"]));
        words.add_list(&field.synonyms, &field.name, &at(&["synonyms"]));
    }
    words.check(checker);
    for relation in &ledger.relations {
        let below = [path.as_slice(), &["relations", relation.name.as_str()]].concat();
        check_relation(checker, ledger, relation, &below);
    }
    check_title(checker, ledger, &path);
    check_flow(checker, ledger, &path);
    check_nest(checker, ledger, &path);
}

fn check_title(checker: &Checker<'_>, ledger: &Ledger, path: Path<'_>) {
    let Some(name) = &ledger.title_field else {
        return;
    };
    let path = [path, &["title_field"]].concat();
    match ledger.field(name) {
        None => checker.unknown_field(ledger, name, &path, &[]),
        Some(field) if field.sensitive.is_some() => checker.fault(
            FaultKind::SensitiveShown,
            &path,
            format!("敏感字段`{name}`不能作标题"),
            format!("sensitive field `{name}` as title"),
        ),
        Some(_) => {}
    }
}

fn check_flow(checker: &Checker<'_>, ledger: &Ledger, path: Path<'_>) {
    let Some(name) = &ledger.flow else {
        return;
    };
    let path = [path, &["flow"]].concat();
    match checker.codebook.flows.get(name) {
        None => {
            let known = checker.codebook.flows.keys().map(String::as_str);
            checker.unknown(FaultKind::UnknownFlow, &path, ("流程", "flow"), name, known);
        }
        Some(flow) if flow.ledger != ledger.name => checker.fault(
            FaultKind::FlowAstray,
            &path,
            format!("流程`{name}`属于台账`{}`", flow.ledger),
            format!("flow `{name}` belongs to ledger `{}`", flow.ledger),
        ),
        Some(_) => {}
    }
}

/// The field of `nest` refers to the root of the tree, which itself is nested in nothing.
fn check_nest(checker: &Checker<'_>, ledger: &Ledger, path: Path<'_>) {
    let Some(name) = &ledger.nest else {
        return;
    };
    let path = [path, &["nest"]].concat();
    let Some(field) = ledger.field(name) else {
        checker.unknown_field(ledger, name, &path, &[]);
        return;
    };
    let root = field.ledger.as_deref().map(|name| checker.codebook.ledger(name));
    match root {
        None => checker.fault(
            FaultKind::RelationAstray,
            &path,
            format!("`{name}`不是引用字段"),
            format!("`{name}` is no reference field"),
        ),
        Some(Some(root)) if root.nest.is_some() || root.name == ledger.name => {
            checker.fault_with_help(
                FaultKind::RelationAstray,
                &path,
                Message::new(
                    format!("`{name}`指向的台账`{}`不是根台账", root.name),
                    format!("`{name}` refers to `{}`, which is no root", root.name),
                ),
                Message::new(
                    "`nest`直接指向最上层台账，下级台账也带此字段",
                    "`nest` leads straight to the topmost ledger; ledgers further down carry \
                     that field too",
                ),
            );
        }
        Some(_) => {}
    }
}

fn check_field(checker: &Checker<'_>, field: &Field, path: Path<'_>) {
    let name = field.name.as_str();
    if RESERVED_COLUMNS.contains(&name) {
        checker.fault(
            FaultKind::ReservedField,
            path,
            format!("字段名`{name}`由系统保留"),
            format!("`{name}` is a column of the store"),
        );
    }
    if let Some(word) = banned_word(name, &field.label.zh) {
        checker.fault_with_help(
            FaultKind::BannedField,
            path,
            Message::new(
                format!("不得设`{word}`字段"),
                format!("no field for `{word}` may be kept"),
            ),
            Message::new(
                "民族、宗教、生物识别信息一律不收集，请删去此字段",
                "ethnicity, religion and biometrics are never collected; take the field out",
            ),
        );
    }
    let is_open = field.sensitive != Some(SensitiveClass::Identity);
    if is_open && says_identity(name, &field.label.zh) {
        checker.fault_with_help(
            FaultKind::IdentityOpen,
            path,
            Message::new(
                format!("身份号码字段`{name}`未设为敏感"),
                format!("identity number `{name}` is not sensitive"),
            ),
            Message::new("加上 sensitive = \"identity\"", "add sensitive = \"identity\""),
        );
    }
    dates(checker, path, field.since, field.until);
    let has_type = match checker.root.find(&[path, &["type"]].concat()).map(|f| &f.node.data) {
        Some(Data::Text(word)) => is_field_type(word),
        _ => false,
    };
    if has_type {
        check_type(checker, field, path);
        check_bounds(checker, field, path);
    }
}

/// A last day before the first.
pub(super) fn dates(
    checker: &Checker<'_>,
    path: Path<'_>,
    since: Option<Date>,
    until: Option<Date>,
) {
    if let (Some(since), Some(until)) = (since, until)
        && until < since
    {
        checker.fault(
            FaultKind::UntilBeforeSince,
            &[path, &["until"]].concat(),
            format!("截止日`{until}`早于起始日`{since}`"),
            format!("last day `{until}` is before first day `{since}`"),
        );
    }
}

fn check_type(checker: &Checker<'_>, field: &Field, path: Path<'_>) {
    let is_code = matches!(field.field_type, FieldType::Code | FieldType::Codes);
    match (&field.codes, is_code) {
        (Some(list), true) => checker.code_list(list, &[path, &["codes"]].concat()),
        (None, true) => missing(checker, path, "codes"),
        (Some(_), false) => surplus(checker, path, "codes"),
        (None, false) => {}
    }
    let is_reference = field.field_type == FieldType::Reference;
    match (&field.ledger, is_reference) {
        (Some(ledger), true) => {
            checker.ledger(ledger, &[path, &["ledger"]].concat());
        }
        (None, true) => missing(checker, path, "ledger"),
        (Some(_), false) => surplus(checker, path, "ledger"),
        (None, false) => {}
    }
    let is_text = matches!(field.field_type, FieldType::Text | FieldType::LongText);
    if field.length_max.is_some() && !is_text {
        surplus(checker, path, "length_max");
    }
    if field.sensitive.is_some() && !is_text {
        surplus(checker, path, "sensitive");
    }
    // What is sealed must not stand in an index in clear.
    if field.is_searched && (!is_text || field.sensitive.is_some()) {
        surplus(checker, path, "searched");
    }
}

/// Old values are kept as texts in the clear.
fn check_former(checker: &Checker<'_>, ledger: &Ledger, field: &Field, path: Path<'_>) {
    let Some(name) = &field.former else {
        return;
    };
    if field.field_type != FieldType::Text || field.sensitive.is_some() {
        surplus(checker, path, "former");
    }
    let path = [path, &["former"]].concat();
    match ledger.field(name) {
        None => checker.unknown_field(ledger, name, &path, &[]),
        Some(list) if list.field_type != FieldType::Texts => checker.fault(
            FaultKind::KeyNotForType,
            &path,
            format!("`{name}`不是`texts`字段"),
            format!("`{name}` is no field of type `texts`"),
        ),
        Some(_) => {}
    }
}

fn missing(checker: &Checker<'_>, path: Path<'_>, key: &str) {
    checker.fault(
        FaultKind::MissingKey,
        path,
        format!("这种类型要写`{key}`"),
        format!("this type wants `{key}`"),
    );
}

fn surplus(checker: &Checker<'_>, path: Path<'_>, key: &'static str) {
    checker.fault(
        FaultKind::KeyNotForType,
        &[path, &[key]].concat(),
        format!("`{key}`与字段类型不符"),
        format!("`{key}` does not go with the field's type"),
    );
}

fn check_bounds(checker: &Checker<'_>, field: &Field, path: Path<'_>) {
    let is_number = matches!(
        field.field_type,
        FieldType::Integer | FieldType::Percent | FieldType::Money | FieldType::Decimal
    );
    for (key, bound) in [("minimum", field.minimum), ("maximum", field.maximum)] {
        if bound.is_some() && !is_number {
            surplus(checker, path, key);
        }
    }
    if let (Some(minimum), Some(maximum)) = (field.minimum, field.maximum)
        && minimum > maximum
    {
        checker.fault(
            FaultKind::BoundsReversed,
            &[path, &["minimum"]].concat(),
            format!("最小值`{minimum}`大于最大值`{maximum}`"),
            format!("minimum `{minimum}` is above maximum `{maximum}`"),
        );
    }
}

fn check_relation(checker: &Checker<'_>, ledger: &Ledger, relation: &Relation, path: Path<'_>) {
    let kind = match &relation.kind {
        RelationKind::Many | RelationKind::Key { .. } => "many",
        RelationKind::One => "one",
        RelationKind::Links => "links",
    };
    let Some(other) = checker.ledger(&relation.ledger, &[path, &[kind]].concat()) else {
        return;
    };
    let path_by = [path, &["by"]].concat();
    match (&relation.kind, &relation.by) {
        (RelationKind::Key { on, through }, _) => {
            check_key(checker, (ledger, other), on, through.as_deref(), path);
        }
        (RelationKind::Links, None) => {}
        (RelationKind::Links, Some(by)) => check_inverse(checker, ledger, other, by, &path_by),
        (_, None) => missing(checker, path, "by"),
        (RelationKind::Many, Some(by)) => check_by(checker, other, ledger, by, &path_by),
        (RelationKind::One, Some(by)) => check_by(checker, ledger, other, by, &path_by),
    }
}

/// A relation by key: pairs of fields that can be alike, in this ledger or in the rows of one of
/// its `many` relations.
fn check_key(
    checker: &Checker<'_>,
    (ledger, other): (&Ledger, &Ledger),
    on: &[(String, String)],
    through: Option<&str>,
    path: Path<'_>,
) {
    let path_on = [path, &["on"]].concat();
    if on.is_empty() {
        checker.nothing_inside(&path_on, "字段对", "pairs of fields");
    }
    let Some(holder) = key_holder(checker, ledger, through, &[path, &["through"]].concat()) else {
        return;
    };
    for (own, theirs) in on {
        let place = [path_on.as_slice(), &[own.as_str()]].concat();
        let left = key_column(checker, holder, own, &place);
        let right = key_column(checker, other, theirs, &place);
        if let (Some(left), Some(right)) = (left, right)
            && let Some((zh, en)) = never_meet(left, right)
        {
            checker.fault(
                FaultKind::RelationAstray,
                &place,
                format!("`{}.{own}`与`{}.{theirs}`{zh}", holder.name, other.name),
                format!("`{}.{own}` and `{}.{theirs}` {en}", holder.name, other.name),
            );
        }
    }
}

/// Why values of two columns cannot be alike wherever they are compared, both languages.
fn never_meet(left: KeyColumn<'_>, right: KeyColumn<'_>) -> Option<(&'static str, &'static str)> {
    if left.kind == ValueKind::List || right.kind == ValueKind::List {
        return Some(("中有多选字段，不能作关联键", "hold a list, and lists never meet"));
    }
    if left.is_sealed != right.is_sealed {
        let zh = "一个加密、一个不加密，快照中无法相等";
        return Some((zh, "never meet in a snapshot: one is sealed, the other is not"));
    }
    (left != right).then_some(("类型不同，无法相等", "differ in type and never meet"))
}

/// The ledger in whose rows the own fields of a relation by key stand.
fn key_holder<'a>(
    checker: &Checker<'a>,
    ledger: &'a Ledger,
    through: Option<&str>,
    path: Path<'_>,
) -> Option<&'a Ledger> {
    let Some(name) = through else {
        return Some(ledger);
    };
    match ledger.relation(name) {
        Some(relation) if relation.kind == RelationKind::Many => {
            checker.codebook.ledger(&relation.ledger)
        }
        Some(_) => {
            checker.fault(
                FaultKind::RelationAstray,
                path,
                format!("`{name}`不是按引用的`many`关系"),
                format!("`{name}` is no `many` relation by reference"),
            );
            None
        }
        None => {
            let known = ledger.relations.iter().map(|relation| relation.name.as_str());
            let noun = ("关系", "relation");
            checker.unknown(FaultKind::RelationAstray, path, noun, name, known);
            None
        }
    }
}

/// What a key column holds.
#[derive(Clone, Copy, PartialEq)]
struct KeyColumn<'a> {
    kind: ValueKind,
    is_identity: bool,
    /// Stands in snapshots as a keyed hash in place of the value.
    is_sealed: bool,
    /// Ledger referred to.
    ledger: Option<&'a str>,
}

fn key_column<'a>(
    checker: &Checker<'_>,
    ledger: &'a Ledger,
    name: &str,
    path: Path<'_>,
) -> Option<KeyColumn<'a>> {
    let plain = |kind| KeyColumn { kind, is_identity: false, is_sealed: false, ledger: None };
    match (name, ledger.field(name)) {
        ("id", _) => Some(KeyColumn { ledger: Some(&ledger.name), ..plain(ValueKind::Reference) }),
        ("region", _) => Some(plain(ValueKind::Text)),
        (_, Some(field)) => Some(KeyColumn {
            kind: field.field_type.value_kind(),
            is_identity: field.sensitive == Some(SensitiveClass::Identity),
            is_sealed: field.sensitive.is_some(),
            ledger: field.ledger.as_deref(),
        }),
        (_, None) => {
            checker.unknown_field(ledger, name, path, &["id", "region"]);
            None
        }
    }
}

/// The field `by` of `holder` must refer to `target`.
fn check_by(checker: &Checker<'_>, holder: &Ledger, target: &Ledger, by: &str, path: Path<'_>) {
    match holder.field(by) {
        None => checker.unknown_field(holder, by, path, &[]),
        Some(field) => {
            let other = field.ledger.as_deref();
            let is_reported = other.is_some_and(|n| !checker.codebook.ledgers.contains_key(n));
            if other != Some(target.name.as_str()) && !is_reported {
                checker.fault(
                    FaultKind::RelationAstray,
                    path,
                    format!("`{}.{by}`不指向台账`{}`", holder.name, target.name),
                    format!("`{}.{by}` does not refer to `{}`", holder.name, target.name),
                );
            }
        }
    }
}

/// The relation `by` of `other` must be a link to `ledger` that owns its table.
fn check_inverse(checker: &Checker<'_>, ledger: &Ledger, other: &Ledger, by: &str, path: Path<'_>) {
    let fits = other.relation(by).is_some_and(|relation| {
        relation.kind == RelationKind::Links
            && relation.by.is_none()
            && relation.ledger == ledger.name
    });
    if !fits {
        checker.fault(
            FaultKind::RelationAstray,
            path,
            format!("台账`{}`没有指回`{}`的多对多关系`{by}`", other.name, ledger.name),
            format!("`{}` has no links `{by}` back to `{}`", other.name, ledger.name),
        );
    }
}

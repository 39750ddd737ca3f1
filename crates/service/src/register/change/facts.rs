//! What an operation starts from, and everything that stands against it, told at once.

use super::{CHANGE, ChangeKind};
use crate::register::save::ROOT;
use crate::work::Faults;
use crate::{Service, ServiceError};
use std::collections::BTreeMap;
use taizhang_store::{Filter, Query, Reader, Record, StoreError, Values};
use taizhang_values::{Date, RecordId, RegionCode, Value};

/// People of a household at most.
const PEOPLE_MAX: usize = 500;
/// Digits of the code of a village.
const VILLAGE_DIGITS: usize = 12;
/// Reasons for an end that have an operation of their own.
const OTHER_WAYS: [&str; 1] = ["merged"];

/// A member whom the operation is about.
pub(super) struct Chosen {
    /// The member.
    pub(super) person: Record,
    /// Relation to the head of the household that he comes to; missing if he comes to none.
    pub(super) relation: Value,
}

/// What an operation starts from.
pub(super) struct Facts {
    pub(super) kind: ChangeKind,
    pub(super) on: Date,
    pub(super) household: Record,
    /// People who live in it now.
    pub(super) members: Vec<Record>,
    pub(super) chosen: Vec<Chosen>,
    /// The household that people go to.
    pub(super) other: Option<Record>,
    /// Who becomes head: of the new household, or of those who stay.
    pub(super) head: Option<RecordId>,
    /// Village moved to.
    pub(super) region: Option<RegionCode>,
}

impl Facts {
    fn is_chosen(&self, id: &RecordId) -> bool {
        self.chosen.iter().any(|chosen| chosen.person.id == *id)
    }

    /// Members who stay.
    pub(super) fn staying(&self) -> impl Iterator<Item = &Record> {
        self.members.iter().filter(|member| !self.is_chosen(&member.id))
    }

    /// The head goes.
    pub(super) fn head_goes(&self) -> bool {
        self.chosen.iter().any(|chosen| is_head(&chosen.person))
    }
}

/// True for who lives in his household now.
pub(super) fn is_member(person: &Record) -> bool {
    person.get("is_active").as_boolean() != Some(false) && person.get("left_on").as_date().is_none()
}

fn is_head(person: &Record) -> bool {
    person.text("relation_to_head") == "head"
}

/// People who live in a household now.
pub(super) fn members_of(
    reader: &Reader<'_>,
    household: &RecordId,
) -> Result<Vec<Record>, StoreError> {
    let query = Query::new("person").filter(Filter::eq(ROOT, household)).limit(PEOPLE_MAX);
    let mut people = reader.list(&query)?.records;
    people.retain(is_member);
    Ok(people)
}

impl Service {
    /// Reads what an operation is about and refuses it with every fault it has.
    ///
    /// # Errors
    /// `Invalid` `G0301` to `G0319` and `G0331` to `G0340`; `NotFound` for a household that is not
    /// there.
    pub(super) fn change_facts(
        &self,
        reader: &Reader<'_>,
        values: &Values,
    ) -> Result<Facts, ServiceError> {
        let text = |field: &str| values.get(field).and_then(Value::as_text).unwrap_or("").trim();
        let reference = |field: &str| values.get(field).and_then(Value::as_reference);
        let mut faults = Faults::default();
        let Some(kind) = ChangeKind::parse(text("change_kind")) else {
            let (zh, en) = ("没有这种变动", "there is no such change");
            return Err(ServiceError::field(CHANGE, "change_kind", "G0301", zh, en));
        };
        let id = reference(ROOT).ok_or(ServiceError::NotFound)?;
        let household = reader.get(ROOT, id)?.ok_or(ServiceError::NotFound)?;
        let on = values.get("changed_on").and_then(Value::as_date);
        check_day(&mut faults, on, self.today(), &household);
        let members = members_of(reader, id)?;
        let other = match reference("other_household") {
            Some(other) => reader.get(ROOT, other)?,
            None => None,
        };
        let facts = Facts {
            kind,
            on: on.unwrap_or_else(|| self.today()),
            chosen: chosen(&mut faults, kind, &members, values),
            head: reference("head_person").cloned(),
            region: RegionCode::parse(text("to_region")).filter(|code| !code.as_str().is_empty()),
            household,
            members,
            other,
        };
        match kind {
            ChangeKind::Split => check_split(&mut faults, reader, &facts, text("other_number"))?,
            ChangeKind::Merge => {
                check_other(&mut faults, &facts, true);
                check_relations(&mut faults, &facts);
            }
            ChangeKind::Move => {
                check_move(&mut faults, reader, &facts, reference("village_group"))?;
            }
            ChangeKind::End => check_end(&mut faults, &facts, text("end_reason")),
            ChangeKind::Join => check_join(&mut faults, values),
            ChangeKind::Leave => check_leave(&mut faults, &facts, values),
        }
        faults.done()?;
        Ok(facts)
    }
}

fn check_day(faults: &mut Faults, on: Option<Date>, today: Date, household: &Record) {
    let place = (CHANGE, "changed_on");
    let since = household.get("joined_on").as_date();
    match on {
        None => faults.check(true, place, "G0302", ("请填写变动日期", "say on which day")),
        Some(on) => {
            faults.check(
                on > today,
                place,
                "G0317",
                ("变动日期不能晚于今天", "the day of the change lies in the future"),
            );
            faults.check(
                since.is_some_and(|since| on < since),
                place,
                "G0318",
                ("变动日期早于建户日期", "the household was not there on that day"),
            );
        }
    }
    let has_ended = household.get("ended_on").as_date().is_some();
    faults.check(
        has_ended,
        (CHANGE, ROOT),
        "G0303",
        ("这一户已经终止，不能再变动", "this household has ended"),
    );
}

/// The members named, each with his new relation; all of them where the whole household goes.
fn chosen(
    faults: &mut Faults,
    kind: ChangeKind,
    members: &[Record],
    values: &Values,
) -> Vec<Chosen> {
    let list = |field: &str| values.get(field).map(Value::as_list).unwrap_or_default();
    let relations: BTreeMap<&str, &str> = list("persons")
        .iter()
        .zip(list("relations"))
        .map(|(person, relation)| (person.as_str(), relation.as_str()))
        .collect();
    let relation_of = |person: &Record| -> Value {
        let relation = relations.get(person.id.as_str()).copied().unwrap_or("");
        if relation.is_empty() { Value::Null } else { relation.into() }
    };
    if matches!(kind, ChangeKind::Merge | ChangeKind::End) {
        let all = members.iter();
        return all
            .map(|person| Chosen { relation: relation_of(person), person: person.clone() })
            .collect();
    }
    if !matches!(kind, ChangeKind::Split | ChangeKind::Leave) {
        return Vec::new();
    }
    let mut found: Vec<Chosen> = Vec::new();
    for id in list("persons") {
        match members.iter().find(|member| member.id.as_str() == id) {
            Some(person) if found.iter().any(|chosen| chosen.person.id == person.id) => {}
            Some(person) => {
                found.push(Chosen { relation: relation_of(person), person: person.clone() });
            }
            None => faults.check(
                true,
                (CHANGE, "persons"),
                "G0305",
                ("所选人员已不在本户", "somebody chosen is no member any more"),
            ),
        }
    }
    faults.check(
        found.is_empty(),
        (CHANGE, "persons"),
        "G0304",
        ("请选择人员", "choose who it is about"),
    );
    found
}

fn check_split(
    faults: &mut Faults,
    reader: &Reader<'_>,
    facts: &Facts,
    number: &str,
) -> Result<(), ServiceError> {
    faults.check(
        facts.head_goes(),
        (CHANGE, "persons"),
        "G0306",
        ("户主留在原户；户主要走的，先变更户主", "the head stays: name another head first"),
    );
    faults.check(
        facts.staying().next().is_none(),
        (CHANGE, "persons"),
        "G0319",
        ("原户至少留一人", "somebody has to stay"),
    );
    let is_taken = !number.is_empty() && is_number_taken(reader, number)?;
    faults.check(
        number.is_empty(),
        (CHANGE, "other_number"),
        "G0307",
        ("请填写新户的户编号", "give the number of the new household"),
    );
    faults.check(
        is_taken,
        (CHANGE, "other_number"),
        "G0331",
        ("这个户编号已经有了", "there is a household of this number"),
    );
    let is_named = facts.head.as_ref().is_some_and(|head| facts.is_chosen(head));
    faults.check(
        !is_named,
        (CHANGE, "head_person"),
        "G0308",
        ("请在分出的人员中选定新户主", "choose the new head among those who split off"),
    );
    check_relations(faults, facts);
    Ok(())
}

fn is_number_taken(reader: &Reader<'_>, number: &str) -> Result<bool, StoreError> {
    let query = Query::new(ROOT).filter(Filter::eq("household_no", number)).limit(1);
    Ok(!reader.list(&query)?.records.is_empty())
}

/// Everybody who comes to a household has a relation to its head.
fn check_relations(faults: &mut Faults, facts: &Facts) {
    let is_open = |chosen: &Chosen| {
        let is_head = facts.head.as_ref() == Some(&chosen.person.id);
        chosen.relation.is_empty() && !is_head
    };
    let is_second = |chosen: &Chosen| {
        chosen.relation.as_text() == Some("head") && facts.head.as_ref() != Some(&chosen.person.id)
    };
    faults.check(
        facts.chosen.iter().any(is_open),
        (CHANGE, "relations"),
        "G0309",
        ("请填写每个人与新户主的关系", "say how each is related to the new head"),
    );
    faults.check(
        facts.chosen.iter().any(is_second),
        (CHANGE, "relations"),
        "G0332",
        ("户主只能有一人", "there can be one head only"),
    );
}

fn check_other(faults: &mut Faults, facts: &Facts, is_needed: bool) {
    let place = (CHANGE, "other_household");
    let Some(other) = &facts.other else {
        let words = ("请填写对方户的户编号", "give the number of the other household");
        return faults.check(is_needed, place, "G0310", words);
    };
    faults.check(
        other.id == facts.household.id,
        place,
        "G0333",
        ("对方户就是本户", "the other household is this one"),
    );
    faults.check(
        other.get("ended_on").as_date().is_some()
            || other.get("is_active").as_boolean() == Some(false),
        place,
        "G0334",
        ("对方户已经终止", "the other household has ended"),
    );
}

fn check_move(
    faults: &mut Faults,
    reader: &Reader<'_>,
    facts: &Facts,
    group: Option<&RecordId>,
) -> Result<(), ServiceError> {
    let place = (CHANGE, "to_region");
    let Some(region) = &facts.region else {
        faults.check(true, place, "G0312", ("请选择迁入的村", "choose the village it moves to"));
        return Ok(());
    };
    let query = Query::new("region").filter(Filter::eq("code", region.as_str())).limit(1);
    let is_village =
        region.as_str().len() >= VILLAGE_DIGITS && !reader.list(&query)?.records.is_empty();
    faults.check(!is_village, place, "G0335", ("没有这个村", "there is no such village"));
    let found = match group {
        Some(group) => reader.get("village_group", group)?,
        None => None,
    };
    let lies_there =
        found.is_some_and(|found| found.region.as_ref().is_some_and(|own| own.is_under(region)));
    faults.check(
        group.is_some() && !lies_there,
        (CHANGE, "village_group"),
        "G0340",
        ("这个小组不在迁入的村", "this group is not in that village"),
    );
    let is_same_group = group.is_none() || facts.household.reference("village_group") == group;
    faults.check(
        facts.household.region.as_ref() == Some(region) && is_same_group,
        place,
        "G0336",
        ("没有迁动：村和小组都没有变", "neither village nor group changes"),
    );
    Ok(())
}

fn check_end(faults: &mut Faults, facts: &Facts, reason: &str) {
    let place = (CHANGE, "end_reason");
    faults.check(reason.is_empty(), place, "G0311", ("请选择终止原因", "choose the reason"));
    faults.check(
        OTHER_WAYS.contains(&reason),
        place,
        "G0337",
        ("并入他户请用“并户”", "use the merger for that"),
    );
    faults.check(
        reason == "split_up" && !facts.members.is_empty(),
        place,
        "G0316",
        ("还有人在户内，先逐一分户", "somebody is still in it: split them off first"),
    );
}

fn check_join(faults: &mut Faults, values: &Values) {
    let is_empty = |field: &str| values.get(field).is_none_or(Value::is_empty);
    for (field, words) in [
        ("join_reason", ("请选择增加原因", "choose the reason")),
        ("person_name", ("请填写姓名", "give the name")),
        ("person_relation", ("请填写与户主关系", "say how he is related to the head")),
    ] {
        faults.check(is_empty(field), (CHANGE, field), "G0313", words);
    }
}

fn check_leave(faults: &mut Faults, facts: &Facts, values: &Values) {
    let reason = values.get("left_reason").and_then(Value::as_text).unwrap_or("");
    faults.check(
        reason.is_empty(),
        (CHANGE, "left_reason"),
        "G0338",
        ("请选择减少原因", "choose the reason"),
    );
    let needs_head = facts.head_goes() && facts.staying().next().is_some();
    let is_named =
        facts.head.as_ref().is_some_and(|head| facts.staying().any(|member| member.id == *head));
    faults.check(
        needs_head && !is_named,
        (CHANGE, "head_person"),
        "G0339",
        ("户主离开，请在留下的人中选定新户主", "the head leaves: choose one of those who stay"),
    );
    check_other(faults, facts, false);
    if facts.other.is_some() {
        check_relations(faults, facts);
    }
}

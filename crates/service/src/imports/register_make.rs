//! What becomes of a row: its records made and changed, once it is known to be good; and the
//! look-ups of many rows at once.

use super::register_diff::{FieldChange, difference};
use super::register_row::{
    Doors, Effect, Link, PartPlan, Resolver, RowOutcome, RowState, Said, problem,
};
use super::register_target::{PERSON, Part, ROOT};
use super::register_values::PartValues;
use crate::ServiceError;
use std::collections::BTreeSet;
use std::rc::Rc;
use taizhang_codebook::{FieldType, Ledger};
use taizhang_diagnostics::Message;
use taizhang_store::{Change, FieldPlace, NewRow, Reader, Record, Writer};
use taizhang_values::{RecordId, RegionCode, RegionLevel, Value};

/// What is done for a row, once it is known to be good.
pub(super) enum Deed {
    /// A new record of a part, and how later rows see it.
    Make(usize, RecordId, NewRow, Box<Record>),
    /// The effect, the record as it was, what changes.
    Change(usize, Rc<Record>, Change),
}

impl<'a> Resolver<'a> {
    /// Tells the store which fields the sheet fills, and no row asks for.
    pub(super) fn expect_many(&self, writer: &Writer<'_>) -> Result<(), ServiceError> {
        let fields = || self.plans.iter().flat_map(|plan| &plan.columns).map(|(_, field)| field);
        for plan in self.plans.iter().filter(|plan| plan.part.is_made) {
            let ledger = plan.part.ledger;
            let is_named = fields().any(|field| {
                field.field_type == FieldType::Reference
                    && field.ledger.as_ref() == Some(&ledger.name)
            });
            let title = ledger.title_field.as_deref().filter(|_| is_named);
            let is_known = [ROOT, PERSON].contains(&ledger.name.as_str());
            let is_told = |name: &str| !is_known && plan.nature.contains(&name);
            let is_asked = |name: &str| {
                [ROOT, PERSON].contains(&name)
                    || title == Some(name)
                    || plan.keys.iter().any(|key| key == name)
                    || is_told(name)
            };
            let own = plan.columns.iter().map(|(_, field)| field.name.as_str());
            let unasked: Vec<&str> = own.filter(|name| !is_asked(name)).collect();
            writer.expect_many(&ledger.name, &unasked)?;
        }
        Ok(())
    }

    /// The row is judged: what it says is known to later rows, and with `writer` done.
    pub(super) fn settle(
        &mut self,
        writer: Option<&Writer<'_>>,
        (number, is_good): (u32, bool),
        outcome: &mut RowOutcome,
    ) -> Result<(), ServiceError> {
        for (key, said) in outcome.said.drain(..) {
            self.said.insert(key, Said { is_void: !is_good, ..said });
        }
        let Some(writer) = writer.filter(|_| is_good) else {
            outcome.deeds.clear();
            return Ok(());
        };
        for deed in outcome.deeds.drain(..) {
            match deed {
                Deed::Make(at, id, new, record) => {
                    let Some(plan) = self.plans.get(at) else { continue };
                    if plan.is_main {
                        self.taken.insert(id.clone(), number);
                    }
                    self.lookups.get_mut().make(&plan.part.ledger.name, id, new, *record);
                }
                Deed::Change(effect, before, change) => {
                    let refers = |value: &Value| {
                        let id = value.as_reference();
                        id.is_some_and(|id| self.lookups.borrow().is_waiting(id))
                    };
                    let is_late = self.lookups.borrow().is_waiting(&before.id);
                    if is_late || change.values.values().any(refers) {
                        self.flush(writer)?;
                    }
                    let mut after = Record::clone(&before);
                    after.values.extend(change.values.clone());
                    let written =
                        writer.update(&before.ledger, &before.id, before.version, change)?;
                    after.version = written.version;
                    if let Some(effect) = outcome.effects.get_mut(effect) {
                        effect.version = written.version;
                    }
                    if let Some(ledger) = self.service.codebook().ledger(&before.ledger) {
                        self.lookups.get_mut().change(&before, after, ledger);
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn change(
        &self,
        doors: Doors<'_, '_>,
        record: &Rc<Record>,
        mut values: PartValues<'_>,
        plan: &PartPlan<'_>,
        state: &mut RowState,
    ) -> Result<Link, ServiceError> {
        if !plan.is_main && !plan.part.is_made {
            // How a row names another record is no change of that record.
            values.clear();
        }
        let found = doors
            .reader
            .for_judging(|reader| difference(reader, record, &values, &self.target.name))?;
        self.taken_values(doors, plan.part, record, &found.changes, state)?;
        let is_required = |name: &str| plan.required.iter().any(|field| field.name == name);
        let changes: Vec<FieldChange> = found
            .changes
            .into_iter()
            .filter(|change| !(change.new.is_empty() && is_required(&change.field)))
            .collect();
        if doors.writer.is_some() && !changes.is_empty() {
            let new = changes.iter().map(|change| (change.field.clone(), change.new.clone()));
            let change = Change { values: new.collect(), ..Change::default() };
            let effect = state.out.effects.len();
            state.out.deeds.push(Deed::Change(effect, Rc::clone(record), change));
        }
        state.out.effects.push(Effect {
            ledger: plan.part.ledger.name.clone(),
            id: Some(record.id.clone()),
            is_new: false,
            version: record.version,
            changes,
            conflicts: found.conflicts,
        });
        // The household of a person found by number alone.
        if let (Link::None, Some(household)) = (&state.household, record.reference(ROOT)) {
            state.household = Link::Known(household.clone(), record.region.clone());
        }
        Ok(Link::Known(record.id.clone(), record.region.clone()))
    }

    /// A changed unique value must be free.
    fn taken_values(
        &self,
        doors: Doors<'_, '_>,
        part: &Part<'_>,
        record: &Record,
        changes: &[FieldChange],
        state: &mut RowState,
    ) -> Result<(), ServiceError> {
        for change in changes.iter().filter(|change| !change.new.is_empty()) {
            let is_unique = part.ledger.field(&change.field).is_some_and(|field| field.is_unique);
            if !is_unique {
                continue;
            }
            let filter = taizhang_store::Filter::Eq(change.field.clone(), change.new.clone());
            let others = self.finder(doors).list(&part.ledger.name, filter)?;
            if others.iter().any(|other| other.id != record.id) {
                let place = self.place_of(part, &change.field);
                problem(
                    state,
                    place,
                    "S0712",
                    Message::new("库里另一条记录已用这个值", "another record has this value"),
                );
            }
        }
        Ok(())
    }

    pub(super) fn make(
        &self,
        doors: Doors<'_, '_>,
        (at, plan): (usize, &PartPlan<'_>),
        mut values: PartValues<'a>,
        place: usize,
        state: &mut RowState,
    ) -> Result<Link, ServiceError> {
        values.drop_empty();
        let part = plan.part;
        let region = self.home(part, place, state);
        let is_fresh = matches!(state.household, Link::Fresh(_));
        for field in &plan.required {
            let is_tied = field.name == ROOT && is_fresh
                || field.name == PERSON && matches!(state.person, Link::Fresh(_));
            if !is_tied && values.get(&field.name).is_none() {
                let head = &field.label.zh;
                let message = Message::new(
                    format!("新的{}缺少必填的`{head}`", part.ledger.label.zh),
                    format!("a new record needs `{}`", field.label.en),
                );
                let place = match self.place_of(part, &field.name) {
                    0 => place,
                    own => own,
                };
                problem(state, place, "S0714", message);
            }
        }
        let ledger = part.ledger.name.clone();
        let (mut id, mut link) = (None, Link::Fresh(region.clone()));
        if let Some(writer) = doors.writer.filter(|_| state.out.problems.is_empty()) {
            let own = writer.new_id()?;
            let record = seen(writer, &ledger, (&own, region.clone()), plan, &values);
            let values = self.placed(plan, &mut values)?;
            let new = NewRow { region: region.clone(), values, ..NewRow::default() };
            state.out.deeds.push(Deed::Make(at, own.clone(), new, Box::new(record)));
            link = Link::Known(own.clone(), region);
            id = Some(own);
        }
        values.clear();
        self.spare.borrow_mut().push(values);
        state.out.effects.push(Effect {
            ledger,
            id,
            is_new: true,
            version: 1,
            changes: Vec::new(),
            conflicts: Vec::new(),
        });
        Ok(link)
    }

    /// Values with the places of their fields, both in the order of names.
    fn placed(
        &self,
        plan: &PartPlan<'_>,
        values: &mut PartValues<'_>,
    ) -> Result<Vec<(FieldPlace, Value)>, ServiceError> {
        let mut places = plan.places.iter();
        let mut placed = self.lookups.borrow_mut().room();
        for (name, value) in values.drain() {
            let place = match places.find(|(own, _)| *own == name) {
                Some((_, place)) => *place,
                None => self.service.store.field_place(&plan.part.ledger.name, name)?,
            };
            placed.push((place, value));
        }
        Ok(placed)
    }

    /// Where a new record sits.
    fn home(&self, part: &Part<'_>, place: usize, state: &mut RowState) -> Option<RegionCode> {
        let region = self.told_place(part, state);
        let places = ["S0713", "S0715", "S0716", "S0717"];
        let is_said = state.out.problems.iter().any(|problem| places.contains(&problem.code));
        if region.is_none() && !is_said {
            problem(
                state,
                place,
                "S0713",
                Message::new("看不出属于哪个村，请加“行政村”一列", "the village is not told"),
            );
        }
        region
    }

    /// Where a new record of a row sits, as far as that is told.
    pub(super) fn told_place(&self, part: &Part<'_>, state: &RowState) -> Option<RegionCode> {
        let region = state.region.clone().or_else(|| state.household.region());
        region.or_else(|| self.common_place(part.ledger))
    }

    /// The region of the import, for records that can sit there.
    pub(super) fn common_place(&self, ledger: &Ledger) -> Option<RegionCode> {
        let fits = self.region.level() >= ledger.home.unwrap_or(RegionLevel::Country);
        fits.then(|| self.region.clone())
    }

    /// Reads what the rows of a block may mean: records by their keys, then those of the
    /// households and persons found.
    pub(super) fn prepare(
        &mut self,
        reader: &Reader<'_>,
        rows: &[&[Value]],
    ) -> Result<(), ServiceError> {
        self.read_contents(reader, rows)?;
        let plans = self.plans.clone();
        let lookups = self.lookups.get_mut();
        lookups.next_block();
        let (mut households, mut persons) = (BTreeSet::new(), BTreeSet::new());
        for plan in plans.iter() {
            let ledger = plan.part.ledger;
            for key in &plan.keys {
                let Some(place) = plan.place_of(key) else { continue };
                let values = rows.iter().filter_map(|row| row.get(place).cloned());
                lookups.fill(reader, &ledger.name, key, values.collect())?;
                let former = ledger.field(key).and_then(|field| field.former.as_ref());
                if let Some(former) = former {
                    lookups.fill_former(reader, &ledger.name, former)?;
                }
                let found = rows
                    .iter()
                    .filter_map(|row| row.get(place))
                    .flat_map(|value| lookups.get(&ledger.name, key, value).into_iter().flatten());
                for record in found {
                    match ledger.name.as_str() {
                        ROOT => households.insert(record.id.clone()),
                        PERSON => {
                            households.extend(record.reference(ROOT).cloned());
                            persons.insert(record.id.clone())
                        }
                        _ => false,
                    };
                }
            }
            if ledger.name == ROOT || rows.iter().all(|row| plan.is_keyed(row)) {
                continue;
            }
            let ties = [(PERSON, &persons), (ROOT, &households)];
            let tie = ties.iter().find(|(name, ids)| {
                !ids.is_empty()
                    && (plan.nature.contains(name) || ledger.name == PERSON && *name == ROOT)
            });
            if let Some((name, ids)) = tie {
                lookups.fill(reader, &ledger.name, name, ids.iter().map(Value::from).collect())?;
            }
            if ledger.name == PERSON {
                let own = ids_of(&households);
                persons.extend(
                    own.iter()
                        .filter_map(|id| lookups.get(PERSON, ROOT, id))
                        .flatten()
                        .map(|record| record.id.clone()),
                );
            }
        }
        Ok(())
    }
}

impl PartPlan<'_> {
    /// True for a row that says a number of the part's record.
    pub(super) fn is_keyed(&self, row: &[Value]) -> bool {
        let mut places = self.keys.iter().filter_map(|key| self.place_of(key));
        places.any(|place| row.get(place).is_some_and(|value| !value.is_empty()))
    }

    /// Place of a text field's column; names and codes of other records are no values to look for.
    fn place_of(&self, field: &str) -> Option<usize> {
        let is_it = |(_, own): &&(usize, &taizhang_codebook::Field)| {
            own.name == field && !matches!(own.field_type, FieldType::Reference | FieldType::Region)
        };
        self.columns.iter().find(is_it).map(|(place, _)| *place)
    }
}

fn ids_of(ids: &BTreeSet<RecordId>) -> Vec<Value> {
    ids.iter().map(Value::from).collect()
}

/// A new record as later rows look for it: by its keys, name and references.
fn seen(
    writer: &Writer<'_>,
    ledger: &str,
    (id, region): (&RecordId, Option<RegionCode>),
    plan: &PartPlan<'_>,
    values: &PartValues<'_>,
) -> Record {
    // A second row about a record of the file's own ledger is a fault, and compares nothing.
    let is_seen = |name: &str, value: &Value| {
        let is_named = name == "name" || plan.keys.iter().any(|key| key == name);
        !plan.is_main || is_named || matches!(value, Value::Reference(_))
    };
    let act = writer.act();
    Record {
        ledger: ledger.to_owned(),
        id: id.clone(),
        version: 1,
        region,
        state: None,
        flow_edition: None,
        created_at: act.at,
        created_by: act.actor.clone(),
        updated_at: act.at,
        updated_by: act.actor.clone(),
        values: values.to_values(is_seen),
    }
}

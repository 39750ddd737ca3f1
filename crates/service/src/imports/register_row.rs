//! One row of a workbook against the store: which records it means, what it adds or changes, and
//! everything that is wrong with it. The same steps check a file and write it.

use super::register_content::{Contents, compared};
use super::register_diff::{FieldChange, source_of};
use super::register_find::{Finder, Found, is_periodic, is_told, keys_of, nature};
use super::register_lookup::Lookups;
use super::register_make::Deed;
use super::register_places::{PlaceFault, Places};
use super::register_target::{PERSON, Part, REGION, ROOT, Target, TargetColumn};
use super::register_values::PartValues;
use crate::{Caller, Service, ServiceError};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;
use taizhang_codebook::{Action, Field, FieldType};
use taizhang_diagnostics::Message;
use taizhang_store::{FieldPlace, Reader, Record, Values, Writer};
use taizhang_values::{RecordId, RegionCode, Value};

/// What a row is checked and written with.
pub(super) struct Resolver<'a> {
    pub(super) service: &'a Service,
    pub(super) caller: &'a Caller,
    pub(super) target: &'a Target<'a>,
    pub(super) region: &'a RegionCode,
    pub(super) places: Places,
    /// Columns of the sheet that are read, in order.
    pub(super) columns: Vec<&'a TargetColumn<'a>>,
    /// How each part is read from them.
    pub(super) plans: Rc<[PartPlan<'a>]>,
    /// Ledgers in the order of writing.
    pub(super) order: Vec<&'a str>,
    /// What earlier rows said of the records around the rows' own.
    pub(super) said: HashMap<(String, String), Said>,
    /// Records that earlier rows are about.
    pub(super) taken: HashMap<RecordId, u32>,
    /// Values of unique fields with the row that has them, by field.
    unique: HashMap<String, HashMap<String, u32>>,
    pub(super) lookups: RefCell<Lookups>,
    /// What stands in the rows' own ledger, once a row without a number asks for it.
    pub(super) contents: RefCell<Option<Contents>>,
    /// Room of values that went to the store, for those of later rows.
    pub(super) spare: RefCell<Vec<PartValues<'a>>>,
    /// Some row is known by its whole content alone.
    pub(super) is_keyless: Cell<bool>,
}

/// How one part of the rows is read, worked out once a sheet.
pub(super) struct PartPlan<'a> {
    pub(super) part: &'a Part<'a>,
    pub(super) is_main: bool,
    /// Places of its columns with their fields, in the order of the fields' names.
    pub(super) columns: Vec<(usize, &'a Field)>,
    pub(super) keys: Vec<String>,
    pub(super) nature: Vec<&'a str>,
    /// Fields whose content tells a record of the rows' own ledger; empty where others do.
    pub(super) content: Vec<&'a str>,
    pub(super) required: Vec<&'a Field>,
    /// Where the store has the ledger's fields, in the order of their names.
    pub(super) places: Vec<(&'a str, FieldPlace)>,
    is_periodic: bool,
}

/// What an earlier row said of a record.
#[derive(Clone)]
pub(super) struct Said {
    pub(super) row: u32,
    pub(super) values: Values,
    pub(super) link: Link,
    /// The row had faults: what it says must agree, but nothing came of it.
    pub(super) is_void: bool,
}

/// A record that a row refers to.
#[derive(Clone, Debug, Default)]
pub(super) enum Link {
    /// None is named.
    #[default]
    None,
    /// It is in the store.
    Known(RecordId, Option<RegionCode>),
    /// An earlier row, or this one, makes it.
    Fresh(Option<RegionCode>),
}

impl Link {
    pub(super) const fn id(&self) -> Option<&RecordId> {
        match self {
            Self::Known(id, _) => Some(id),
            _ => None,
        }
    }

    pub(super) fn region(&self) -> Option<RegionCode> {
        match self {
            Self::Known(_, region) | Self::Fresh(region) => region.clone(),
            Self::None => None,
        }
    }
}

/// What is wrong with a cell, found against codebook and store.
#[derive(Clone, Debug)]
pub(super) struct RowProblem {
    /// Place among the columns that are read.
    pub(super) place: usize,
    pub(super) code: &'static str,
    pub(super) message: Message,
    pub(super) suggestion: Option<String>,
}

/// What happens to one record.
#[derive(Clone, Debug)]
pub(super) struct Effect {
    pub(super) ledger: String,
    /// `None` for a record that would be made.
    pub(super) id: Option<RecordId>,
    pub(super) is_new: bool,
    pub(super) version: i64,
    pub(super) changes: Vec<FieldChange>,
    pub(super) conflicts: Vec<FieldChange>,
}

/// What a row comes to.
#[derive(Default)]
pub(super) struct RowOutcome {
    pub(super) problems: Vec<RowProblem>,
    pub(super) effects: Vec<Effect>,
    pub(super) household: Option<RecordId>,
    pub(super) deeds: Vec<Deed>,
    pub(super) said: Vec<((String, String), Said)>,
}

/// The state of one row while its parts are gone through.
pub(super) struct RowState {
    number: u32,
    values: Vec<Value>,
    pub(super) region: Option<RegionCode>,
    pub(super) household: Link,
    pub(super) person: Link,
    pub(super) out: RowOutcome,
}

/// Where a row is looked up, and where it goes.
#[derive(Clone, Copy)]
pub(super) struct Doors<'d, 's> {
    pub(super) reader: &'d Reader<'s>,
    /// Nothing is written without it.
    pub(super) writer: Option<&'d Writer<'s>>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(
        service: &'a Service,
        caller: &'a Caller,
        target: &'a Target<'a>,
        region: &'a RegionCode,
        places: Places,
    ) -> Self {
        let name = |part: &'a Part<'a>| part.ledger.name.as_str();
        let order = target.parts.iter().filter(|part| part.is_made).map(name).collect();
        Self {
            service,
            caller,
            target,
            region,
            places,
            columns: Vec::new(),
            plans: Rc::new([]),
            order,
            said: HashMap::new(),
            taken: HashMap::new(),
            unique: HashMap::new(),
            lookups: RefCell::default(),
            contents: RefCell::default(),
            spare: RefCell::default(),
            is_keyless: Cell::default(),
        }
    }

    /// The sheet is read from its start: nothing was said of anything.
    pub(super) fn start(&mut self, columns: Vec<&'a TargetColumn<'a>>) {
        let target = self.target;
        let is_around = |column: &&TargetColumn<'_>| {
            column.ledger.name != target.ledger.name
                && [ROOT, PERSON].contains(&column.ledger.name.as_str())
        };
        let is_tied = columns.iter().any(is_around);
        let plan = |part: &'a Part<'a>| {
            let own = columns.iter().enumerate();
            let own = own.filter(|(_, column)| column.ledger.name == part.ledger.name);
            let mut own: Vec<(usize, &'a Field)> =
                own.filter_map(|(place, column)| Some((place, column.field?))).collect();
            own.sort_by_key(|(_, field)| field.name.as_str());
            let ledger = &part.ledger.name;
            let place = |field: &'a Field| {
                let place = self.service.store.field_place(ledger, &field.name).ok()?;
                Some((field.name.as_str(), place))
            };
            let mut places: Vec<_> = part.ledger.fields.iter().filter_map(place).collect();
            places.sort_by_key(|(name, _)| *name);
            let is_main = part.ledger.name == target.ledger.name;
            let nature = nature(part.ledger);
            let names = own.iter().map(|(_, field)| field.name.as_str());
            let content =
                if is_main { compared(part.ledger, names, (&nature, is_tied)) } else { Vec::new() };
            PartPlan {
                part,
                is_main,
                columns: own,
                keys: keys_of(target, part.ledger),
                nature,
                content,
                required: part.ledger.fields.iter().filter(|field| field.is_required).collect(),
                places,
                is_periodic: is_periodic(part.ledger),
            }
        };
        self.plans = target.parts.iter().map(plan).collect();
        self.columns = columns;
        self.said.clear();
        self.taken.clear();
        self.unique.clear();
        self.lookups = RefCell::default();
        self.contents = RefCell::default();
        self.is_keyless = Cell::default();
    }

    /// Judges a row; [`Resolver::settle`] ends it. With a writer in `doors` it gets ready what is
    /// written if the row is good. What is left of the values is of no use.
    pub(super) fn row(
        &mut self,
        doors: Doors<'_, '_>,
        number: u32,
        values: &mut Vec<Value>,
    ) -> Result<RowOutcome, ServiceError> {
        let mut state = RowState {
            number,
            values: std::mem::take(values),
            region: None,
            household: Link::None,
            person: Link::None,
            out: RowOutcome::default(),
        };
        self.bounds(&mut state);
        self.own_place(&mut state);
        for (at, plan) in self.plans.clone().iter().enumerate() {
            self.part(doors, (at, plan), &mut state)?;
            // What refers to a record that is not told would only repeat that it is not.
            if state.out.problems.iter().any(|found| ["S0704", "S0705"].contains(&found.code)) {
                break;
            }
        }
        state.out.household = state.household.id().cloned();
        if self.target.ledger.name == ROOT {
            let own = state.out.effects.iter().find(|effect| effect.ledger == ROOT);
            state.out.household = own.and_then(|effect| effect.id.clone());
        }
        *values = state.values;
        values.clear();
        Ok(state.out)
    }

    /// Lengths and limits of the codebook.
    fn bounds(&self, state: &mut RowState) {
        for (place, column) in self.columns.iter().enumerate() {
            let Some(value) = state.values.get(place) else { continue };
            let Some(field) = column.field else { continue };
            let number = match value {
                Value::Integer(number) => Some(*number),
                Value::Decimal(number) => Some(number.units() / 10_000),
                _ => None,
            };
            let low = number.zip(field.minimum).is_some_and(|(number, least)| number < least);
            let high = number.zip(field.maximum).is_some_and(|(number, most)| number > most);
            let is_long = field.length_max.is_some_and(|most| {
                // Fewer bytes than that are no more characters.
                value.as_text().is_some_and(|text| text.len() > most && text.chars().count() > most)
            });
            if low || high {
                let range = range(field);
                problem(
                    state,
                    place,
                    "S0702",
                    Message::new(format!("数值须在{range}"), format!("the number must be {range}")),
                );
            } else if is_long {
                let most = field.length_max.unwrap_or_default();
                problem(
                    state,
                    place,
                    "S0703",
                    Message::new(
                        format!("文字超过 {most} 个字"),
                        format!("the text is longer than {most} characters"),
                    ),
                );
            }
        }
    }

    /// The place that the row names itself.
    fn own_place(&self, state: &mut RowState) {
        let at = self.columns.iter().position(|column| column.key == REGION);
        let Some((place, value)) = at.and_then(|at| Some((at, state.values.get(at)?))) else {
            return;
        };
        let Some(text) = value.as_text() else { return };
        match self.places.find(text) {
            Ok(code) => state.region = Some(code),
            Err(fault) => place_problem(state, place, fault),
        }
    }

    /// Cells that nearly name a place.
    pub(super) fn near_places(&self, values: &[Value]) -> Vec<RowProblem> {
        let mut found = Vec::new();
        for (place, (column, value)) in self.columns.iter().zip(values).enumerate() {
            let is_place = column
                .field
                .map_or(column.key == REGION, |field| field.field_type == FieldType::Region);
            let fault = value.as_text().filter(|_| is_place).map(|text| self.places.find(text));
            if let Some(Err(fault @ PlaceFault::Unknown(Some(_)))) = fault {
                found.push(place_fault(place, fault));
            }
        }
        found
    }

    fn part(
        &mut self,
        doors: Doors<'_, '_>,
        (at, plan): (usize, &PartPlan<'a>),
        state: &mut RowState,
    ) -> Result<(), ServiceError> {
        let Some((place, mut values)) = self.part_values(doors, plan, state)? else {
            return Ok(());
        };
        if !plan.is_main && values.is_blank() {
            return Ok(());
        }
        let (part, is_main) = (plan.part, plan.is_main);
        self.refer(part, &mut values, state);
        let key = if is_main { None } else { self.key_of(plan, &values, state) };
        let key = key.map(|key| (part.ledger.name.clone(), key));
        if let Some(said) = key.as_ref().and_then(|key| self.said.get(key)).cloned() {
            self.agree(part, &said, &values, state);
            if !said.is_void {
                settle_link(part, said.link, state);
                return Ok(());
            }
        }
        if is_main {
            self.only_once(plan, &values, state);
            self.once_a_period(plan, &values, state);
        }
        let record = match self.found(doors, plan, &values, state)? {
            Found::Several => {
                problem(
                    state,
                    place,
                    "S0704",
                    Message::new("库里有多条记录都符合，看不出是哪一条", "several records fit"),
                );
                return Ok(());
            }
            Found::One(record) => Some(self.allowed(record, place, is_main, state)),
            Found::None if part.is_made => None,
            Found::None => {
                problem(state, place, "S0705", missing(part));
                return Ok(());
            }
        };
        let said = key.map(|key| (key, values.to_values(|_, _| true)));
        let link = match record {
            Some(record) => self.change(doors, &record, values, plan, state)?,
            None => self.make(doors, (at, plan), values, place, state)?,
        };
        if let Some((key, values)) = said {
            let said = Said { row: state.number, values, link: link.clone(), is_void: false };
            state.out.said.push((key, said));
        }
        settle_link(part, link, state);
        Ok(())
    }

    /// Values of a part with its first column; references of its cells are resolved.
    fn part_values(
        &self,
        doors: Doors<'_, '_>,
        plan: &PartPlan<'a>,
        state: &mut RowState,
    ) -> Result<Option<(usize, PartValues<'a>)>, ServiceError> {
        // With room for the household and the person.
        let mut values = self.spare.borrow_mut().pop().unwrap_or_default();
        values.make_room(plan.columns.len() + 2);
        let mut first: Option<usize> = None;
        for (place, field) in &plan.columns {
            // The file's own ledger comes after what its rows refer to: nobody asks again.
            let value = match state.values.get_mut(*place) {
                Some(value) if plan.is_main => std::mem::take(value),
                Some(value) => value.clone(),
                None => Value::Null,
            };
            if !value.is_empty() {
                first = Some(first.map_or(*place, |first| first.min(*place)));
            }
            let value = match field.field_type {
                FieldType::Region | FieldType::Reference => {
                    self.cell(doors, field, value, *place, state)?
                }
                _ => value,
            };
            values.insert(&field.name, value);
        }
        let is_there = plan.is_main || first.is_some();
        Ok(is_there.then(|| (first.unwrap_or(0), values)))
    }

    /// Names in cells become records and places.
    fn cell(
        &self,
        doors: Doors<'_, '_>,
        field: &Field,
        value: Value,
        place: usize,
        state: &mut RowState,
    ) -> Result<Value, ServiceError> {
        let Some(text) = value.as_text() else { return Ok(value) };
        if field.field_type == FieldType::Region {
            return Ok(match self.places.value(text) {
                Ok(code) => code,
                Err(fault) => {
                    place_problem(state, place, fault);
                    Value::Null
                }
            });
        }
        let other = field.ledger.as_deref().and_then(|name| self.service.codebook().ledger(name));
        let Some(other) = other else { return Ok(Value::Null) };
        let finder = self.finder(doors);
        let (code, zh, en) = match finder.by_name(other, text, state.household.id())? {
            Found::One(record) => return Ok(Value::from(&record.id)),
            Found::None => ("S0706", "没有找到所指的", "no record is found for the"),
            Found::Several => ("S0707", "按这个名称有多条", "several records have this name:"),
        };
        let message = Message::new(
            format!("{zh}{}", other.label.zh),
            format!("{en} {}", other.label.en.to_lowercase()),
        );
        problem(state, place, code, message);
        Ok(Value::Null)
    }

    pub(super) fn finder<'d, 's>(&'d self, doors: Doors<'d, 's>) -> Finder<'d, 's> {
        Finder {
            reader: doors.reader,
            writer: doors.writer,
            lookups: &self.lookups,
            order: &self.order,
        }
    }

    /// Writes what waits.
    pub(super) fn flush(&self, writer: &Writer<'_>) -> Result<(), ServiceError> {
        self.lookups.borrow_mut().flush(writer, &self.order)
    }

    /// True for a record that a row of the file is about.
    pub(super) fn is_taken(&self, id: &RecordId) -> bool {
        self.taken.contains_key(id)
    }

    /// Ties a record to the household and the person of its row.
    fn refer(&self, part: &Part<'_>, values: &mut PartValues<'_>, state: &RowState) {
        for (name, link) in [(ROOT, &state.household), (PERSON, &state.person)] {
            let field = part.ledger.field(name);
            let is_tie = field.is_some_and(|field| field.ledger.as_deref() == Some(name));
            if let (true, Some(id)) = (is_tie, link.id()) {
                values.insert(name, id.into());
            }
        }
    }

    /// What tells one record of a part from another within the file.
    fn key_of(
        &self,
        plan: &PartPlan<'_>,
        values: &PartValues<'_>,
        state: &RowState,
    ) -> Option<String> {
        let own = plan.keys.iter().find_map(|key| values.get(key).filter(|key| !key.is_empty()));
        if let Some(own) = own {
            return Some(own.to_string());
        }
        let named = if plan.part.ledger.name == PERSON { values.get("name") } else { None };
        let place = |link: &Link| link.id().map_or(String::new(), RecordId::to_string);
        let key = [place(&state.household), place(&state.person)].concat();
        (!key.is_empty()).then(|| format!("{key}{}", named.unwrap_or(&Value::Null)))
    }

    /// What two rows say of the same record has to be the same.
    fn agree(&self, part: &Part<'_>, said: &Said, values: &PartValues<'_>, state: &mut RowState) {
        for (name, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
            let before = said.values.get(name).filter(|before| !before.is_empty());
            if before.is_some_and(|before| before != value) {
                let place = self.place_of(part, name);
                let row = said.row;
                let message = Message::new(
                    format!("与第 {row} 行所填的同一条{}不一致", part.ledger.label.zh),
                    format!("differs from what row {row} says of the same record"),
                );
                problem(state, place, "S0708", message);
            }
        }
    }

    pub(super) fn place_of(&self, part: &Part<'_>, field: &str) -> usize {
        let is_it = |column: &&TargetColumn<'_>| {
            column.ledger.name == part.ledger.name
                && column.field.is_some_and(|own| own.name == field)
        };
        self.columns.iter().position(is_it).unwrap_or(0)
    }

    /// Unique values stand once in a file.
    fn only_once(&mut self, plan: &PartPlan<'_>, values: &PartValues<'_>, state: &mut RowState) {
        for key in &plan.keys {
            let Some(value) = values.get(key).filter(|value| !value.is_empty()) else { continue };
            if let Some(row) = self.first_row(key, value.to_string(), state.number) {
                let message =
                    Message::new(format!("与第 {row} 行重复"), format!("the same as in row {row}"));
                let place = self.place_of(plan.part, key);
                problem(state, place, "S0709", message);
            }
        }
    }

    /// The earlier row that has a value; if there is none, this one has it from now on.
    fn first_row(&mut self, field: &str, value: String, row: u32) -> Option<u32> {
        if !self.unique.contains_key(field) {
            self.unique.insert(field.to_owned(), HashMap::new());
        }
        match self.unique.get_mut(field)?.entry(value) {
            Entry::Occupied(known) => Some(*known.get()),
            Entry::Vacant(free) => {
                free.insert(row);
                None
            }
        }
    }

    /// One row a household, or person, and year.
    fn once_a_period(
        &mut self,
        plan: &PartPlan<'_>,
        values: &PartValues<'_>,
        state: &mut RowState,
    ) {
        if !plan.is_periodic {
            return;
        }
        let mut key = String::new();
        for (column, value) in self.columns.iter().zip(&state.values) {
            if column.ledger.name != plan.part.ledger.name && column.field.is_some() {
                key.push_str(&format!("{value}\n"));
            }
        }
        let mut last = None;
        for name in plan.nature.iter().filter(|name| ![ROOT, PERSON].contains(name)) {
            key.push_str(&format!("{}\n", values.get(name).unwrap_or(&Value::Null)));
            last = Some(*name);
        }
        if let Some(row) = self.first_row("", key, state.number) {
            let place = self.place_of(plan.part, last.unwrap_or_default());
            problem(state, place, "S0711", same_record(row));
        }
    }

    fn found(
        &self,
        doors: Doors<'_, '_>,
        plan: &PartPlan<'_>,
        values: &PartValues<'_>,
        state: &RowState,
    ) -> Result<Found, ServiceError> {
        let finder = self.finder(doors);
        let ledger = plan.part.ledger;
        let household = state.household.id();
        let found = finder.by_keys(ledger, &plan.keys, values, household)?;
        let has_key = plan.keys.iter().any(|key| values.get(key).is_some_and(|v| !v.is_empty()));
        if !matches!(found, Found::None) || has_key || ledger.name == ROOT {
            return Ok(found);
        }
        if ledger.name == PERSON {
            let name = values.get("name").filter(|name| !name.is_empty());
            return match (household, name) {
                (Some(household), Some(name)) => finder.by_person_name(household, name),
                _ => Ok(Found::None),
            };
        }
        // A household that the file makes has no records yet.
        if matches!(state.household, Link::Fresh(_)) && ledger.field(ROOT).is_some() {
            return Ok(Found::None);
        }
        let is_known = is_told(&plan.nature, values);
        if plan.is_main && !is_known {
            self.is_keyless.set(true);
        }
        if !plan.content.is_empty() {
            let same = self.same_content(doors, plan, (values, state))?;
            if matches!(same, Found::One(_)) || !is_known {
                return Ok(same);
            }
        }
        let is_taken = |id: &RecordId| self.taken.contains_key(id);
        finder.by_nature(ledger, (&plan.nature, values), &is_taken, plan.is_main)
    }

    /// The record, which must lie in the batch's region, be the caller's to change, and no earlier
    /// row's.
    fn allowed(
        &mut self,
        record: Rc<Record>,
        place: usize,
        is_main: bool,
        state: &mut RowState,
    ) -> Rc<Record> {
        let is_inside = record.region.as_ref().is_none_or(|at| at.is_under(self.region));
        if !is_inside || !self.service.may(self.caller, &record, Action::Update) {
            let message = Message::new(
                "这条记录不在本批的区划内，或无权修改",
                "the record lies outside the region of this import or may not be changed",
            );
            problem(state, place, "S0710", message);
            return record;
        }
        if is_main {
            match self.taken.get(&record.id) {
                Some(row) if state.out.problems.is_empty() => {
                    let message = same_record(*row);
                    problem(state, place, "S0711", message);
                }
                Some(_) => {}
                None => {
                    self.taken.insert(record.id.clone(), state.number);
                }
            }
        }
        record
    }
}

/// Later parts of the row refer to what this one came to.
fn settle_link(part: &Part<'_>, link: Link, state: &mut RowState) {
    match part.ledger.name.as_str() {
        ROOT => state.household = link,
        PERSON => state.person = link,
        _ => {}
    }
}

fn same_record(row: u32) -> Message {
    Message::new(
        format!("与第 {row} 行说的是同一条记录"),
        format!("row {row} is about the same record"),
    )
}

/// Notes what is wrong with a cell.
pub(super) fn problem(state: &mut RowState, place: usize, code: &'static str, message: Message) {
    state.out.problems.push(RowProblem { place, code, message, suggestion: None });
}

fn place_problem(state: &mut RowState, place: usize, fault: PlaceFault) {
    state.out.problems.push(place_fault(place, fault));
}

fn place_fault(place: usize, fault: PlaceFault) -> RowProblem {
    let (code, message, suggestion) = match fault {
        PlaceFault::Unknown(near) => {
            let hint = near.as_ref().map_or(String::new(), |name| format!("，是不是`{name}`"));
            let message = Message::new(
                format!("本批的区划内没有这个村{hint}"),
                "no such village in the region of this import",
            );
            ("S0715", message, near)
        }
        PlaceFault::Ambiguous => {
            let message =
                Message::new("有多个村叫这个名称，请填区划代码", "several villages have this name");
            ("S0716", message, None)
        }
        PlaceFault::Outside => {
            let message = Message::new("不在本批的区划内", "outside the region of this import");
            ("S0717", message, None)
        }
    };
    RowProblem { place, code, message, suggestion }
}

fn missing(part: &Part<'_>) -> Message {
    Message::new(
        format!("库里没有这个{}", part.ledger.label.zh),
        format!("there is no such {}", part.ledger.label.en.to_lowercase()),
    )
}

fn range(field: &Field) -> String {
    match (field.minimum, field.maximum) {
        (Some(least), Some(most)) => format!(" {least}–{most} "),
        (Some(least), None) => format!(" ≥ {least} "),
        (None, Some(most)) => format!(" ≤ {most} "),
        (None, None) => String::new(),
    }
}

/// Source of the writes of a batch.
pub(super) fn act_source(target: &Target<'_>, batch: &RecordId) -> String {
    format!("{}{batch}", source_of(&target.name))
}

//! One row of a workbook against the store: which records it means, what it adds or changes, and
//! everything that is wrong with it. The same steps check a file and write it.

use super::register_diff::{FieldChange, difference, source_of};
use super::register_find::{Finder, Found, is_periodic, keys_of, nature};
use super::register_places::{PlaceFault, Places};
use super::register_target::{PERSON, Part, REGION, ROOT, Target, TargetColumn};
use crate::{Caller, Service, ServiceError};
use std::collections::{HashMap, HashSet};
use taizhang_codebook::{Action, Field, FieldType};
use taizhang_diagnostics::Message;
use taizhang_store::{Change, NewRecord, Reader, Record, Values, Writer};
use taizhang_values::{RecordId, RegionCode, RegionLevel, Value};

/// What a row is checked and written with.
pub(super) struct Resolver<'a> {
    pub(super) service: &'a Service,
    pub(super) caller: &'a Caller,
    pub(super) target: &'a Target<'a>,
    pub(super) region: &'a RegionCode,
    pub(super) places: Places,
    /// Columns of the sheet that are read, in order.
    pub(super) columns: Vec<&'a TargetColumn<'a>>,
    /// What earlier rows said of the records around the rows' own.
    pub(super) said: HashMap<(String, String), Said>,
    /// Records that earlier rows are about.
    pub(super) taken: HashMap<RecordId, u32>,
    /// Values of unique fields with the row that has them.
    pub(super) unique: HashMap<(String, String), u32>,
}

/// What an earlier row said of a record.
#[derive(Clone)]
pub(super) struct Said {
    row: u32,
    values: Values,
    link: Link,
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
    const fn id(&self) -> Option<&RecordId> {
        match self {
            Self::Known(id, _) => Some(id),
            _ => None,
        }
    }

    fn region(&self) -> Option<RegionCode> {
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
#[derive(Clone, Debug, Default)]
pub(super) struct RowOutcome {
    pub(super) problems: Vec<RowProblem>,
    pub(super) effects: Vec<Effect>,
    pub(super) household: Option<RecordId>,
}

/// The state of one row while its parts are gone through.
struct RowState<'r> {
    number: u32,
    values: &'r [Value],
    region: Option<RegionCode>,
    household: Link,
    person: Link,
    out: RowOutcome,
}

impl<'a> Resolver<'a> {
    /// Checks a row; with a writer it is also written. A row with problems writes nothing.
    pub(super) fn row(
        &mut self,
        reader: &Reader<'_>,
        writer: Option<&Writer<'_>>,
        number: u32,
        values: &[Value],
    ) -> Result<RowOutcome, ServiceError> {
        let target = self.target;
        let mut state = RowState {
            number,
            values,
            region: None,
            household: Link::None,
            person: Link::None,
            out: RowOutcome::default(),
        };
        self.bounds(&mut state);
        self.own_place(&mut state);
        for part in &target.parts {
            self.part(reader, writer, part, &mut state)?;
            // What refers to a record that is not told would only repeat that it is not.
            if state.out.problems.iter().any(|found| ["S0704", "S0705"].contains(&found.code)) {
                break;
            }
        }
        state.out.household = state.household.id().cloned();
        if target.ledger.name == ROOT {
            let own = state.out.effects.iter().find(|effect| effect.ledger == ROOT);
            state.out.household = own.and_then(|effect| effect.id.clone());
        }
        Ok(state.out)
    }

    /// Lengths and limits of the codebook.
    fn bounds(&self, state: &mut RowState<'_>) {
        for (place, (column, value)) in self.columns.iter().zip(state.values).enumerate() {
            let Some(field) = column.field else { continue };
            let number = match value {
                Value::Integer(number) => Some(*number),
                Value::Decimal(number) => Some(number.units() / 10_000),
                _ => None,
            };
            let low = number.zip(field.minimum).is_some_and(|(number, least)| number < least);
            let high = number.zip(field.maximum).is_some_and(|(number, most)| number > most);
            let length = value.as_text().map_or(0, |text| text.chars().count());
            if low || high {
                let range = range(field);
                problem(
                    state,
                    place,
                    "S0702",
                    Message::new(format!("数值须在{range}"), format!("the number must be {range}")),
                );
            } else if field.length_max.is_some_and(|most| length > most) {
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
    fn own_place(&self, state: &mut RowState<'_>) {
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
        reader: &Reader<'_>,
        writer: Option<&Writer<'_>>,
        part: &Part<'a>,
        state: &mut RowState<'_>,
    ) -> Result<(), ServiceError> {
        let is_main = part.ledger.name == self.target.ledger.name;
        let Some((place, mut values)) = self.part_values(reader, part, state)? else {
            return Ok(());
        };
        if values.values().all(Value::is_empty) && !is_main {
            return Ok(());
        }
        self.refer(part, &mut values, state);
        let key = self.key_of(part, &values, state);
        if !is_main && let Some(key) = &key {
            let said = self.said.get(&(part.ledger.name.clone(), key.clone()));
            if let Some(said) = said.cloned() {
                self.agree(part, &said, &values, state);
                return self.settle(part, said.link, state);
            }
        }
        if is_main {
            self.only_once(part, &values, state);
            self.once_a_period(part, &values, state);
        }
        let found = self.found(reader, part, &values, is_main, state)?;
        let record = match found {
            Found::Several => {
                problem(
                    state,
                    place,
                    "S0704",
                    Message::new("库里有多条记录都符合，看不出是哪一条", "several records fit"),
                );
                return Ok(());
            }
            Found::One(record) => self.allowed(*record, place, is_main, state),
            Found::None if part.is_made => None,
            Found::None => {
                problem(state, place, "S0705", missing(part));
                return Ok(());
            }
        };
        let is_refused = !state.out.problems.is_empty();
        let said = values.clone();
        let link = match record {
            Some(record) => {
                self.change(reader, writer.filter(|_| !is_refused), record, values, part, state)?
            }
            None => self.make(writer.filter(|_| !is_refused), part, values, place, state)?,
        };
        if let (Some(key), false) = (key, is_main) {
            let entry = Said { row: state.number, values: said, link: link.clone() };
            self.said.insert((part.ledger.name.clone(), key), entry);
        }
        self.settle(part, link, state)
    }

    /// Values of a part with its first column; references of its cells are resolved.
    fn part_values(
        &self,
        reader: &Reader<'_>,
        part: &Part<'a>,
        state: &mut RowState<'_>,
    ) -> Result<Option<(usize, Values)>, ServiceError> {
        let mut values = Values::new();
        let mut first: Option<usize> = None;
        for (place, column) in self.columns.iter().enumerate() {
            let Some(field) = column.field.filter(|_| column.ledger.name == part.ledger.name)
            else {
                continue;
            };
            let value = state.values.get(place).cloned().unwrap_or_default();
            if !value.is_empty() {
                first = first.or(Some(place));
            }
            let value = self.cell(reader, field, value, place, state)?;
            values.insert(field.name.clone(), value);
        }
        let is_main = part.ledger.name == self.target.ledger.name;
        Ok((is_main || first.is_some()).then(|| (first.unwrap_or(0), values)))
    }

    /// Names in cells become records and places.
    fn cell(
        &self,
        reader: &Reader<'_>,
        field: &Field,
        value: Value,
        place: usize,
        state: &mut RowState<'_>,
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
        if field.field_type != FieldType::Reference {
            return Ok(value);
        }
        let other = field.ledger.as_deref().and_then(|name| self.service.codebook().ledger(name));
        let Some(other) = other else { return Ok(Value::Null) };
        let finder = Finder { reader };
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

    /// Ties a record to the household and the person of its row.
    fn refer(&self, part: &Part<'_>, values: &mut Values, state: &RowState<'_>) {
        for (name, link) in [(ROOT, &state.household), (PERSON, &state.person)] {
            let field = part.ledger.field(name);
            let is_tie = field.is_some_and(|field| field.ledger.as_deref() == Some(name));
            if let (true, Some(id)) = (is_tie, link.id()) {
                values.insert(name.to_owned(), id.into());
            }
        }
    }

    /// What tells one record of a part from another within the file.
    fn key_of(&self, part: &Part<'_>, values: &Values, state: &RowState<'_>) -> Option<String> {
        let keys = keys_of(self.target, part.ledger);
        let own = keys.iter().find_map(|key| values.get(key).filter(|value| !value.is_empty()));
        if let Some(own) = own {
            return Some(own.to_string());
        }
        let named = if part.ledger.name == PERSON { values.get("name") } else { None };
        let place = |link: &Link| link.id().map_or(String::new(), RecordId::to_string);
        let key = [place(&state.household), place(&state.person)].concat();
        (!key.is_empty()).then(|| format!("{key}{}", named.unwrap_or(&Value::Null)))
    }

    /// What two rows say of the same record has to be the same.
    fn agree(&self, part: &Part<'_>, said: &Said, values: &Values, state: &mut RowState<'_>) {
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

    fn place_of(&self, part: &Part<'_>, field: &str) -> usize {
        let is_it = |column: &&TargetColumn<'_>| {
            column.ledger.name == part.ledger.name
                && column.field.is_some_and(|own| own.name == field)
        };
        self.columns.iter().position(is_it).unwrap_or(0)
    }

    /// Later parts of the row refer to what this one came to.
    fn settle(
        &self,
        part: &Part<'_>,
        link: Link,
        state: &mut RowState<'_>,
    ) -> Result<(), ServiceError> {
        match part.ledger.name.as_str() {
            ROOT => state.household = link,
            PERSON => state.person = link,
            _ => {}
        }
        Ok(())
    }

    /// Unique values stand once in a file.
    fn only_once(&mut self, part: &Part<'_>, values: &Values, state: &mut RowState<'_>) {
        for key in keys_of(self.target, part.ledger) {
            let Some(value) = values.get(&key).filter(|value| !value.is_empty()) else { continue };
            let entry = (key.clone(), value.to_string());
            match self.unique.get(&entry) {
                Some(row) => {
                    let message = Message::new(
                        format!("与第 {row} 行重复"),
                        format!("the same as in row {row}"),
                    );
                    let place = self.place_of(part, &key);
                    problem(state, place, "S0709", message);
                }
                None => {
                    self.unique.insert(entry, state.number);
                }
            }
        }
    }

    /// One row a household, or person, and year.
    fn once_a_period(&mut self, part: &Part<'_>, values: &Values, state: &mut RowState<'_>) {
        if !is_periodic(part.ledger) {
            return;
        }
        let mut key = String::new();
        for (column, value) in self.columns.iter().zip(state.values) {
            if column.ledger.name != part.ledger.name && column.field.is_some() {
                key.push_str(&format!("{value}\n"));
            }
        }
        let own = nature(part.ledger);
        let mut last = None;
        for name in own.into_iter().filter(|name| ![ROOT, PERSON].contains(name)) {
            key.push_str(&format!("{}\n", values.get(name).unwrap_or(&Value::Null)));
            last = Some(name.to_owned());
        }
        match self.unique.get(&(String::new(), key.clone())) {
            Some(row) => {
                let message = Message::new(
                    format!("与第 {row} 行说的是同一条记录"),
                    format!("row {row} is about the same record"),
                );
                let place = self.place_of(part, &last.unwrap_or_default());
                problem(state, place, "S0711", message);
            }
            None => {
                self.unique.insert((String::new(), key), state.number);
            }
        }
    }

    fn found(
        &self,
        reader: &Reader<'_>,
        part: &Part<'_>,
        values: &Values,
        is_main: bool,
        state: &RowState<'_>,
    ) -> Result<Found, ServiceError> {
        let finder = Finder { reader };
        let household = state.household.id();
        let keys = keys_of(self.target, part.ledger);
        let found = finder.by_keys(part.ledger, &keys, values, household)?;
        let has_key = keys.iter().any(|key| values.get(key).is_some_and(|v| !v.is_empty()));
        if !matches!(found, Found::None) || has_key || part.ledger.name == ROOT {
            return Ok(found);
        }
        if part.ledger.name == PERSON {
            let name = values.get("name").filter(|name| !name.is_empty());
            return match (household, name) {
                (Some(household), Some(name)) => finder.by_person_name(household, name),
                _ => Ok(Found::None),
            };
        }
        let is_taken = |id: &RecordId| self.taken.contains_key(id);
        finder.by_nature(part.ledger, values, &is_taken, is_main)
    }

    /// The record, if it lies in the batch's region, the caller may change it and no earlier row is
    /// about it.
    fn allowed(
        &mut self,
        record: Record,
        place: usize,
        is_main: bool,
        state: &mut RowState<'_>,
    ) -> Option<Record> {
        let is_inside = record.region.as_ref().is_none_or(|at| at.is_under(self.region));
        if !is_inside || !self.service.may(self.caller, &record, Action::Update) {
            let message = Message::new(
                "这条记录不在本批的区划内，或无权修改",
                "the record lies outside the region of this import or may not be changed",
            );
            problem(state, place, "S0710", message);
            return Some(record);
        }
        if is_main {
            match self.taken.get(&record.id) {
                Some(row) if state.out.problems.is_empty() => {
                    let message = Message::new(
                        format!("与第 {row} 行说的是同一条记录"),
                        format!("row {row} is about the same record"),
                    );
                    problem(state, place, "S0711", message);
                }
                Some(_) => {}
                None => {
                    self.taken.insert(record.id.clone(), state.number);
                }
            }
        }
        Some(record)
    }

    fn change(
        &self,
        reader: &Reader<'_>,
        writer: Option<&Writer<'_>>,
        record: Record,
        mut values: Values,
        part: &Part<'_>,
        state: &mut RowState<'_>,
    ) -> Result<Link, ServiceError> {
        if part.ledger.name != self.target.ledger.name {
            // How a row names another record is no change of that record.
            values.retain(|_, value| !value.is_empty() || part.is_made);
            if !part.is_made {
                values.clear();
            }
        }
        let found =
            reader.for_judging(|reader| difference(reader, &record, &values, &self.target.name))?;
        self.taken_values(reader, part, &record, &found.changes, state)?;
        let required = part.ledger.fields.iter().filter(|field| field.is_required);
        let required: HashSet<&str> = required.map(|field| field.name.as_str()).collect();
        let changes: Vec<FieldChange> = found
            .changes
            .into_iter()
            .filter(|change| !(change.new.is_empty() && required.contains(change.field.as_str())))
            .collect();
        let mut version = record.version;
        if let Some(writer) =
            writer.filter(|_| !changes.is_empty() && state.out.problems.is_empty())
        {
            let new = changes.iter().map(|change| (change.field.clone(), change.new.clone()));
            let change = Change { values: new.collect(), ..Change::default() };
            version = writer.update(&part.ledger.name, &record.id, version, change)?.version;
        }
        state.out.effects.push(Effect {
            ledger: part.ledger.name.clone(),
            id: Some(record.id.clone()),
            is_new: false,
            version,
            changes,
            conflicts: found.conflicts,
        });
        // The household of a person found by number alone.
        if let (Link::None, Some(household)) = (&state.household, record.reference(ROOT)) {
            state.household = Link::Known(household.clone(), record.region.clone());
        }
        Ok(Link::Known(record.id, record.region))
    }

    /// A changed unique value must be free.
    fn taken_values(
        &self,
        reader: &Reader<'_>,
        part: &Part<'_>,
        record: &Record,
        changes: &[FieldChange],
        state: &mut RowState<'_>,
    ) -> Result<(), ServiceError> {
        for change in changes.iter().filter(|change| !change.new.is_empty()) {
            let is_unique = part.ledger.field(&change.field).is_some_and(|field| field.is_unique);
            if !is_unique {
                continue;
            }
            let filter = taizhang_store::Filter::Eq(change.field.clone(), change.new.clone());
            let others = Finder { reader }.list(&part.ledger.name, filter)?;
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

    fn make(
        &self,
        writer: Option<&Writer<'_>>,
        part: &Part<'_>,
        mut values: Values,
        place: usize,
        state: &mut RowState<'_>,
    ) -> Result<Link, ServiceError> {
        values.retain(|_, value| !value.is_empty());
        let region = state.region.clone().or_else(|| state.household.region());
        let region = region.or_else(|| {
            let fits = self.region.level() >= part.ledger.home.unwrap_or(RegionLevel::Country);
            fits.then(|| self.region.clone())
        });
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
        let is_fresh = matches!(state.household, Link::Fresh(_));
        for field in part.ledger.fields.iter().filter(|field| field.is_required) {
            let is_tied = field.name == ROOT && is_fresh
                || field.name == PERSON && matches!(state.person, Link::Fresh(_));
            if !is_tied && !values.contains_key(&field.name) {
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
        let mut effect = Effect {
            ledger: part.ledger.name.clone(),
            id: None,
            is_new: true,
            version: 1,
            changes: Vec::new(),
            conflicts: Vec::new(),
        };
        let mut link = Link::Fresh(region.clone());
        if let Some(writer) = writer.filter(|_| state.out.problems.is_empty()) {
            let new = NewRecord { region: region.clone(), values, ..NewRecord::default() };
            let made = writer.insert(&part.ledger.name, new)?;
            effect.id = Some(made.id.clone());
            link = Link::Known(made.id, region);
        }
        state.out.effects.push(effect);
        Ok(link)
    }
}

fn problem(state: &mut RowState<'_>, place: usize, code: &'static str, message: Message) {
    state.out.problems.push(RowProblem { place, code, message, suggestion: None });
}

fn place_problem(state: &mut RowState<'_>, place: usize, fault: PlaceFault) {
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

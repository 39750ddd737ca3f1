//! Tables → examples with their rows.

use super::cell::{self, Wanted};
use super::memory::MemoryRows;
use super::table::{OUTCOME, Table, Written};
use super::{EXAMPLE_DAY, EXAMPLE_REGION, Example};
use crate::faults::{Added, Faults, RuleFault};
use crate::interpret::{Cell, RowId};
use crate::judge::Outcome;
use crate::rule::Rule;
use std::borrow::Cow;
use std::collections::BTreeMap;
use taizhang_codebook::{Codebook, FieldType, Ledger, RelationKind, RuleSeverity, RuleSource};
use taizhang_diagnostics::Message;
use taizhang_values::Date;

/// Column that names an example, or the examples to which a row belongs.
const CASE: &str = "case";
/// Column that names a row of a related table.
const ROW: &str = "row";
/// Column that names the row above, in a table two relations away.
const OF: &str = "of";
/// Column of the day of judgement.
const AS_OF: &str = "as_of";
/// Column of the severity that a violation should have.
const SEVERITY: &str = "severity";
/// Column that is only read by people.
const NOTE: &str = "note";
/// Heading of other rows of the same ledger.
const SAME: &str = "same";
/// Every example.
const EVERY: &str = "*";

pub(super) struct Builder<'a> {
    codebook: &'a Codebook,
    source: &'a RuleSource,
    rule: &'a Rule,
    faults: &'a Faults,
}

/// An example being made: rows by table and name, records by ledger and name.
struct Making {
    example: Example,
    named: BTreeMap<(String, String), RowId>,
    /// Rows of each related table, in order.
    of_table: BTreeMap<String, Vec<(String, RowId)>>,
    /// References of the judged record that are left blank, so that no rows belong to them.
    blank: Vec<String>,
    region: String,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        codebook: &'a Codebook,
        source: &'a RuleSource,
        rule: &'a Rule,
        faults: &'a Faults,
    ) -> Self {
        Self { codebook, source, rule, faults }
    }

    pub(super) fn examples(&self, tables: &[Table]) -> Vec<Example> {
        let Some(ledger) = self.codebook.ledger(&self.rule.ledger) else {
            return Vec::new();
        };
        let (mains, related): (Vec<&Table>, Vec<&Table>) =
            tables.iter().partition(|table| table.path.text.is_empty());
        let mut makings: Vec<Making> = Vec::new();
        for table in mains {
            let words = [CASE, AS_OF, SEVERITY, NOTE, OUTCOME];
            let is_known = self.is_sound(|| self.check_columns(table, ledger, &words));
            for row in &table.rows {
                let before = self.faults.count();
                let mut making = self.making(table, row, ledger, makings.len());
                if let Some(making) = &mut making {
                    making.example.is_flawed = !is_known || self.faults.count() > before;
                }
                makings.extend(making);
            }
        }
        for table in related {
            self.add_related(table, ledger, &mut makings);
        }
        makings.into_iter().map(|making| making.example).collect()
    }

    /// True if nothing is found wrong in it.
    fn is_sound(&self, act: impl FnOnce()) -> bool {
        let before = self.faults.count();
        act();
        self.faults.count() == before
    }

    fn fault(&self, kind: RuleFault, at: &Written, zh: String, en: String) -> Added<'a> {
        let place = self.source.body.place(at.range.clone());
        self.faults.add(kind, place, Message::new(zh, en))
    }

    /// The record of one line of the table of examples.
    fn making(
        &self,
        table: &Table,
        cells: &[Written],
        ledger: &Ledger,
        number: usize,
    ) -> Option<Making> {
        let cell = |name: &str| {
            let found = table.columns.iter().zip(cells).find(|(column, _)| column.text == name);
            found.map(|(_, cell)| cell).filter(|cell| !cell.text.is_empty())
        };
        let outcome = self.outcome(cell(OUTCOME), cells)?;
        let mut rows = MemoryRows::new(self.codebook);
        let row = rows.add(&ledger.name);
        let case = cell(CASE).map_or_else(|| (number + 1).to_string(), |cell| cell.text.clone());
        let range = cells.first().map_or(0, |cell| cell.range.start)
            ..cells.last().map_or(0, |cell| cell.range.end);
        let as_of = cell(AS_OF).and_then(|cell| self.as_of(cell)).unwrap_or_else(|| self.day());
        let severity = cell(SEVERITY).and_then(|cell| self.severity(cell));
        let region = self.source.region.clone().unwrap_or_else(|| EXAMPLE_REGION.to_owned());
        let example =
            Example { case, as_of, outcome, severity, rows, row, range, is_flawed: false };
        let references = ledger.fields.iter().filter(|field| field.ledger.is_some());
        let blank = references.filter(|field| is_blank(table, cells, &field.name));
        let mut making = Making {
            example,
            named: BTreeMap::new(),
            of_table: BTreeMap::new(),
            blank: blank.map(|field| field.name.clone()).collect(),
            region,
        };
        if let Some(region) = cell("region") {
            making.region.clone_from(&region.text);
        }
        self.fill(&mut making, row, ledger, table, cells);
        Some(making)
    }

    /// Day of judgement of a table without such a column.
    fn day(&self) -> Date {
        self.source.as_of.unwrap_or_else(|| EXAMPLE_DAY.max(self.rule.since))
    }

    fn outcome(&self, cell: Option<&Written>, cells: &[Written]) -> Option<Outcome> {
        let at = cell.or_else(|| cells.last())?;
        let outcome = cell.and_then(|cell| Outcome::parse(&cell.text));
        if outcome.is_none() {
            let words = ["passes", "violates", "undecided", "outside"];
            self.fault(
                RuleFault::ExampleValue,
                at,
                format!("结果不能写`{}`", at.text),
                format!("outcome cannot be `{}`", at.text),
            )
            .nearest(&at.text, words);
        }
        outcome
    }

    fn as_of(&self, cell: &Written) -> Option<Date> {
        let date: Option<Date> = cell.text.parse().ok();
        if date.is_none() {
            self.wrong_value(cell, &Wanted { zh: "日期".into(), en: "a date".into() });
        }
        date
    }

    fn severity(&self, cell: &Written) -> Option<RuleSeverity> {
        let all =
            [RuleSeverity::Low, RuleSeverity::Medium, RuleSeverity::High, RuleSeverity::Blocker];
        let found = all.into_iter().find(|word| word.word() == cell.text);
        if found.is_none() {
            let zh = "low、medium、high 或 blocker".to_owned();
            self.wrong_value(cell, &Wanted { zh, en: "low, medium, high or blocker".into() });
        }
        found
    }

    fn wrong_value(&self, cell: &Written, wanted: &Wanted) {
        self.fault(
            RuleFault::ExampleValue,
            cell,
            format!("`{}`不是这一列的值", cell.text),
            format!("`{}` is no value of this column", cell.text),
        )
        .help(format!("要写{}", wanted.zh), format!("{} is wanted", wanted.en));
    }

    /// A fault for every column that is neither a field of the rows nor one of the words.
    fn check_columns(&self, table: &Table, ledger: &Ledger, words: &[&str]) {
        for column in table.columns.iter().filter(|column| !words.contains(&&*column.text)) {
            let mut at = ledger;
            let mut names = column.text.split('.').peekable();
            while let Some(name) = names.next() {
                let next = at.field(name).and_then(|field| field.ledger.as_deref());
                let is_known = at.field(name).is_some() || is_built_in(at, name);
                match next.and_then(|next| self.codebook.ledger(next)) {
                    Some(next) if names.peek().is_some() => at = next,
                    _ if is_known && names.peek().is_none() => {}
                    _ => {
                        self.unknown_column(column, at, name, words);
                        break;
                    }
                }
            }
        }
    }

    fn unknown_column(&self, column: &Written, ledger: &Ledger, name: &str, words: &[&str]) {
        let fields = ledger.fields.iter().map(|field| field.name.as_str());
        let added = self.fault(
            RuleFault::ExampleColumn,
            column,
            format!("台账`{}`没有字段`{name}`", ledger.name),
            format!("no field `{name}` in ledger `{}`", ledger.name),
        );
        if let Some(field) = ledger.fields.iter().find(|field| field.label.zh == name) {
            let field = &field.name;
            added.help(format!("`{name}`写成`{field}`"), format!("`{name}` is written `{field}`"));
            return;
        }
        added.nearest(name, fields.chain(words.iter().copied()));
    }

    /// Sets the fields of a row, and those of the records its references lead to.
    fn fill(
        &self,
        making: &mut Making,
        row: RowId,
        ledger: &Ledger,
        table: &Table,
        cells: &[Written],
    ) {
        let region = Cell::Text(Cow::Owned(making.region.clone()));
        making.example.rows.set(row, "region", region);
        let columns = || table.columns.iter().zip(cells);
        // References first, so that paths meet the records they name.
        for (column, cell) in columns().filter(|(column, _)| !column.text.contains('.')) {
            self.set(making, row, ledger, &column.text, cell, true);
        }
        for (column, cell) in columns().filter(|(column, _)| column.text.contains('.')) {
            let mut at = (row, ledger);
            let mut names: Vec<&str> = column.text.split('.').collect();
            let last = names.pop().unwrap_or_default();
            // A reference that is left blank on purpose leads to no record.
            if names.first().is_some_and(|first| is_blank(table, cells, first)) {
                continue;
            }
            for name in names {
                match self.follow(making, at, name) {
                    Some(next) => at = next,
                    None => return,
                }
            }
            self.set(making, at.0, at.1, last, cell, false);
        }
    }

    /// The record that a reference leads to, made if there is none yet.
    fn follow(
        &self,
        making: &mut Making,
        (row, ledger): (RowId, &Ledger),
        name: &str,
    ) -> Option<(RowId, &'a Ledger)> {
        let other = ledger.field(name)?.ledger.as_deref()?;
        let other = self.codebook.ledger(other)?;
        if let Some(next) = crate::interpret::Rows::one(&making.example.rows, row, name) {
            return Some((next, other));
        }
        let next = making.example.rows.add(&other.name);
        let region = Cell::Text(Cow::Owned(making.region.clone()));
        making.example.rows.set(next, "region", region);
        making.example.rows.refer(row, name, next);
        Some((next, other))
    }

    fn set(
        &self,
        making: &mut Making,
        row: RowId,
        ledger: &Ledger,
        name: &str,
        written: &Written,
        is_own: bool,
    ) {
        let rows = &mut making.example.rows;
        let Some(field) = ledger.field(name) else {
            if is_own && !is_built_in(ledger, name) || written.text.is_empty() {
                return;
            }
            let cell = match name {
                "created_at" | "updated_at" => cell::instant(&written.text),
                "region" => cell::region(&written.text),
                _ => Ok(Cell::Text(Cow::Owned(written.text.clone()))),
            };
            match cell {
                Ok(cell) => rows.set(row, name, cell),
                Err(wanted) => self.wrong_value(written, &wanted),
            }
            return;
        };
        if let (FieldType::Reference, Some(other)) = (field.field_type, &field.ledger) {
            if !written.text.is_empty() {
                let to = making.record(other, &written.text);
                making.example.rows.refer(row, name, to);
            }
            return;
        }
        match cell::read(self.codebook, field, &written.text) {
            Ok(cell) => rows.set(row, name, cell),
            Err(wanted) => self.wrong_value(written, &wanted),
        }
    }

    /// Rows of a table below the name of a relation.
    fn add_related(&self, table: &Table, root: &Ledger, makings: &mut [Making]) {
        let Some(way) = self.way(table, root) else {
            makings.iter_mut().for_each(|making| making.example.is_flawed = true);
            return;
        };
        if !self.is_sound(|| self.check_columns(table, way.ledger, &[CASE, ROW, OF, NOTE])) {
            makings.iter_mut().for_each(|making| making.example.is_flawed = true);
        }
        let position = |name: &str| table.columns.iter().position(|column| column.text == name);
        let (case, row, of) = (position(CASE), position(ROW), position(OF));
        for cells in &table.rows {
            let text = |at: Option<usize>| at.and_then(|at| cells.get(at));
            let mut is_used = false;
            for making in makings.iter_mut() {
                if !belongs(text(case), &making.example.case) {
                    continue;
                }
                is_used = true;
                let before = self.faults.count();
                let name = text(row).map_or(String::new(), |cell| cell.text.clone());
                if let Some(id) = self.related(making, &way, text(of), table) {
                    self.fill(making, id, way.ledger, table, cells);
                    if !name.is_empty() {
                        making.named.insert((way.ledger.name.clone(), name.clone()), id);
                    }
                    let path = table.path.text.clone();
                    making.of_table.entry(path).or_default().push((name, id));
                }
                making.example.is_flawed |= self.faults.count() > before;
            }
            if let (false, Some(cell)) = (is_used, text(case)) {
                self.fault(
                    RuleFault::ExampleValue,
                    cell,
                    format!("没有例子叫`{}`", cell.text),
                    format!("no example is named `{}`", cell.text),
                )
                .nearest(&cell.text, makings.iter().map(|making| making.example.case.as_str()));
                // It may be missing from any of them.
                makings.iter_mut().for_each(|making| making.example.is_flawed = true);
            }
        }
    }

    /// What the heading of a table names.
    fn way(&self, table: &Table, root: &'a Ledger) -> Option<Way<'a>> {
        let mut names = table.path.text.split('.').peekable();
        let mut ledger = root;
        let mut references = Vec::new();
        let mut above: Option<String> = None;
        let mut last = None;
        let mut written = String::new();
        if names.next_if_eq(&SAME).is_some() {
            if names.peek().is_none() {
                return Some(Way { references, above, last, ledger });
            }
            SAME.clone_into(&mut written);
            above = Some(written.clone());
        }
        for name in names {
            if last.is_some() {
                above = Some(written.clone());
                references.clear();
            }
            let joint = if written.is_empty() { "" } else { "." };
            written = format!("{written}{joint}{name}");
            let reference = ledger.field(name).and_then(|field| field.ledger.as_deref());
            let relation = ledger.relation(name);
            let next = match (reference, relation) {
                (Some(other), _) => {
                    references.push(name.to_owned());
                    last = None;
                    other
                }
                (None, Some(relation)) if relation.kind == RelationKind::One => {
                    references.push(relation.by.clone().unwrap_or_else(|| name.to_owned()));
                    last = None;
                    relation.ledger.as_str()
                }
                (None, Some(relation)) => {
                    last = Some((name.to_owned(), relation));
                    relation.ledger.as_str()
                }
                (None, None) => {
                    self.unknown_relation(table, ledger, name);
                    return None;
                }
            };
            ledger = self.codebook.ledger(next)?;
        }
        if last.is_none() {
            self.one_record(table);
            return None;
        }
        Some(Way { references, above, last, ledger })
    }

    /// A heading that leads to one record, whose fields are columns of the examples.
    fn one_record(&self, table: &Table) {
        let way = &table.path.text;
        let mut names = table.columns.iter().map(|column| column.text.as_str());
        let field = names.find(|name| ![CASE, ROW, OF, NOTE].contains(name));
        let column = format!("{way}.{}", field.unwrap_or("…"));
        self.fault(
            RuleFault::ExampleTable,
            &table.path,
            format!("`{way}`只有一条记录，不另列表"),
            format!("`{way}` is one record and has no table of its own"),
        )
        .help(
            format!("在例表里写成一列：`{column}`"),
            format!("write it as a column of the examples: `{column}`"),
        );
    }

    fn unknown_relation(&self, table: &Table, ledger: &Ledger, name: &str) {
        let relations = ledger.relations.iter().map(|relation| relation.name.as_str());
        self.fault(
            RuleFault::ExampleTable,
            &table.path,
            format!("台账`{}`没有多行关系`{name}`", ledger.name),
            format!("no relation `{name}` to many rows in ledger `{}`", ledger.name),
        )
        .nearest(name, relations);
    }

    /// A new row tied to the record, or to the row above that is named.
    fn related(
        &self,
        making: &mut Making,
        way: &Way<'a>,
        of: Option<&Written>,
        table: &Table,
    ) -> Option<RowId> {
        let Some((relation_name, relation)) = &way.last else {
            return Some(making.example.rows.add(&way.ledger.name));
        };
        let is_of_record = way.above.is_none();
        if is_of_record && way.references.first().is_some_and(|first| making.blank.contains(first))
        {
            return None;
        }
        let mut from = match &way.above {
            None => (making.example.row, self.codebook.ledger(&self.rule.ledger)?),
            Some(above) => {
                let rows = making.of_table.get(above).map_or(&[][..], Vec::as_slice);
                let named = match of {
                    Some(of) => rows.iter().find(|(name, _)| *name == of.text),
                    None => rows.first().filter(|_| rows.len() == 1),
                };
                let Some((_, id)) = named else {
                    self.no_row_above(above, of.unwrap_or(&table.path));
                    return None;
                };
                (*id, self.ledger_at(above)?)
            }
        };
        for reference in &way.references {
            from = self.follow(making, from, reference)?;
        }
        let id = making.example.rows.add(&way.ledger.name);
        match (&relation.kind, &relation.by) {
            (RelationKind::Many, Some(by)) => making.example.rows.refer(id, by, from.0),
            _ => making.example.rows.link(from.0, relation_name, id),
        }
        Some(id)
    }

    /// The ledger of the rows of a table, by its path.
    fn ledger_at(&self, path: &str) -> Option<&'a Ledger> {
        let mut ledger = self.codebook.ledger(&self.rule.ledger)?;
        let mut names = path.split('.').peekable();
        names.next_if_eq(&SAME);
        for name in names {
            let by_field = ledger.field(name).and_then(|field| field.ledger.as_deref());
            let by_relation = ledger.relation(name).map(|relation| relation.ledger.as_str());
            ledger = self.codebook.ledger(by_field.or(by_relation)?)?;
        }
        Some(ledger)
    }

    fn no_row_above(&self, above: &str, at: &Written) {
        self.fault(
            RuleFault::ExampleTable,
            at,
            format!("不知道属于`{above}`表的哪一行"),
            format!("unclear to which row of table `{above}` this belongs"),
        )
        .help(
            format!("给`{above}`表加 `row` 列取名，在本表用 `of` 列写名；`{above}`表写在前面"),
            format!(
                "name rows in a column `row` of `{above}` and write the name in a column `of` \
                 here; `{above}` comes first"
            ),
        );
    }
}

/// How the rows of a related table are reached.
struct Way<'a> {
    /// References to follow, from the record or from the row above.
    references: Vec<String>,
    /// Path of the table whose rows are between.
    above: Option<String>,
    /// The relation; none for other rows of the same ledger.
    last: Option<(String, &'a taizhang_codebook::Relation)>,
    ledger: &'a Ledger,
}

impl Making {
    /// The record of a ledger with a name in this example, made if there is none yet.
    fn record(&mut self, ledger: &str, name: &str) -> RowId {
        let key = (ledger.to_owned(), name.to_owned());
        if let Some(id) = self.named.get(&key) {
            return *id;
        }
        let id = self.example.rows.add(ledger);
        self.example.rows.set(id, "region", Cell::Text(Cow::Owned(self.region.clone())));
        self.named.insert(key, id);
        id
    }
}

/// Whether a row belongs to an example: by name, several names, or all.
fn belongs(cell: Option<&Written>, case: &str) -> bool {
    match cell {
        None => true,
        Some(cell) => {
            let mut names = cell.text.split([',', '、', '，']).map(str::trim);
            cell.text.is_empty() || names.any(|name| name == case || name == EVERY)
        }
    }
}

/// Whether a column is there and holds nothing in a line.
fn is_blank(table: &Table, cells: &[Written], name: &str) -> bool {
    let mut columns = table.columns.iter().zip(cells);
    columns.any(|(column, cell)| column.text == name && cell.text.is_empty())
}

fn is_built_in(ledger: &Ledger, name: &str) -> bool {
    matches!(name, "region" | "created_at" | "updated_at")
        || (name == "state" && ledger.flow.is_some())
}

//! What a document says before it is laid out.

use super::layout::{Layout, Role, Statement};
use super::phrase::Phrase;
use super::random::Random;
use super::words;

/// A deadline as written (full-width punctuation) and meant.
#[derive(Clone, Debug)]
pub struct Due {
    /// As written.
    pub text: String,
    /// Kind of the schema.
    pub kind: &'static str,
    /// Date of the schema.
    pub date: Option<String>,
}

/// One finding or task.
#[derive(Clone, Debug)]
pub struct Row {
    /// Heading.
    pub title: Phrase,
    /// Statements after the heading.
    pub statements: Vec<Phrase>,
    /// Measures, or the sentences of a task.
    pub measures: Vec<Phrase>,
    /// Names by role.
    pub names: Vec<(Role, Vec<&'static str>)>,
    /// Deadline.
    pub due: Due,
    /// Status as written and its value.
    pub status: (&'static str, &'static str),
    /// The problem does not exist here.
    pub absent: bool,
    /// A field left out.
    pub missing: Option<Role>,
    /// A field whose value is only a placeholder.
    pub blank: Option<(Role, &'static str)>,
    /// Sub-items that are findings of their own, or aspects.
    pub parts: Vec<Row>,
}

/// A fault planted into the numbers of the findings, at this index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberFault {
    /// The number is one too high.
    Skip(usize),
    /// The number of the row before stands again.
    Repeat(usize),
    /// A bullet stands instead.
    Lose(usize),
    /// Other punctuation.
    Odd(usize),
}

/// A group of rows under a heading.
#[derive(Clone, Debug)]
pub struct Group {
    /// Heading.
    pub title: &'static str,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// The whole document.
#[derive(Clone, Debug)]
pub struct Content {
    /// Township.
    pub town: &'static str,
    /// County.
    pub county: &'static str,
    /// Year.
    pub year: u32,
    /// Groups of findings.
    pub groups: Vec<Group>,
    /// Fault of the numbers.
    pub fault: Option<NumberFault>,
    /// How far the claimed number of problems is off.
    pub claim_off: u32,
    /// General requirements.
    pub requirements: Vec<(&'static str, &'static str)>,
}

/// Statuses as written and their values.
const STATUSES: &[(&str, &str)] = &[
    ("已完成", "completed"),
    ("已整改", "completed"),
    ("正在推进", "in_progress"),
    ("基本完成", "partial"),
    ("未完成", "not_started"),
    ("长期坚持", "ongoing"),
    ("已销号", "completed"),
    ("持续整改", "in_progress"),
    ("阶段性完成", "partial"),
];
/// Placeholders.
const PLACEHOLDERS: &[&str] = &["**", "××", "XXX", "—", "待定", "/"];

impl Content {
    /// Invents a document for `layout`.
    #[must_use]
    pub fn invent(layout: &Layout, random: &mut Random) -> Self {
        let year = random.between(2019, 2024);
        let group_count = if layout.group.is_some() || layout.flat {
            usize::try_from(random.between(2, 4)).unwrap_or(2)
        } else {
            1
        };
        let titles = random.words(words::ASPECTS, group_count);
        let mut groups: Vec<Group> = titles
            .into_iter()
            .map(|title| {
                let rows = (0..random.between(2, 4)).map(|_| row(layout, year, random)).collect();
                Group { title, rows }
            })
            .collect();
        if group_count == 1
            && let Some(group) = groups.first_mut()
        {
            for _ in 0..random.between(2, 4) {
                group.rows.push(row(layout, year, random));
            }
        }
        plant_field_faults(layout, &mut groups, random);
        let mut requirements = vec![words::requirement(random), words::requirement(random)];
        requirements.dedup();
        Self {
            town: random.word(words::TOWNS),
            county: random.word(words::COUNTIES),
            year,
            fault: number_fault(layout, &groups, random),
            claim_off: u32::from(random.chance(20)),
            groups,
            requirements,
        }
    }

    /// All findings: the sub-items of a row that is split, else the row itself.
    pub fn rows<'a>(&'a self, layout: &'a Layout) -> impl Iterator<Item = &'a Row> {
        self.groups.iter().flat_map(|group| &group.rows).flat_map(|row| {
            let split = layout.split.is_some() && !row.parts.is_empty();
            if split { row.parts.as_slice() } else { std::slice::from_ref(row) }
        })
    }
}

/// Invents one row, with parts where the layout has them.
fn row(layout: &Layout, year: u32, random: &mut Random) -> Row {
    let mut row = plain_row(layout, year, random);
    if layout.aspects.is_some() || (layout.split.is_some() && random.chance(40)) {
        row.parts = (0..2).map(|_| plain_row(layout, year, random)).collect();
        for part in &mut row.parts {
            part.absent = false;
            if layout.aspects.is_some() {
                part.title = Phrase::of(&words::area(random));
            }
        }
    }
    row
}

/// Invents one row without parts.
fn plain_row(layout: &Layout, year: u32, random: &mut Random) -> Row {
    let title = if layout.situation && layout.aspects.is_none() {
        Phrase::of(&words::area(random))
    } else {
        words::title(random, layout.statement != Statement::Aimed)
    };
    let statements = (0..random.between(1, 3)).map(|_| words::statement(random)).collect();
    let mut measures: Vec<Phrase> =
        (0..random.between(1, 4)).map(|_| words::measure(random, layout.nested)).collect();
    if layout.nested && measures.len() < 2 {
        // Alone, a measure that holds an enumeration would be several measures.
        measures.push(words::measure(random, false));
    }
    if random.chance(35) {
        let holds = random.chance(70);
        let place = random.index(measures.len() + 1);
        measures.insert(place, words::relation(random, holds));
    }
    let names = layout
        .roles
        .iter()
        .filter_map(|(role, _)| {
            let (pool, most): (&[&'static str], u32) = match role {
                Role::Lead => (words::BUREAUS, 1),
                Role::Units | Role::Supervisor => (words::OFFICES, 3),
                Role::Leader => (words::LEADERS, 1),
                Role::Person => (words::PEOPLE, 2),
                Role::Deadline | Role::Status => return None,
            };
            let count = usize::try_from(random.between(1, most)).unwrap_or(1);
            Some((*role, random.words(pool, count)))
        })
        .collect();
    let absent = layout.situation && random.chance(25);
    let status = STATUSES.get(random.index(STATUSES.len())).copied().unwrap_or_default();
    Row {
        title,
        statements,
        measures,
        names,
        due: due(year, random),
        status,
        absent,
        missing: None,
        blank: None,
        parts: Vec::new(),
    }
}

/// Invents a deadline.
fn due(year: u32, random: &mut Random) -> Due {
    let month = random.between(3, 12);
    let day = random.between(1, 28);
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let date = |text: String, date: String| Due { text, kind: "date", date: Some(date) };
    let plain = |text: &str, kind| Due { text: text.to_owned(), kind, date: None };
    match random.between(0, 14) {
        0 => plain("立行立改", "immediate"),
        1 => plain("长期坚持", "ongoing"),
        2 => plain("立行立改，长期坚持", "ongoing"),
        3 => date(format!("{year}年{month}月底前"), format!("{year}-{month:02}-{last}")),
        4 => date(format!("{year}年{month}月"), format!("{year}-{month:02}")),
        5 => date(format!("{month}月{day}日"), format!("--{month:02}-{day:02}")),
        6 => date(format!("{year}年底前"), format!("{year}-12-31")),
        7 => date(
            format!("{year}年{month}月{day}日前，并长期坚持"),
            format!("{year}-{month:02}-{day:02}"),
        ),
        8 => plain("反馈后3个月内", "relative"),
        9 => plain("即知即改", "immediate"),
        10 => plain("持续推进", "ongoing"),
        11 => date(format!("{year}年{month}月底"), format!("{year}-{month:02}-{last}")),
        _ => date(format!("{year}年{month}月{day}日"), format!("{year}-{month:02}-{day:02}")),
    }
}

/// Leaves one field out, and blanks another.
fn plant_field_faults(layout: &Layout, groups: &mut [Group], random: &mut Random) {
    let table = !layout.column.is_empty();
    let fields: Vec<Role> = layout
        .roles
        .iter()
        .map(|(role, _)| *role)
        .filter(|role| !matches!(role, Role::Supervisor | Role::Status))
        .collect();
    if fields.is_empty() || matches!(layout.fields, super::layout::Fields::Nothing) {
        return;
    }
    let split = layout.split.is_some();
    let mut rows: Vec<&mut Row> = Vec::new();
    for row in groups.iter_mut().flat_map(|group| &mut group.rows) {
        if split && !row.parts.is_empty() {
            rows.extend(&mut row.parts);
        } else if !row.absent {
            rows.push(row);
        }
    }
    if rows.len() < 4 {
        return;
    }
    let (first, second) = (random.index(rows.len()), random.index(rows.len()));
    let (role, other) = (random.index(fields.len()), random.index(fields.len()));
    if !table
        && fields.len() > 1
        && random.chance(40)
        && let Some(row) = rows.get_mut(first)
    {
        row.missing = fields.get(role).copied();
    }
    if random.chance(40)
        && first != second
        && let Some(row) = rows.get_mut(second)
    {
        let placeholder = random.word(PLACEHOLDERS);
        row.blank = fields.get(other).map(|role| (*role, placeholder));
    }
}

/// Chooses a fault of the numbers.
fn number_fault(layout: &Layout, groups: &[Group], random: &mut Random) -> Option<NumberFault> {
    if !random.chance(40) {
        return None;
    }
    // The fault stands inside the first group, where it is plain whatever the other groups do.
    let count = groups.first().map_or(0, |group| group.rows.len());
    if count < 3 || layout.item.is_none() {
        return None;
    }
    let index = random.index(count - 1) + 1;
    let table = !layout.column.is_empty();
    match random.between(0, 3) {
        0 => Some(NumberFault::Skip(index)),
        1 => Some(NumberFault::Repeat(index)),
        2 if !table => Some(NumberFault::Lose(index)),
        3 if !table && count >= 4 => Some(NumberFault::Odd(index)),
        _ => None,
    }
}

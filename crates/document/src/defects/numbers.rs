//! Numbering faults: skipped, repeated, lost and irregular numbers.

use std::collections::{BTreeMap, HashMap};

use super::Draft;
use super::style::{Key, Style};
use crate::anatomy::Anatomy;
use crate::model::{DefectType, Section};
use crate::source::Span;

/// Where the numbering of one level and style stands.
#[derive(Clone, Copy, Debug)]
struct State {
    /// The number that would go on with the sequence.
    next: u32,
    /// Whether a list of this level and style has begun at 1 again under another parent.
    restarted: bool,
}

/// One member of a list of siblings.
struct Member<'a> {
    number: Option<u32>,
    style: Option<Style>,
    place: Span,
    section: Option<&'a Section>,
    finding: Option<&'a str>,
}

/// All numbering faults of the outline and of table rows.
pub fn find(anatomy: &Anatomy, out: &mut Vec<Draft>) {
    let mut states: BTreeMap<(usize, Key), State> = BTreeMap::new();
    let mut levels: BTreeMap<(usize, Key), Vec<Vec<Member<'_>>>> = BTreeMap::new();
    for list in sibling_lists(&anatomy.sections) {
        for members in by_style(&list) {
            let level = list.first().map_or(0, |section| section.level);
            let key = members.iter().find_map(|m| m.style.as_ref().map(Style::key));
            let Some(key) = key else { continue };
            walk(&members, states.entry((level, key.clone())), out);
            levels.entry((level, key)).or_default().push(members);
        }
    }
    for lists in levels.values() {
        irregular(lists, out);
    }
    let rows = table_rows(anatomy);
    let mut none = BTreeMap::new();
    walk(&rows, none.entry((0, Key::default())), out);
}

/// The children of every node in text order, lists ordered by their first member.
fn sibling_lists(sections: &[Section]) -> Vec<Vec<&Section>> {
    let mut lists: Vec<Vec<&Section>> = Vec::new();
    let mut of_parent: HashMap<Option<&str>, usize> = HashMap::new();
    for section in sections {
        let next = lists.len();
        let index = *of_parent.entry(section.parent.as_deref()).or_insert(next);
        match lists.get_mut(index) {
            Some(list) => list.push(section),
            None => lists.push(vec![section]),
        }
    }
    lists
}

/// Splits siblings by the style of their numbers; bullets go with the style before or behind them.
fn by_style<'a>(list: &[&'a Section]) -> Vec<Vec<Member<'a>>> {
    let styles: Vec<Option<Style>> = list.iter().map(|s| Style::of(s)).collect();
    let mut groups: Vec<Vec<Member<'a>>> = Vec::new();
    // 1.1 2.1 3.1 …: a list may hold as many keys as members.
    let mut places: BTreeMap<Key, usize> = BTreeMap::new();
    let first = styles.iter().flatten().next().map(Style::key);
    let mut current = first;
    for (section, style) in list.iter().zip(styles) {
        if let Some(style) = &style {
            current = Some(style.key());
        }
        let Some(key) = current.clone() else { continue };
        let place = section.number.as_ref().map_or(section.title.span, |number| number.span);
        let number = style.as_ref().and(section.ordinal);
        let member = Member { number, style, place, section: Some(section), finding: None };
        let next = groups.len();
        let place = *places.entry(key).or_insert(next);
        match groups.get_mut(place) {
            Some(members) => members.push(member),
            None => groups.push(vec![member]),
        }
    }
    groups
}

/// Serial numbers of findings that have no outline node: the rows of tables.
fn table_rows(anatomy: &Anatomy) -> Vec<Member<'_>> {
    anatomy
        .findings
        .iter()
        .filter(|f| f.section.is_none())
        .filter_map(|finding| {
            let number = finding.number.as_ref()?;
            let style = Style::of_text(&number.text)?;
            Some(Member {
                number: style.value(),
                style: Some(style),
                place: number.span,
                section: None,
                finding: Some(&finding.id),
            })
        })
        .collect()
}

/// Follows one list of siblings and notes where its numbers leave the sequence.
fn walk(
    members: &[Member<'_>],
    state: std::collections::btree_map::Entry<'_, (usize, Key), State>,
    out: &mut Vec<Draft>,
) {
    let known = match &state {
        std::collections::btree_map::Entry::Occupied(entry) => Some(*entry.get()),
        std::collections::btree_map::Entry::Vacant(_) => None,
    };
    let first_number = members.iter().enumerate().find_map(|(i, m)| Some((i, m.number?)));
    let Some((lead, first_number)) = first_number else { return };
    let begin = beginning(first_number, lead, known);
    let mut expected = begin;
    let mut written = None;
    for (index, member) in members.iter().enumerate() {
        let Some(number) = member.number else {
            out.push(fault(DefectType::LostNumber, member, members, expected));
            expected = expected.saturating_add(1);
            continue;
        };
        let follows = written.is_some_and(|last: u32| number == last.saturating_add(1));
        let next = members.get(index + 1).and_then(|m| m.number);
        if number == expected || follows || restarts(number, expected, next) {
            expected = number.saturating_add(1);
        } else if number > expected {
            out.push(fault(DefectType::SkippedNumber, member, members, expected));
            expected = number.saturating_add(1);
        } else {
            out.push(fault(DefectType::DuplicateNumber, member, members, expected));
            expected = expected.saturating_add(1);
        }
        written = Some(number);
    }
    let restarted = known.is_some_and(|s| s.restarted || (begin == 1 && s.next > 1));
    state.insert_entry(State { next: expected, restarted });
}

/// The number that the first member of a list should have: 1, or the one that goes on with the
/// sequence of the list before (numbering that runs on across parents, rule O6).
fn beginning(first: u32, lost_before: usize, known: Option<State>) -> u32 {
    let first = first.saturating_sub(u32::try_from(lost_before).unwrap_or(0));
    match known {
        _ if first <= 1 => 1,
        Some(state) if first == state.next || !state.restarted => state.next,
        _ => 1,
    }
}

/// A second list without a heading of its own: 1 2 3 1 2.
fn restarts(number: u32, expected: u32, next: Option<u32>) -> bool {
    number == 1 && expected > 2 && next == Some(2)
}

/// Punctuation unlike that of the siblings, and unlike most numbers of the same level and style.
fn irregular(lists: &[Vec<Member<'_>>], out: &mut Vec<Draft>) {
    let mut marks: BTreeMap<&str, usize> = BTreeMap::new();
    for style in lists.iter().flatten().filter_map(|m| m.style.as_ref()) {
        *marks.entry(style.mark()).or_default() += 1;
    }
    let Some((usual, count)) = marks.iter().max_by_key(|(_, count)| **count) else { return };
    let total: usize = marks.values().sum();
    if *count < 2 || count * 3 < total * 2 {
        return;
    }
    for members in lists {
        let styled = || members.iter().filter_map(|m| m.style.as_ref());
        let regular = styled().filter(|s| s.mark() == *usual).count();
        // A list that punctuates otherwise throughout has its own habit.
        if regular * 2 < styled().count() {
            continue;
        }
        let model = styled().find(|s| s.mark() == *usual);
        for member in members {
            let Some(style) = member.style.as_ref().filter(|style| style.mark() != *usual) else {
                continue;
            };
            let expected = model.zip(member.number).map(|(model, n)| model.write(n));
            out.push(Draft {
                expected,
                ..draft(DefectType::IrregularNumber, member, style.text())
            });
        }
    }
}

/// A fault whose expected number is written in the style of the list.
fn fault(defect: DefectType, member: &Member<'_>, members: &[Member<'_>], expected: u32) -> Draft {
    let model = member.style.as_ref().or_else(|| members.iter().find_map(|m| m.style.as_ref()));
    let found = member
        .section
        .and_then(|section| section.number.as_ref().map(|number| number.text.as_str()))
        .or_else(|| member.style.as_ref().map(Style::text))
        .unwrap_or_default();
    Draft { expected: model.map(|model| model.write(expected)), ..draft(defect, member, found) }
}

/// A fault without an expected number.
fn draft(defect: DefectType, member: &Member<'_>, found: &str) -> Draft {
    Draft {
        defect,
        field: None,
        span: member.place,
        expected: None,
        found: Some(found.to_owned()),
        finding: member.finding.map(str::to_owned),
        task: None,
        section: member.section.map(|section| section.id.clone()),
        optional: false,
    }
}

//! Fields that most findings or tasks have and one lacks, and fields whose value is blank.

use super::Draft;
use crate::anatomy::{Anatomy, Owner};
use crate::model::{DefectType, Finding, SituationValue, Task};
use crate::source::{Source, Span};

/// The fields that can be missing, in the order of the schema.
const FIELDS: [&str; 7] = [
    "lead_units",
    "responsible_units",
    "responsible_leaders",
    "responsible_persons",
    "deadline",
    "status",
    "situation",
];

/// One finding or task and the fields it has.
struct Row<'a> {
    has: [bool; FIELDS.len()],
    place: Span,
    finding: Option<&'a str>,
    task: Option<&'a str>,
    section: Option<&'a str>,
}

/// All missing fields and blank values.
pub fn find(source: &Source, anatomy: &Anatomy, out: &mut Vec<Draft>) {
    let mut found = vec![[false; FIELDS.len()]; anatomy.findings.len()];
    let mut planned = vec![[false; FIELDS.len()]; anatomy.tasks.len()];
    for mark in &anatomy.fields {
        let row = match mark.owner {
            Owner::Finding(index) => found.get_mut(index),
            Owner::Task(index) => planned.get_mut(index),
            Owner::Document => None,
        };
        let column = FIELDS.iter().position(|field| *field == mark.field);
        if let Some(has) = row.zip(column).and_then(|(row, column)| row.get_mut(column)) {
            *has = true;
        }
    }
    let findings: Vec<Row<'_>> = anatomy
        .findings
        .iter()
        .zip(&found)
        .filter(|(finding, _)| !is_absent(finding))
        .map(|(finding, labelled)| finding_row(finding, labelled))
        .collect();
    let tasks: Vec<Row<'_>> = anatomy
        .tasks
        .iter()
        .zip(&planned)
        .map(|(task, labelled)| task_row(task, labelled))
        .collect();
    missing(&findings, out);
    missing(&tasks, out);
    blank(source, anatomy, out);
}

/// A finding whose problem does not exist here misses nothing (rule X1).
fn is_absent(finding: &Finding) -> bool {
    finding.situation.as_ref().is_some_and(|s| s.value == SituationValue::Absent)
}

/// What a finding has.
fn finding_row<'a>(finding: &'a Finding, labelled: &[bool; FIELDS.len()]) -> Row<'a> {
    let valued = [
        !finding.lead_units.is_empty(),
        !finding.responsible_units.is_empty(),
        !finding.responsible_leaders.is_empty(),
        !finding.responsible_persons.is_empty(),
        finding.deadline.is_some(),
        finding.status.is_some(),
        finding.situation.is_some(),
    ];
    Row {
        has: with_labels(valued, labelled),
        place: finding.number.as_ref().map_or(finding.title.span, |number| number.span),
        finding: Some(&finding.id),
        task: None,
        section: finding.section.as_deref(),
    }
}

/// What a task has.
fn task_row<'a>(task: &'a Task, labelled: &[bool; FIELDS.len()]) -> Row<'a> {
    let valued = [
        !task.lead_units.is_empty(),
        !task.responsible_units.is_empty(),
        !task.responsible_leaders.is_empty(),
        !task.responsible_persons.is_empty(),
        task.deadline.is_some(),
        false,
        false,
    ];
    Row {
        has: with_labels(valued, labelled),
        place: task.number.as_ref().map_or(task.title.span, |number| number.span),
        finding: None,
        task: Some(&task.id),
        section: task.section.as_deref(),
    }
}

/// A field is there when it has a value or at least its label.
fn with_labels(
    mut valued: [bool; FIELDS.len()],
    labelled: &[bool; FIELDS.len()],
) -> [bool; FIELDS.len()] {
    for (has, label) in valued.iter_mut().zip(labelled) {
        *has = *has || *label;
    }
    valued
}

/// Fields that more than half of the rows have and some lack.
fn missing(rows: &[Row<'_>], out: &mut Vec<Draft>) {
    for (index, field) in FIELDS.iter().enumerate() {
        let has = |row: &Row<'_>| row.has.get(index).copied().unwrap_or(false);
        let count = rows.iter().filter(|row| has(row)).count();
        if count * 2 <= rows.len() {
            continue;
        }
        out.extend(rows.iter().filter(|row| !has(row)).map(|row| Draft {
            defect: DefectType::MissingField,
            field: Some((*field).to_owned()),
            span: row.place,
            expected: None,
            found: None,
            finding: row.finding.map(str::to_owned),
            task: row.task.map(str::to_owned),
            section: row.section.map(str::to_owned),
            // Whether a situation must be stated is a matter of taste.
            optional: *field == "situation",
        }));
    }
}

/// Labels and cells whose value is blank or only a placeholder.
fn blank(source: &Source, anatomy: &Anatomy, out: &mut Vec<Draft>) {
    for mark in anatomy.fields.iter().filter(|mark| mark.blank) {
        let span = if mark.value.is_empty() { mark.label } else { mark.value };
        let (finding, task) = match mark.owner {
            Owner::Document => (None, None),
            Owner::Finding(index) => (anatomy.findings.get(index).map(|f| f.id.clone()), None),
            Owner::Task(index) => (None, anatomy.tasks.get(index).map(|t| t.id.clone())),
        };
        out.push(Draft {
            defect: DefectType::EmptyValue,
            field: Some(mark.field.clone()),
            span,
            expected: None,
            found: Some(source.text(mark.value)),
            finding,
            task,
            section: None,
            optional: false,
        });
    }
}

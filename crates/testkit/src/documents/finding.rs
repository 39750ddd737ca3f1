//! One finding in running text.

use serde_json::{Value, json};

use super::content::Row;
use super::layout::{Fields, Layout, Measures, Response, Role, Statement, Style};
use super::numbers::{Numbered, characters, written};
use super::phrase::Phrase;
use super::random::Random;
use super::writer::{Place, Writer};

/// Where a finding stands: its parent node and the headings above it.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// Index of the parent node.
    pub parent: Option<usize>,
    /// Title of the top heading.
    pub category: Option<Place>,
    /// Title of the nearest heading, if it is another one.
    pub subcategory: Option<Place>,
}

/// What has been written of a finding.
#[derive(Debug, Default)]
pub struct Written {
    /// Problems with their markers.
    pub problems: Vec<(Option<Place>, Place)>,
    /// Measures with their markers.
    pub measures: Vec<(Option<Place>, Place)>,
    /// Values by role.
    pub values: Vec<(Role, Place)>,
    /// Names by role.
    pub names: Vec<(Role, Place)>,
    /// The deadline.
    pub deadline: Option<Place>,
    /// The status.
    pub status: Option<Place>,
    /// The statement that the problem exists or not.
    pub situation: Option<Place>,
    /// End of the last part.
    pub end: usize,
}

/// Writes one finding of a text and notes it.
pub fn finding(
    w: &mut Writer,
    layout: &Layout,
    row: &Row,
    number: Option<&Numbered>,
    spot: Spot,
    random: &mut Random,
) {
    w.open();
    let mut out = Written::default();
    let mark = number.map(|number| w.put(&number.text));
    let start = mark.map_or(w.at(), |place| place.0);
    let title = match layout.aspects {
        Some(_) => heading_only(w, row, &mut out),
        None => statement(w, layout, row, &mut out),
    };
    let node = number.zip(mark).map(|(number, mark)| {
        let node = w.node(spot.parent, Some((mark, number.ordinal)), title);
        if let Some(kind) = number.defect {
            w.defect(kind, None, mark);
        }
        node
    });
    match layout.aspects.zip(node) {
        Some((style, node)) if !row.absent => aspects(w, layout, row, &mut out, (style, node)),
        None if !row.absent => body(w, layout, row, &mut out, random),
        _ => {}
    }
    w.close();
    let start = if mark.is_some() { start } else { start_of_aimed(w, title) };
    note(w, layout, row, &out, Noted { start, title, mark, node, spot });
}

/// An aimed finding starts at 针对.
fn start_of_aimed(w: &Writer, title: Place) -> usize {
    let head = title.0.saturating_sub(3);
    if w.slice((head, title.0)) == "针对“" { head } else { title.0 }
}

/// Writes the heading and the sentence that the problem exists or not, for aspects to follow.
fn heading_only(w: &mut Writer, row: &Row, out: &mut Written) -> Place {
    let title = w.phrase(&row.title);
    w.put("。");
    w.next();
    out.situation = Some(w.put(if row.absent {
        "我镇不存在此类情况"
    } else {
        "我镇存在此类情况"
    }));
    out.end = w.at();
    w.put("。");
    if row.absent {
        out.problems.push((None, title));
    }
    title
}

/// The aspects of a finding: nodes inside it, each with problems and measures.
fn aspects(
    w: &mut Writer,
    layout: &Layout,
    row: &Row,
    out: &mut Written,
    (style, node): (Style, usize),
) {
    for (part, n) in row.parts.iter().zip(1..) {
        w.next();
        let mark = w.put(&written(style, n, 0));
        let title = w.phrase(&part.title);
        w.put("。");
        w.node(Some(node), Some((mark, Some(n))), title);
        run_in(w, part, out);
        w.next();
        match layout.response {
            Response::Inline(label) => {
                w.put(label);
            }
            Response::OwnLine(label) => {
                w.put(label);
                w.next();
            }
            Response::Bare => {}
        }
        measures(w, layout.measures, &part.measures, out);
        out.end = w.at();
    }
}

/// Writes heading and statement; gives the title's place.
fn statement(w: &mut Writer, layout: &Layout, row: &Row, out: &mut Written) -> Place {
    if layout.statement == Statement::Aimed {
        w.put("针对“");
        let title = w.phrase(&row.title);
        w.put("”的问题，");
        out.problems.push((None, title));
        out.end = w.at();
        return title;
    }
    let title = w.phrase(&row.title);
    out.end = w.at();
    let label = match layout.statement {
        Statement::Labelled(label) => Some(label),
        Statement::Line => Some(""),
        _ => None,
    };
    if let Some(label) = label {
        w.next();
        w.put(label);
        run_in(w, row, out);
        return title;
    }
    w.put("。");
    if layout.situation {
        let words =
            if row.absent { "我村不存在此类问题" } else { "我村存在此类问题" };
        out.situation = Some(w.put(words));
        out.end = w.at();
        w.put("。");
    }
    match layout.statement {
        _ if row.absent => {}
        Statement::Title => {}
        Statement::Enumerated(style) => {
            for (statement, n) in row.statements.iter().zip(1..) {
                let mark = w.put(&written(style, n, 0));
                let start = w.phrase(statement).0;
                w.put("。");
                out.problems.push((Some(mark), (start, w.at())));
            }
        }
        _ => run_in(w, row, out),
    }
    if out.problems.is_empty() {
        out.problems.push((None, title));
    }
    out.end = out.end.max(out.problems.last().map_or(0, |(_, place)| place.1));
    title
}

/// Sentences behind the heading.
fn run_in(w: &mut Writer, row: &Row, out: &mut Written) {
    let last = row.statements.len().saturating_sub(1);
    for (index, statement) in row.statements.iter().enumerate() {
        let start = w.phrase(statement).0;
        w.put(if index == last || index % 2 == 1 { "。" } else { "；" });
        out.problems.push((None, (start, w.at())));
        out.end = w.at();
    }
}

/// Writes response, fields and closing note.
fn body(w: &mut Writer, layout: &Layout, row: &Row, out: &mut Written, random: &mut Random) {
    match layout.fields {
        Fields::BracketAfterStatement => bracket(w, layout, row, out),
        Fields::LinesBefore => lines(w, layout, row, out),
        _ => {}
    }
    if layout.statement != Statement::Aimed {
        w.next();
    }
    match layout.response {
        Response::Inline(label) => {
            w.put(label);
        }
        Response::OwnLine(label) => {
            w.put(label);
            w.next();
        }
        Response::Bare => {}
    }
    measures(w, layout.measures, &row.measures, out);
    out.end = w.at();
    if layout.closing_note {
        if random.chance(50) {
            w.next();
        }
        w.put("【");
        out.status = Some(w.put(row.status.0));
        w.put("】");
        out.end = w.at();
    }
    match layout.fields {
        Fields::Lines => lines(w, layout, row, out),
        Fields::BracketAtEnd => bracket(w, layout, row, out),
        Fields::OneLine(separator) => {
            w.next();
            fields(w, layout, row, out, separator);
        }
        _ => {}
    }
}

/// Fields in brackets.
fn bracket(w: &mut Writer, layout: &Layout, row: &Row, out: &mut Written) {
    w.put("（");
    fields(w, layout, row, out, "；");
    w.put("）");
}

/// Fields in one stretch.
pub fn fields(w: &mut Writer, layout: &Layout, row: &Row, out: &mut Written, separator: &str) {
    let mut first = true;
    for (role, label) in layout.roles {
        if row.missing == Some(*role) {
            continue;
        }
        if !first {
            w.put(separator);
        }
        first = false;
        w.put(label);
        w.put("：");
        value(w, layout, *role, row, out);
    }
    out.end = w.at();
}

/// Fields on lines of their own.
pub fn lines(w: &mut Writer, layout: &Layout, row: &Row, out: &mut Written) {
    for (role, label) in layout.roles {
        if row.missing == Some(*role) {
            continue;
        }
        w.next();
        w.put(label);
        w.put("：");
        value(w, layout, *role, row, out);
    }
    out.end = w.at();
}

/// The value of one field.
pub fn value(w: &mut Writer, layout: &Layout, role: Role, row: &Row, out: &mut Written) {
    // 各乡镇党委、政府 stands alone; only lists of plain names take another mark.
    let separator = layout.separator;
    if let Some((blank, placeholder)) = row.blank
        && blank == role
    {
        let place = w.put(placeholder);
        out.values.push((role, place));
        w.defect("empty_value", Some(role.key()), place);
        return;
    }
    match role {
        Role::Deadline => out.deadline = Some(w.put(&row.due.text)),
        Role::Status => out.status = Some(w.put(row.status.0)),
        _ => {
            let names = row.names.iter().find(|(r, _)| *r == role);
            for (index, name) in names.map_or(&[][..], |(_, names)| names).iter().enumerate() {
                if index > 0 {
                    w.put(separator);
                }
                let place = w.put(name);
                out.names.push((role, place));
            }
        }
    }
}

/// Writes the measures.
pub fn measures(w: &mut Writer, style: Measures, phrases: &[Phrase], out: &mut Written) {
    let lead = style == Measures::LeadThenWorded && phrases.len() >= 3;
    if phrases.len() < 2 || style == Measures::Plain || (style == Measures::LeadThenWorded && !lead)
    {
        let start = w.at();
        let mut first = None;
        let last = phrases.len().saturating_sub(1);
        for (index, phrase) in phrases.iter().enumerate() {
            let place = w.phrase(phrase);
            first.get_or_insert(place.0);
            w.put(if index == last { "。" } else { "；" });
        }
        out.measures.push((None, (first.unwrap_or(start), w.at())));
        return;
    }
    let mut items = phrases;
    if lead && let Some((head, rest)) = phrases.split_first() {
        let start = w.phrase(head).0;
        w.put("。");
        out.measures.push((None, (start, w.at())));
        items = rest;
        w.next();
    }
    let each = matches!(
        style,
        Measures::WordedEach | Measures::NumberedEach(_) | Measures::LeadThenWorded
    );
    let last = items.len() - 1;
    for (index, phrase) in items.iter().enumerate() {
        if index > 0 && each {
            w.next();
        }
        let mark = w.put(&marker(style, index, last));
        let start = w.phrase(phrase).0;
        w.put(if each || index == last { "。" } else { "；" });
        out.measures.push((Some(mark), (start, w.at())));
    }
}

/// The marker of a measure.
fn marker(style: Measures, index: usize, last: usize) -> String {
    let n = u32::try_from(index + 1).unwrap_or(1);
    match style {
        Measures::NumberedInOne(style) | Measures::NumberedEach(style) => written(style, n, 0),
        Measures::Ordinal => format!("第{}，", characters(n)),
        Measures::Adverbs => match index {
            0 => "首先，".to_owned(),
            1 => "其次，".to_owned(),
            i if i == last => "最后，".to_owned(),
            _ => "再次，".to_owned(),
        },
        _ => format!("{}是", characters(n)),
    }
}

/// Where a finding begins, its title, number and node.
#[derive(Clone, Copy, Debug)]
pub struct Noted {
    /// First character.
    pub start: usize,
    /// Title.
    pub title: Place,
    /// Number.
    pub mark: Option<Place>,
    /// Index of the outline node.
    pub node: Option<usize>,
    /// Where it stands.
    pub spot: Spot,
}

/// Notes the finding.
pub fn note(w: &mut Writer, layout: &Layout, row: &Row, out: &Written, noted: Noted) {
    let Noted { start, title, mark, node, spot } = noted;
    if let Some(role) = row.missing.filter(|_| !row.absent) {
        w.defect("missing_field", Some(role.key()), mark.unwrap_or(title));
    }
    let items = |list: &[(Option<Place>, Place)]| -> Vec<Value> {
        list.iter()
            .map(|(ordinal, place)| {
                let mut item = w.piece(*place);
                item["ordinal"] = ordinal.map_or(Value::Null, |place| w.piece(place));
                item
            })
            .collect()
    };
    let section = node.and_then(|index| w.sections.get(index));
    let situation = out.situation.map_or(Value::Null, |place| {
        let mut value = w.piece(place);
        value["value"] = json!(if row.absent { "absent" } else { "exists" });
        value
    });
    let mut finding = json!({
        "id": format!("F{:02}", w.findings.len() + 1),
        "section": section.map_or(Value::Null, |node| node["id"].clone()),
        "path": section.map_or(json!(""), |node| node["path"].clone()),
        "number": mark.map_or(Value::Null, |place| w.piece(place)),
        "category": spot.category.map_or(Value::Null, |place| w.piece(place)),
        "subcategory": spot.subcategory.map_or(Value::Null, |place| w.piece(place)),
        "span": [start, out.end], "line": w.line(start), "title": w.piece(title),
        "problems": items(&out.problems), "measures": items(&out.measures),
        "situation": situation,
    });
    owned(w, layout, row, out, &mut finding);
    w.findings.push(finding);
}

/// Adds units, people, deadline and status.
pub fn owned(w: &Writer, layout: &Layout, row: &Row, out: &Written, record: &mut Value) {
    for role in [Role::Lead, Role::Units, Role::Leader, Role::Person] {
        let names: Vec<Value> =
            out.names.iter().filter(|(r, _)| *r == role).map(|(_, p)| w.piece(*p)).collect();
        record[role.key()] = json!(names);
    }
    let blank = out.values.iter().find(|(role, _)| *role == Role::Deadline);
    record["deadline"] = match (out.deadline, blank) {
        (Some(place), _) => json!({
            "raw": w.slice(place), "span": [place.0, place.1],
            "kind": row.due.kind, "date": row.due.date,
            "immediate": row.due.text.contains("立行立改"),
            "ongoing": row.due.text.contains("长期坚持"),
        }),
        (None, Some((_, place))) => json!({
            "raw": w.slice(*place), "span": [place.0, place.1], "kind": "redacted", "date": null,
            "immediate": false, "ongoing": false,
        }),
        (None, None) => Value::Null,
    };
    let has_status = layout.closing_note || layout.roles.iter().any(|(r, _)| *r == Role::Status);
    record["status"] = match out.status.filter(|_| has_status) {
        Some(place) => {
            let mut status = w.piece(place);
            status["value"] = json!(row.status.1);
            status
        }
        None => Value::Null,
    };
}

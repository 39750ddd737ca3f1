//! One task of an implementation plan.

use serde_json::{Value, json};

use super::content::Row;
use super::finding::{Written, fields, lines, owned};
use super::layout::{Fields, Layout};
use super::numbers::Numbered;
use super::writer::Writer;

/// Writes one task and notes it.
pub fn task(w: &mut Writer, layout: &Layout, row: &Row, number: &Numbered, parent: usize) {
    w.open();
    let mut out = Written::default();
    let mark = w.put(&number.text);
    let title = w.phrase(&row.title);
    let node = w.node(Some(parent), Some((mark, number.ordinal)), title);
    if let Some(kind) = number.defect {
        w.defect(kind, None, mark);
    }
    let inline = layout.fields == Fields::BracketAtEnd;
    if inline {
        w.put("。");
    } else {
        w.next();
    }
    let mut start = None;
    for measure in &row.measures {
        let place = w.phrase(measure);
        start.get_or_insert(place.0);
        w.put("。");
    }
    let text = (start.unwrap_or(title.0), w.at());
    out.end = w.at();
    if inline {
        w.put("（");
        fields(w, layout, row, &mut out, "；");
        w.put("）");
    } else {
        lines(w, layout, row, &mut out);
    }
    w.close();
    if let Some(role) = row.missing {
        w.defect("missing_field", Some(role.key()), mark);
    }
    let section = w.sections.get(node);
    let mut record = json!({
        "id": format!("T{:02}", w.tasks.len() + 1),
        "section": section.map_or(Value::Null, |node| node["id"].clone()),
        "path": section.map_or(json!(""), |node| node["path"].clone()),
        "number": w.piece(mark), "span": [mark.0, out.end], "line": w.line(mark.0),
        "title": w.piece(title), "text": w.piece(text), "targets": [],
    });
    owned(w, layout, row, &out, &mut record);
    w.tasks.push(record);
}

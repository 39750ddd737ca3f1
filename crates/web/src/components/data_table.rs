//! Data table: head with sort links, row boxes, frozen columns, cards on phones.

use super::address::Address;
use crate::frame::Frame;
use crate::text::common as t;
use maud::{Markup, html};

/// One column of the head.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// Words.
    pub words: String,
    /// Key for sorting; `None` if the column cannot be sorted.
    pub sort: Option<&'static str>,
    /// Style class (`num`, `f2`, `x-elder`).
    pub class: &'static str,
}

/// The head row. `sort` in the address is a key, with `-` before it for descending.
#[must_use]
pub fn table_head(frame: &Frame, address: &Address, columns: &[Column], has_box: bool) -> Markup {
    let sorted = address.get("sort");
    html! {
        thead { tr {
            @if has_box {
                th.ctr.f1.x-elder {
                    input type="checkbox" data-pick-all="" aria-label=(frame.t(t::PICK_ALL));
                }
            }
            @for column in columns {
                @let up = column.sort.is_some_and(|key| key == sorted);
                @let down = column.sort.is_some_and(|key| sorted.strip_prefix('-') == Some(key));
                @let order = if up { Some("ascending") } else if down { Some("descending") }
                    else { None };
                th scope="col" class=(column.class) aria-sort=[order] {
                    @match column.sort {
                        Some(key) => {
                            @let next = if up { format!("-{key}") } else { key.to_owned() };
                            @let sorted = address.set("sort", &next).text();
                            a href=(sorted) hx-get=(sorted) hx-target="#main" hx-select="#main"
                                hx-swap="outerMorph" hx-push-url="true"
                                title=(frame.with(t::SORTED_BY, &[&column.words])) {
                                (column.words)
                                @if up { span.so { "▲" } } @else if down { span.so { "▼" } }
                            }
                        },
                        None => { (column.words) },
                    }
                }
            }
        } }
    }
}

/// The box of one row. It stands in a `td` of class `f1`.
#[must_use]
pub fn row_box(frame: &Frame, id: &str, name: &str) -> Markup {
    html! {
        td.ctr.f1.x-elder {
            input type="checkbox" name="id" value=(id) form="batch" data-pick=""
                aria-label=(frame.with(t::PICK_ROW, &[&name]));
        }
    }
}

/// A table inside its own scrolling frame, so that the page never scrolls sideways.
#[must_use]
pub fn wide_table(
    label: &str,
    frame_class: &str,
    class: &str,
    head: &Markup,
    rows: &Markup,
) -> Markup {
    html! {
        div class={ "tw " (frame_class) } tabindex="0" role="region" aria-label=(label) {
            table class=(class) {
                caption.vh { (label) }
                (head)
                tbody data-rows="" { (rows) }
            }
        }
    }
}

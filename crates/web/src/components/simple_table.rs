//! A plain table whose rows become cards on phones.

use maud::{Markup, html};

/// The table: heads, and as many cells a row. The first cell names the row.
#[must_use]
pub fn simple_table(label: &str, heads: &[&str], rows: &[Vec<Markup>]) -> Markup {
    table(label, heads, rows, None)
}

/// The same for rows of many short values: on a phone they stand beside each other.
#[must_use]
pub fn dense_table(label: &str, heads: &[&str], rows: &[Vec<Markup>]) -> Markup {
    table(label, heads, rows, Some("inl"))
}

/// `of_cell` is the class of the cells behind the first.
fn table(label: &str, heads: &[&str], rows: &[Vec<Markup>], of_cell: Option<&str>) -> Markup {
    html! {
        div.tw.solo.bare tabindex="0" role="region" aria-label=(label) {
            table.cards {
                caption.vh { (label) }
                thead { tr { @for head in heads { th scope="col" { (head) } } } }
                tbody data-rows="" {
                    @for row in rows {
                        tr {
                            @for (place, cell) in row.iter().enumerate() {
                                @if place == 0 { th.ttl scope="row" { (cell) } }
                                @else { td class=[of_cell] data-l=[heads.get(place)] { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

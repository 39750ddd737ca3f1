//! Key figures: number, unit, definition line; the number leads to its rows.

use crate::frame::grouped;
use maud::{Markup, html};

/// One figure.
#[derive(Clone, Debug)]
pub struct KeyFigure {
    /// What is counted.
    pub label: String,
    /// The number.
    pub value: u64,
    /// Unit word.
    pub unit: String,
    /// Line under it.
    pub note: String,
    /// `ok`, `bad`, `warn` or empty.
    pub tone: &'static str,
    /// Address of its rows.
    pub rows: Option<String>,
}

/// A row of figures.
#[must_use]
pub fn key_figures(figures: &[KeyFigure]) -> Markup {
    html! {
        div.kpi {
            @for figure in figures {
                div class=(figure.tone) {
                    p.k { (figure.label) }
                    p.v {
                        @match &figure.rows {
                            Some(address) => { a href=(address) { (grouped(figure.value)) } },
                            None => { (grouped(figure.value)) },
                        }
                        small { (figure.unit) }
                    }
                    p.d { (figure.note) }
                }
            }
        }
    }
}

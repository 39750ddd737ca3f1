//! Filter bar: a form that gets the same page with other conditions, and chips to take them away.

use super::address::Address;
use crate::frame::Frame;
use crate::text::common as t;
use maud::{Markup, html};

/// One condition.
#[derive(Clone, Debug)]
pub struct FilterField {
    /// Name in the address.
    pub name: &'static str,
    /// Words beside it.
    pub label: String,
    /// Values with words; empty for a text.
    pub options: Vec<(String, String)>,
}

/// A condition in force.
#[derive(Clone, Debug)]
pub struct Chip {
    /// Words.
    pub words: String,
    /// Address without it.
    pub without: String,
}

/// The bar.
#[derive(Clone, Debug)]
pub struct FilterBar {
    /// The page with what is in force.
    pub address: Address,
    /// Path of the page.
    pub path: &'static str,
    /// Conditions from a list.
    pub fields: Vec<FilterField>,
    /// Advice in the text box.
    pub text_hint: String,
    /// Names in the address that the form keeps (tab, sort).
    pub kept: Vec<&'static str>,
}

impl FilterBar {
    /// The conditions in force as chips.
    #[must_use]
    pub fn chips(&self, frame: &Frame) -> Vec<Chip> {
        let mut chips: Vec<Chip> = self
            .fields
            .iter()
            .filter_map(|field| {
                let value = self.address.get(field.name);
                let words = field.options.iter().find(|(known, _)| known == value)?;
                let without = self.address.set(field.name, "").text();
                Some(Chip {
                    words: format!("{}{}{}", field.label, frame.t(t::COLON), words.1),
                    without,
                })
            })
            .collect();
        let text = self.address.get("text");
        if !text.is_empty() {
            let without = self.address.set("text", "").text();
            chips.push(Chip { words: format!("“{text}”"), without });
        }
        chips
    }
}

/// The bar with its chips. On phones it opens by the link "筛选".
#[must_use]
pub fn filter_bar(frame: &Frame, bar: &FilterBar) -> Markup {
    let chips = bar.chips(frame);
    let names: Vec<&str> = bar.fields.iter().map(|field| field.name).chain(["text"]).collect();
    html! {
        a.btn.s.only-m href="#filter" {
            @if chips.is_empty() { (frame.t(t::FILTER)) }
            @else { (frame.with(t::FILTER_ON, &[&chips.len()])) }
        }
        form.card.flt #filter method="get" action=(bar.path) aria-label=(frame.t(t::FILTER))
            hx-get=(bar.path) hx-target="#main" hx-select="#main" hx-swap="outerMorph"
            hx-push-url="true" {
            @for name in &bar.kept {
                @if !bar.address.get(name).is_empty() {
                    input type="hidden" name=(name) value=(bar.address.get(name));
                }
            }
            @for field in &bar.fields {
                label {
                    (field.label) " "
                    select name=(field.name) {
                        option value="" { (frame.t(t::ALL_WORD)) }
                        @for (value, words) in &field.options {
                            option value=(value) selected[value == bar.address.get(field.name)] {
                                (words)
                            }
                        }
                    }
                }
            }
            label.grow {
                span.vh { (frame.t(t::SEARCH)) }
                input type="search" name="text" value=(bar.address.get("text"))
                    placeholder=(bar.text_hint);
            }
            button.btn.p { (frame.t(t::SEARCH)) }
            a.btn.t href=(bar.address.without(&names).text()) { (frame.t(t::CLEAR)) }
        }
        @if !chips.is_empty() {
            div.chips.bar {
                @for chip in &chips {
                    a.chip href=(chip.without) { (chip.words) " ×" }
                }
            }
        }
    }
}

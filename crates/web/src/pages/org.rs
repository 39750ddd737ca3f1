//! `/org`: units and regions.

use crate::app::FormValues;
use crate::components::{
    Choice, Errors, Field, Menu, PageHead, Paging, area_field, error_summary, form_open,
    input_field, one_picker, page_head, page_with, paging, select_field, simple_table,
};
use crate::frame::Frame;
use crate::text::{common, org as t};
use maud::{Markup, html};

/// One unit.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnitRow {
    pub(crate) name: String,
    pub(crate) short_name: String,
    pub(crate) kind: String,
    pub(crate) region: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) is_active: bool,
}

/// One region.
#[derive(Clone, Debug, Default)]
pub(crate) struct RegionRow {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) system: String,
    pub(crate) edition: String,
}

/// The page's content.
#[derive(Clone, Debug, Default)]
pub(crate) struct OrgView {
    pub(crate) units: Vec<UnitRow>,
    pub(crate) paging: Paging,
    pub(crate) regions: Vec<RegionRow>,
    pub(crate) kinds: Vec<(String, String)>,
    pub(crate) places: Vec<Choice>,
    pub(crate) may_edit: bool,
}

/// The page.
pub(crate) fn view(frame: &Frame, org: &OrgView, values: &FormValues, errors: &Errors) -> Markup {
    let heads = [t::HEAD_NAME, t::HEAD_SHORT, t::HEAD_KIND, t::HEAD_REGION, t::HEAD_ACTIVE]
        .map(|words| frame.t(words));
    let units: Vec<Vec<Markup>> = org
        .units
        .iter()
        .map(|unit| {
            vec![
                html! { (unit.name) span.sub2 { (unit.aliases.join("、")) } },
                html! { (unit.short_name) },
                html! { (unit.kind) },
                html! { (unit.region) },
                html! { @if unit.is_active { (frame.t(common::YES)) } @else { (frame.t(common::NO)) } },
            ]
        })
        .collect();
    let region_heads = [t::REGION_NAME, t::REGION_CODE, t::REGION_SYSTEM, t::REGION_EDITION]
        .map(|words| frame.t(words));
    let regions: Vec<Vec<Markup>> = org
        .regions
        .iter()
        .map(|region| {
            [&region.name, &region.code, &region.system, &region.edition]
                .map(|text| html! { (text) })
                .to_vec()
        })
        .collect();
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.with(t::FACTS, &[&org.paging.total])) }),
            ..PageHead::default()
        }))
        (error_summary(frame, errors))
        div.stack {
            div {
                (simple_table(frame.t(t::HEAD_NAME), &heads, &units))
                (paging(frame, &org.paging))
            }
            @if org.may_edit { (add_form(frame, org, values, errors)) }
            section.card {
                div.ch { h2 { (frame.t(t::REGIONS)) } }
                (simple_table(frame.t(t::REGIONS), &region_heads, &regions))
            }
        }
    };
    page_with(frame, frame.t(t::TITLE), Menu::Org, !errors.is_empty(), &body)
}

fn add_form(frame: &Frame, org: &OrgView, values: &FormValues, errors: &Errors) -> Markup {
    let field = |name: &'static str, label, is_required| Field {
        name,
        label: frame.t(label),
        value: values.get(name),
        is_required,
        ..Field::default()
    };
    html! {
        details.act-d open[!errors.is_empty()] {
            summary.btn { (frame.t(t::ADD)) }
            div.bx {
                (form_open(frame, "/org/units", "", &html! {
                    div.frow {
                        (input_field(frame, errors, &field("name", t::HEAD_NAME, true)))
                        (input_field(frame, errors, &field("short_name", t::HEAD_SHORT, false)))
                        (select_field(frame, errors, &field("kind", t::HEAD_KIND, true), &org.kinds))
                        (one_picker(frame, errors, &field("region", t::HEAD_REGION, true), &org.places))
                    }
                    (area_field(frame, errors, &field("aliases", t::HEAD_ALIASES, false)))
                    button.btn.p { (frame.t(t::ADD)) }
                }))
            }
        }
    }
}

//! `/rules`: all rules of the codebook, with what they found.

use super::households::filter;
use super::queue::code_words;
use super::record_words::{ledger_label, severity_tag, source_lines};
use super::rule_trial::trial_links;
use crate::app::{Answer, AppState, Visit, code_options};
use crate::components::{
    Address, CountTab, Empty, FilterField, Menu, PageHead, Paging, count_tabs, dense_table,
    empty_state, page, page_head, paging, simple_table,
};
use crate::frame::{Frame, grouped};
use crate::text::{common, rule as t};
use axum::Router;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::{Citation, Codebook, RuleKind, RuleSeverity, RuleSource};
use taizhang_service::Service;
use taizhang_service::doubts::RuleCount;

/// Rules of a page.
const PAGE_ROWS: usize = 50;

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/rules", get(show))
}

type Counts = BTreeMap<String, RuleCount>;

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer {
    let address = Address::new("/rules", &pairs);
    let caller = visit.caller.clone();
    let counts = state.run(move |service| service.rule_counts(&caller)).await?;
    let counts: Counts = counts.into_iter().map(|count| (count.rule.clone(), count)).collect();
    Ok(view(state.service(), &visit, &address, &counts).into_response())
}

/// True if a rule passes all conditions of the address but the kind.
fn passes(codebook: &Codebook, rule: &RuleSource, address: &Address, counts: &Counts) -> bool {
    let is = |name: &str, value: &str| address.get(name).is_empty() || address.get(name) == value;
    let has_open = counts.get(&rule.code).is_some_and(|count| count.open > 0);
    let hits = match address.get("hits") {
        "some" => has_open,
        "none" => !has_open,
        _ => true,
    };
    let source = address.get("source");
    let is_cited = source.is_empty()
        || codebook
            .citations(&rule.source)
            .iter()
            .any(|one| one.source.is_some_and(|one| one.id == source));
    hits && is_cited && is("severity", rule.severity.word()) && is("ledger", &rule.ledger.text)
}

fn view(service: &Service, visit: &Visit, address: &Address, counts: &Counts) -> Markup {
    let frame = &visit.frame;
    let codebook = service.codebook();
    let all = codebook.rules.values();
    let passing: Vec<&RuleSource> =
        all.filter(|rule| passes(codebook, rule, address, counts)).collect();
    let kind = address.get("kind");
    let of_kind: Vec<&RuleSource> = passing
        .iter()
        .filter(|rule| kind.is_empty() || rule.kind.word() == kind)
        .copied()
        .collect();
    let after = address.get("after");
    let shown: Vec<&RuleSource> = of_kind
        .iter()
        .filter(|rule| after.is_empty() || rule.code.as_str() > after)
        .take(PAGE_ROWS)
        .copied()
        .collect();
    let hit = counts.values().filter(|count| count.open > 0).count();
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! {
                (frame.with(t::FACTS, &[&service.codebook().rules.len(), &hit]))
            }),
            ..PageHead::default()
        }))
        (count_tabs(frame.t(t::TABS), &tabs(service, frame, address, &passing)))
        (filter(frame, address, &fields(service, frame)))
        @if shown.is_empty() { (empty_state(frame, &Empty::NoMatch("/rules"))) }
        @else {
            (table(service, frame, &shown, counts))
            (paging(frame, &place(address, &of_kind, &shown)))
        }
        @if service.may_run_checks(&visit.caller) { (trial_links(service, frame)) }
        details.gap-t {
            summary.btn.s { (frame.t(t::COUNTS)) }
            (matrix(service, frame))
        }
    };
    page(frame, frame.t(t::TITLE), Menu::Rules, &body)
}

fn place(address: &Address, all: &[&RuleSource], shown: &[&RuleSource]) -> Paging {
    let last = shown.last().map(|rule| rule.code.as_str()).unwrap_or_default();
    let has_more = all.last().is_some_and(|rule| rule.code.as_str() > last);
    Paging {
        total: u64::try_from(all.len()).unwrap_or(0),
        shown: u64::try_from(shown.len()).unwrap_or(0),
        first: (!address.get("after").is_empty()).then(|| address.set("after", "").text()),
        previous: None,
        next: has_more.then(|| address.set("after", last).text()),
    }
}

fn tabs(
    service: &Service,
    frame: &Frame,
    address: &Address,
    passing: &[&RuleSource],
) -> Vec<CountTab> {
    let current = address.get("kind");
    let tab = |name: &str, words: &str, count: usize| CountTab {
        words: words.to_owned(),
        count: u64::try_from(count).ok(),
        address: address.set("kind", name).text(),
        is_current: current == name,
        light: None,
        is_alarm: false,
    };
    let mut tabs = vec![tab("", frame.t(common::ALL_WORD), passing.len())];
    tabs.extend(RuleKind::ALL.into_iter().map(|kind| {
        let count = passing.iter().filter(|rule| rule.kind == kind).count();
        tab(kind.word(), &code_words(service, frame, RuleKind::LIST, kind.word()), count)
    }));
    tabs
}

fn fields(service: &Service, frame: &Frame) -> Vec<FilterField> {
    let rules = service.codebook().rules.values();
    let ledgers: BTreeSet<&str> = rules.map(|rule| rule.ledger.text.as_str()).collect();
    let ledgers = ledgers
        .into_iter()
        .map(|name| (name.to_owned(), ledger_label(service, frame, name)))
        .collect();
    let hits = [("some", t::HITS_SOME), ("none", t::HITS_NONE)]
        .map(|(value, words)| (value.to_owned(), frame.t(words).to_owned()));
    let severities = code_options(service.codebook(), RuleSeverity::LIST, frame.language);
    let declared = service.codebook().sources.values();
    let sources = declared
        .map(|source| {
            let whole = Citation { source: Some(source), passage: "" };
            (source.id.clone(), whole.text(frame.language))
        })
        .collect();
    [
        ("severity", t::FILTER_SEVERITY, severities),
        ("ledger", t::FILTER_LEDGER, ledgers),
        ("hits", t::FILTER_HITS, hits.to_vec()),
        ("source", t::FILTER_SOURCE, sources),
    ]
    .into_iter()
    .map(|(name, label, options)| FilterField { name, label: frame.t(label).to_owned(), options })
    .collect()
}

fn table(service: &Service, frame: &Frame, rules: &[&RuleSource], counts: &Counts) -> Markup {
    let heads = [
        t::HEAD_TITLE,
        t::HEAD_LEDGER,
        t::HEAD_KIND,
        t::HEAD_SEVERITY,
        t::HEAD_OPEN,
        t::HEAD_ASKED,
        t::HEAD_CLOSED,
    ]
    .map(|words| frame.t(words));
    let number = |code: &str, tab: &str, count: u64| {
        html! {
            @if count > 0 {
                a href={ "/doubts?rule=" (code) "&tab=" (tab) } { (grouped(count)) }
            } @else { "0" }
        }
    };
    let rows: Vec<Vec<Markup>> = rules
        .iter()
        .map(|rule| {
            let count = counts.get(&rule.code);
            let of = |pick: fn(&RuleCount) -> u64| count.map_or(0, pick);
            vec![
                html! {
                    a.nw href={ "/rules/" (rule.code) } data-open="" { (rule.code) }
                    " " (rule.title(frame.language))
                    span.sub2 {
                        (source_lines(service.codebook(), frame, rule).join(frame.t(t::PARTS)))
                    }
                },
                html! { (ledger_label(service, frame, &rule.ledger.text)) },
                html! { (code_words(service, frame, RuleKind::LIST, rule.kind.word())) },
                severity_tag(service, frame, rule.severity.word()),
                number(&rule.code, "standing", of(|count| count.open)),
                number(&rule.code, "", of(|count| count.asked)),
                number(&rule.code, "closed", of(|count| count.closed)),
            ]
        })
        .collect();
    dense_table(frame.t(t::TITLE), &heads, &rows)
}

/// How many rules there are of each kind and severity.
fn matrix(service: &Service, frame: &Frame) -> Markup {
    let severities = code_options(service.codebook(), RuleSeverity::LIST, frame.language);
    let mut heads = vec![frame.t(t::HEAD_KIND)];
    heads.extend(severities.iter().map(|(_, words)| words.as_str()));
    heads.push(frame.t(t::TOTAL));
    let rules: Vec<&RuleSource> = service.codebook().rules.values().collect();
    let rows: Vec<Vec<Markup>> = RuleKind::ALL
        .into_iter()
        .map(|kind| {
            let of_kind: Vec<&&RuleSource> =
                rules.iter().filter(|rule| rule.kind == kind).collect();
            let words = code_words(service, frame, RuleKind::LIST, kind.word());
            let mut cells = vec![html! { (words) }];
            cells.extend(severities.iter().map(|(code, _)| {
                let count = of_kind.iter().filter(|rule| rule.severity.word() == code).count();
                html! { (count) }
            }));
            cells.push(html! { b { (of_kind.len()) } });
            cells
        })
        .collect();
    simple_table(frame.t(t::COUNTS), &heads, &rows)
}

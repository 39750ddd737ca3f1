//! `/rules/{code}`: one rule with its reason, its condition, its examples and what it found.

use super::codes::amount;
use super::queue::code_words;
use super::record_words::{field_label, ledger_label, rule_words, severity_tag, source_lines};
use super::rule_history::history;
use crate::app::{Answer, AppState, Visit, WebError};
use crate::components::{
    KeyFigure, Menu, PageHead, dense_table, key_figures, page, page_head, simple_table, tag,
};
use crate::frame::Frame;
use crate::text::{Text, common, rule as t};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use taizhang_codebook::{
    Codebook, Field, FieldType, PlacedText, RuleKind, RuleSeverity, RuleSource,
};
use taizhang_diagnostics::Message;
use taizhang_service::Service;
use taizhang_service::doubts::RuleCount;
use taizhang_service::trial::RuleRun;
use taizhang_values::{Date, RegionCode};

/// Examples of a rule, or records that stand beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExampleTable {
    /// Relation that the records beside belong to; empty for the examples themselves.
    pub(crate) beside: String,
    pub(crate) heads: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

/// The text of a rule: paragraphs without the heading, and tables.
pub(crate) fn text_parts(body: &str) -> (Vec<String>, Vec<ExampleTable>) {
    let mut words: Vec<String> = Vec::new();
    let mut tables: Vec<ExampleTable> = Vec::new();
    let (mut beside, mut is_open, mut is_paragraph) = (String::new(), false, false);
    for line in body.lines().map(str::trim) {
        if let Some(row) = line.strip_prefix('|') {
            let cells = row.trim_end_matches('|').split('|').map(|cell| cell.trim().to_owned());
            let cells: Vec<String> = cells.collect();
            let is_rule = cells.iter().all(|cell| cell.chars().all(|c| matches!(c, '-' | ':')))
                && cells.iter().any(|cell| !cell.is_empty());
            match tables.last_mut().filter(|_| is_open) {
                Some(_) if is_rule => {}
                Some(table) => table.rows.push(cells),
                None => {
                    tables.push(ExampleTable {
                        beside: std::mem::take(&mut beside),
                        heads: cells,
                        rows: Vec::new(),
                    });
                    is_open = true;
                }
            }
            continue;
        }
        is_open = false;
        if line.is_empty() {
            is_paragraph = false;
        } else if let Some(heading) = line.strip_prefix("## ") {
            heading.trim().clone_into(&mut beside);
            is_paragraph = false;
        } else if !line.starts_with("# ") {
            match words.last_mut().filter(|_| is_paragraph) {
                Some(paragraph) => paragraph.push_str(line),
                None => words.push(line.to_owned()),
            }
            is_paragraph = true;
        }
    }
    (words, tables)
}

/// Paragraphs.
pub(crate) fn prose(words: &[String]) -> Markup {
    html! { @for paragraph in words { p { (paragraph) } } }
}

/// Names of the parameters that a rule reads.
fn parameter_names(rule: &RuleSource) -> Vec<String> {
    let texts = rule
        .defines
        .iter()
        .map(|define| &define.text)
        .chain(rule.applies.as_ref())
        .chain([&rule.violates, &rule.message_zh])
        .chain(rule.raises.iter().map(|raise| &raise.when));
    let mut names: Vec<String> = texts.flat_map(names_in).collect();
    names.sort();
    names.dedup();
    names
}

fn names_in(text: &PlacedText) -> Vec<String> {
    let parts = text.text.split("param(").skip(1);
    let name = |part: &str| {
        let quote = part.trim_start().chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let (_, rest) = part.split_once(quote)?;
        rest.split_once(quote).map(|(name, _)| name.to_owned())
    };
    parts.filter_map(name).collect()
}

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/rules/{code}", get(show))
}

async fn show(State(state): State<AppState>, visit: Visit, Path(code): Path<String>) -> Answer {
    let service = state.service();
    let rule = service.codebook().rules.get(&code).ok_or(WebError::NotFound)?;
    let caller = visit.caller.clone();
    let asked = code.clone();
    let found = state.run(move |service| {
        let counts = service.rule_counts(&caller)?;
        Ok((counts, service.rule_history(&caller, &asked)?))
    });
    let (counts, runs) = found.await?;
    let count = counts.into_iter().find(|count| count.rule == code);
    let lists = state.lists(&visit.caller).await?;
    let past = history(&visit.frame, &lists, &code, &runs);
    let found = Found { count, newest: runs.into_iter().next(), past };
    Ok(view(service, &visit, rule, &found).into_response())
}

/// What the rule found: doubts by their state, and what runs counted.
struct Found {
    count: Option<RuleCount>,
    newest: Option<RuleRun>,
    past: Markup,
}

fn view(service: &Service, visit: &Visit, rule: &RuleSource, found: &Found) -> Markup {
    let (frame, home) = (&visit.frame, visit.caller.home_region());
    let has_trial = service.codebook().trials.contains_key(&rule.code);
    let title = format!("{} {}", rule.code, rule.title(frame.language));
    let (words, tables) = text_parts(&rule.text(frame.language));
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::TITLE), "/rules")],
            title: &title,
            facts: Some(html! {
                span.row {
                    (severity_tag(service, frame, rule.severity.word()))
                    (tag("", &code_words(service, frame, RuleKind::LIST, rule.kind.word())))
                    span { (ledger_label(service, frame, &rule.ledger.text)) }
                }
            }),
            acts: Some(html! {
                @if has_trial && service.may_run_checks(&visit.caller) {
                    a.btn href={ "/rules/" (rule.code) "/trial" } { (frame.t(t::TRIAL)) }
                }
                a.btn href={ "/doubts?rule=" (rule.code) "&tab=all" } {
                    (frame.t(t::OPEN_DOUBTS))
                }
            }),
        }))
        div.stack {
            (figures(frame, rule, found))
            div.grid.side {
                div.stack {
                    (card(frame, t::WHY, &prose(&words)))
                    (card(frame, t::EXPRESSION, &expression(service, frame, rule)))
                    (card(frame, t::PARAMETERS, &parameters(service, frame, rule, home)))
                    section.card {
                        div.ch { h2 { (frame.t(t::HISTORY)) } }
                        (found.past)
                    }
                }
                div.stack { (card(frame, t::FACTS_OF, &facts(service, frame, rule))) }
            }
            section.card {
                div.ch { h2 { (frame.t(t::EXAMPLES)) } }
                @for table in &tables { (examples(service.codebook(), frame, rule, table)) }
            }
        }
    };
    page(frame, &title, Menu::Rules, &body)
}

fn card(frame: &Frame, heading: Text, body: &Markup) -> Markup {
    html! { section.card { div.ch { h2 { (frame.t(heading)) } } div.cb { (body) } } }
}

fn figures(frame: &Frame, rule: &RuleSource, found: &Found) -> Markup {
    let of = |pick: fn(&RuleCount) -> u64| found.count.as_ref().map_or(0, pick);
    let figure = |label, value, tab: &str, tone| KeyFigure {
        label: frame.t(label).to_owned(),
        value,
        unit: String::new(),
        note: String::new(),
        tone,
        rows: Some(format!("/doubts?rule={}&tab={tab}", rule.code)),
    };
    let mut figures = vec![
        figure(t::HEAD_OPEN, of(|count| count.open), "standing", "warn"),
        figure(t::HEAD_ASKED, of(|count| count.asked), "", ""),
        figure(t::HEAD_CLOSED, of(|count| count.closed), "closed", "ok"),
    ];
    figures.extend(found.newest.as_ref().map(|run| KeyFigure {
        label: frame.t(t::HEAD_UNDECIDED).to_owned(),
        value: run.undecided,
        unit: String::new(),
        note: frame.with(t::OF_RUN, &[&run.as_of]),
        tone: "",
        rows: Some(format!("/runs/{}", run.run)),
    }));
    key_figures(&figures)
}

fn expression(service: &Service, frame: &Frame, rule: &RuleSource) -> Markup {
    let code = |text: &str| html! { code.pre { (text.trim()) } };
    let message = service.message_words(&rule.code, frame.language).unwrap_or_default();
    let message = rule_words(frame, &message);
    html! {
        dl.kv {
            @for define in &rule.defines {
                dt { (frame.t(t::DEFINES)) }
                dd { code { (define.name) " = " } (code(&define.text.text)) }
            }
            @if let Some(applies) = &rule.applies {
                dt { (frame.t(t::APPLIES)) } dd { (code(&applies.text)) }
            }
            dt { (frame.t(t::VIOLATES)) } dd { (code(&rule.violates.text)) }
            @for raise in &rule.raises {
                @let words =
                    code_words(service, frame, RuleSeverity::LIST, raise.severity.word());
                dt { (frame.with(t::RAISES, &[&words])) } dd { (code(&raise.when.text)) }
            }
            dt { (frame.t(t::MESSAGE)) } dd { (message) }
        }
    }
}

fn parameters(
    service: &Service,
    frame: &Frame,
    rule: &RuleSource,
    home: Option<&RegionCode>,
) -> Markup {
    let names = parameter_names(rule);
    let heads = [t::HEAD_PARAMETER, t::HEAD_VALUE, t::HEAD_SINCE, t::HEAD_SOURCE]
        .map(|words| frame.t(words));
    let rows: Vec<Vec<Markup>> = names
        .iter()
        .map(|name| {
            let known = service.codebook().parameters.get(name);
            let value = service.codebook().parameter(name, service.today(), home);
            let unit = known.map_or("", |known| known.unit.as_str());
            let words = value.map(|value| amount(frame, value.value, unit));
            let source = value.map(|value| value.source.text(frame.language));
            vec![
                html! {
                    (known.map_or(name.as_str(), |known| known.label.text(frame.language)))
                    span.sub2 { (name) }
                },
                html! { (words.unwrap_or_default()) },
                html! { (value.map(|value| value.since.to_string()).unwrap_or_default()) },
                html! { (source.unwrap_or_default()) },
            ]
        })
        .collect();
    html! {
        @if rows.is_empty() { p.muted { (frame.t(t::PARAMETERS_NONE)) } }
        @else { (simple_table(frame.t(t::PARAMETERS), &heads, &rows)) }
    }
}

fn facts(service: &Service, frame: &Frame, rule: &RuleSource) -> Markup {
    let asked = |name: &String| {
        let role = service.codebook().roles.get(name);
        let level = || service.codebook().code_label("region_level", name);
        role.map(|role| &role.label)
            .or_else(level)
            .map_or_else(|| name.clone(), |label| label.text(frame.language).to_owned())
    };
    let until = rule.until.map(|day: Date| day.to_string());
    html! {
        dl.kv {
            dt { (frame.t(t::HEAD_LEDGER)) }
            dd { (ledger_label(service, frame, &rule.ledger.text)) }
            dt { (frame.t(t::SOURCE)) }
            dd { @for line in source_lines(service.codebook(), frame, rule) { p { (line) } } }
            dt { (frame.t(t::SINCE)) } dd { (rule.since) }
            @if let Some(until) = until { dt { (frame.t(t::UNTIL)) } dd { (until) } }
            dt { (frame.t(t::ASKS)) }
            dd { (rule.asks.iter().map(asked).collect::<Vec<_>>().join(frame.t(common::LIST))) }
            dt { (frame.t(t::DUE_DAYS)) }
            dd {
                @match rule.due_days {
                    Some(days) => { (frame.with(t::DAYS, &[&days])) },
                    None => { (frame.t(t::HINT_ONLY)) },
                }
            }
        }
    }
}

fn examples(codebook: &Codebook, frame: &Frame, rule: &RuleSource, table: &ExampleTable) -> Markup {
    let is_beside = !table.beside.is_empty();
    let own = rule.ledger.text.as_str();
    let relation = codebook.ledger(own).and_then(|ledger| ledger.relation(&table.beside));
    let ledger = relation.map_or(own, |relation| relation.ledger.as_str());
    let label = if is_beside {
        let words = match (relation, table.beside.as_str()) {
            (Some(relation), _) => relation.label.text(frame.language),
            (None, "same") => frame.t(t::SAME),
            (None, other) => other,
        };
        frame.with(t::BESIDE, &[&words])
    } else {
        frame.t(t::EXAMPLES).to_owned()
    };
    let heads: Vec<String> = table
        .heads
        .iter()
        .map(|head| match head.as_str() {
            "outcome" => frame.t(t::OUTCOME).to_owned(),
            "case" => frame.t(t::CASE).to_owned(),
            name => way_label(codebook, frame, ledger, name),
        })
        .collect();
    // A phone shows the first cell without its head: a value would say nothing there.
    let is_named = table.heads.first().is_some_and(|head| head == "case");
    let number = (!is_named && !is_beside).then(|| frame.t(t::CASE));
    let heads: Vec<&str> = number.into_iter().chain(heads.iter().map(String::as_str)).collect();
    let rows: Vec<Vec<Markup>> = (1..)
        .zip(&table.rows)
        .map(|(place, row): (usize, _)| {
            let number = number.map(|word| html! { (word) " " (place) });
            let cells = row.iter().zip(&table.heads);
            let cells =
                cells.map(|(cell, head)| example_cell(codebook, frame, (ledger, head), cell));
            number.into_iter().chain(cells).collect()
        })
        .collect();
    html! {
        @if is_beside { div.cb { h3 { (label) } } }
        (dense_table(&label, &heads, &rows))
    }
}

/// A field at the end of a way, with the labels of what leads there: `household.household_type`.
fn end_of_way<'a>(
    codebook: &'a Codebook,
    ledger: &'a str,
    way: &str,
) -> Option<(Vec<&'a Message>, &'a Field)> {
    let mut labels = Vec::new();
    let mut at = codebook.ledger(ledger)?;
    let (steps, name) = way.rsplit_once('.').unwrap_or(("", way));
    for step in steps.split('.').filter(|step| !step.is_empty()) {
        let (label, next) = match (at.relation(step), at.field(step)) {
            (Some(relation), _) => (&relation.label, relation.ledger.as_str()),
            (None, Some(field)) => (&field.label, field.ledger.as_deref()?),
            (None, None) => return None,
        };
        labels.push(label);
        at = codebook.ledger(next)?;
    }
    Some((labels, at.field(name)?))
}

/// A way in the words of pages; as it is written where it leads to no field.
fn way_label(codebook: &Codebook, frame: &Frame, ledger: &str, way: &str) -> String {
    let Some((labels, field)) = end_of_way(codebook, ledger, way) else {
        return field_label(codebook, frame, ledger, way);
    };
    let labels = labels.into_iter().chain([&field.label]);
    labels.map(|label| label.text(frame.language)).collect::<Vec<_>>().join(" · ")
}

/// A cell in the words of pages: outcomes, codes, yes and no.
fn example_cell(
    codebook: &Codebook,
    frame: &Frame,
    (ledger, head): (&str, &str),
    cell: &str,
) -> Markup {
    let outcome = match cell {
        "violates" => ("r", t::OUTCOME_VIOLATES),
        "passes" => ("g", t::OUTCOME_PASSES),
        "undecided" => ("y", t::OUTCOME_UNDECIDED),
        "outside" => ("", t::OUTCOME_OUTSIDE),
        _ => {
            let field = end_of_way(codebook, ledger, head).map(|(_, field)| field);
            let list = field.and_then(|field| field.codes.as_deref());
            let label = list.and_then(|list| codebook.code_label(list, cell));
            let label = label.map(|label| label.text(frame.language));
            let word = match (field.map(|field| field.field_type), cell) {
                (Some(FieldType::Boolean), "true") => Some(frame.t(common::YES)),
                (Some(FieldType::Boolean), "false") => Some(frame.t(common::NO)),
                _ => label,
            };
            return html! { (word.unwrap_or(cell)) };
        }
    };
    tag(outcome.0, frame.t(outcome.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_rule_is_paragraphs_and_tables() {
        let body = "# 标题\n\n第一段，\n接着。\n\n第二段。\n\n| a | outcome |\n|---|---|\n\
                    | 1 | violates |\n|  | undecided |\n\n## same\n\n| case |\n|---|\n| 2 |\n";
        let (words, tables) = text_parts(body);
        assert_eq!(words, ["第一段，接着。", "第二段。"]);
        let [first, second] = tables.as_slice() else { panic!("{tables:?}") };
        assert_eq!(first.heads, ["a", "outcome"]);
        assert_eq!(first.rows, [vec!["1", "violates"], vec!["", "undecided"]]);
        assert_eq!((second.beside.as_str(), second.rows.len()), ("same", 1));
    }

    #[test]
    fn parameters_are_found_in_an_expression() {
        let text = PlacedText::loose("", "a > param('income.tolerance') + param( \"x.y\")");
        assert_eq!(names_in(&text), ["income.tolerance", "x.y"]);
    }
}

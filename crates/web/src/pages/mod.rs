//! One file a page.

pub(crate) mod agreement;
pub(crate) mod audit;
pub(crate) mod batch;
pub(crate) mod change;
pub(crate) mod cleared;
pub(crate) mod clock;
pub(crate) mod close;
pub(crate) mod codes;
pub(crate) mod components;
pub(crate) mod criterion;
pub(crate) mod doubt;
pub(crate) mod doubts;
pub(crate) mod export;
pub(crate) mod feedback;
pub(crate) mod help;
pub(crate) mod household;
pub(crate) mod household_change;
pub(crate) mod household_living;
pub(crate) mod household_parts;
pub(crate) mod households;
pub(crate) mod import;
mod import_register;
mod import_template;
pub(crate) mod inspections;
pub(crate) mod issue;
pub(crate) mod jobs;
pub(crate) mod ledger;
#[cfg(test)]
mod ledger_time;
pub(crate) mod ledger_tools;
pub(crate) mod letter;
pub(crate) mod notices;
pub(crate) mod org;
mod org_unit;
pub(crate) mod proposal;
pub(crate) mod proposals;
pub(crate) mod queue;
pub(crate) mod record;
pub(crate) mod record_edit;
pub(crate) mod record_form;
pub(crate) mod record_history;
pub(crate) mod record_words;
pub(crate) mod reports;
pub(crate) mod reveal;
pub(crate) mod rule;
pub(crate) mod rule_history;
pub(crate) mod rule_trial;
pub(crate) mod rules;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod search;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod users;

use crate::app::{AppState, WebOptions};
use axum::Router;

/// The routes of all pages.
pub(crate) fn routes(options: WebOptions) -> Router<AppState> {
    let pages = Router::new()
        .merge(sign_in::routes())
        .merge(queue::routes())
        .merge(ledger::routes())
        .merge(ledger_tools::routes())
        .merge(batch::routes())
        .merge(clock::routes())
        .merge(close::routes())
        .merge(issue::routes())
        .merge(letter::routes())
        .merge(settings::routes())
        .merge(help::routes())
        .merge(search::routes())
        .merge(notices::routes())
        .merge(inspections::routes())
        .merge(reports::routes())
        .merge(reveal::routes())
        .merge(org::routes())
        .merge(org_unit::routes())
        .merge(codes::routes())
        .merge(audit::routes())
        .merge(feedback::routes())
        .merge(export::routes())
        .merge(jobs::routes())
        .merge(import::routes())
        .merge(users::routes())
        .merge(register_routes());
    if options.is_demo { pages.merge(components::routes()) } else { pages }
}

/// The register of households and what its rules find.
fn register_routes() -> Router<AppState> {
    Router::new()
        .merge(households::routes())
        .merge(household::routes())
        .merge(household_change::routes())
        .merge(change::routes())
        .merge(record::routes())
        .merge(record_edit::routes())
        .merge(record_history::routes())
        .merge(agreement::routes())
        .merge(doubts::routes())
        .merge(doubt::routes())
        .merge(rules::routes())
        .merge(rule::routes())
        .merge(rule_trial::routes())
        .merge(run::routes())
        .merge(runs::routes())
        .merge(cleared::routes())
        .merge(proposals::routes())
        .merge(proposal::routes())
        .merge(criterion::routes())
}

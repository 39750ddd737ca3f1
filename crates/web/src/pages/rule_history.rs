//! What a rule found in past runs: a curve and a table, on the rule's page.

use crate::app::Lists;
use crate::components::dense_table;
use crate::frame::{Frame, grouped};
use crate::text::rule as t;
use maud::{Markup, html};
use taizhang_service::trial::RuleRun;
use taizhang_values::RegionCode;

/// Runs in table and curve.
const RUNS_SHOWN: usize = 24;
/// Size of the drawing in its own units.
const WIDTH: u64 = 330;
const HEIGHT: u64 = 140;
const LEFT: u64 = 8;
const RIGHT: u64 = 250;
const FLOOR: u64 = 116;
const TOP: u64 = 16;
const LABEL_HEIGHT: u64 = 14;

/// The card's body; `runs` are newest first.
pub(crate) fn history(frame: &Frame, lists: &Lists, rule: &str, runs: &[RuleRun]) -> Markup {
    let shown: Vec<&RuleRun> = runs.iter().take(RUNS_SHOWN).collect();
    html! {
        @if shown.is_empty() { div.cb { p.muted { (frame.t(t::HISTORY_NONE)) } } }
        @else {
            @if let Some(curve) = curve(frame, &shown) { div.cb { (curve) } }
            (table(frame, lists, rule, &shown))
        }
    }
}

fn table(frame: &Frame, lists: &Lists, rule: &str, runs: &[&RuleRun]) -> Markup {
    let heads = [
        t::HEAD_RUN,
        t::HEAD_PLACE,
        t::HEAD_PASSES,
        t::HEAD_VIOLATES,
        t::HEAD_UNDECIDED,
        t::HEAD_OUTSIDE,
    ]
    .map(|words| frame.t(words));
    let row = |run: &&RuleRun| {
        let region = RegionCode::parse(&run.region);
        let rows = format!("/doubts?rule={rule}&tab=all&on={}&region={}", run.as_of, run.region);
        vec![
            html! { a href={ "/runs/" (run.run) } { (run.as_of) } },
            html! { (lists.region_name(region.as_ref())) },
            html! { (grouped(run.passes)) },
            html! {
                @if run.violates > 0 { a href=(rows) { (grouped(run.violates)) } } @else { "0" }
            },
            html! { (grouped(run.undecided)) },
            html! { (grouped(run.outside)) },
        ]
    };
    let rows: Vec<Vec<Markup>> = runs.iter().map(row).collect();
    dense_table(frame.t(t::HISTORY), &heads, &rows)
}

/// Violations and undecided records over the runs of the newest run's region, oldest first; in
/// words as well. `None` where one run alone makes no curve.
fn curve(frame: &Frame, runs: &[&RuleRun]) -> Option<Markup> {
    let newest = runs.first()?;
    let mut same: Vec<&RuleRun> =
        runs.iter().copied().filter(|run| run.region == newest.region).collect();
    // Of several runs for one day the newest tells how it ended, unless there is but that day.
    let mut days = same.clone();
    days.dedup_by_key(|run| run.as_of);
    if days.len() > 1 {
        same = days;
    }
    same.reverse();
    let first = same.first().filter(|_| same.len() > 1)?;
    let most = same.iter().map(|run| run.violates.max(run.undecided)).max().unwrap_or(0).max(1);
    let line = |pick: fn(&RuleRun) -> u64| points(&same, pick, most);
    let counts: [&dyn std::fmt::Display; 4] =
        [&first.as_of, &first.violates, &newest.as_of, &newest.violates];
    let words = frame.with(t::HISTORY_WORDS, &counts);
    let undecided = frame.with(t::HISTORY_UNDECIDED, &[&newest.undecided]);
    let words = [words, undecided].join(frame.t(t::PARTS));
    let end = |count: u64| FLOOR - height(count, most);
    Some(html! {
        figure.row {
            svg.draw viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } width=(WIDTH) height=(HEIGHT)
                role="img" aria-label=(words) font-size="12" {
                line x1=(LEFT) y1=(FLOOR) x2=(RIGHT) y2=(FLOOR) stroke="#8796aa" {}
                polyline points=(line(|run| run.undecided)) fill="none" stroke="#8796aa"
                    stroke-width="1.5" stroke-dasharray="4 3" {}
                polyline points=(line(|run| run.violates)) fill="none" stroke="#b3261e"
                    stroke-width="2" {}
                text x=(RIGHT + 4) y=(end(newest.violates) + 4) fill="#b3261e" {
                    (frame.t(t::HEAD_VIOLATES)) " " (newest.violates)
                }
                // Told apart only where both labels have room.
                @if end(newest.undecided).abs_diff(end(newest.violates)) >= LABEL_HEIGHT {
                    text x=(RIGHT + 4) y=(end(newest.undecided) + 4) fill="#445063" {
                        (frame.t(t::HEAD_UNDECIDED)) " " (newest.undecided)
                    }
                }
                text x=(LEFT) y=(FLOOR + 16) fill="#445063" { (first.as_of) }
                text x=(RIGHT) y=(FLOOR + 16) text-anchor="end" fill="#445063" { (newest.as_of) }
            }
            figcaption.muted.small { (words) }
        }
    })
}

fn height(count: u64, most: u64) -> u64 {
    count.saturating_mul(FLOOR - TOP) / most.max(1)
}

/// `x,y` of each run.
fn points(runs: &[&RuleRun], pick: fn(&RuleRun) -> u64, most: u64) -> String {
    let last = u64::try_from(runs.len().saturating_sub(1)).unwrap_or(1).max(1);
    let point = |(place, run): (usize, &&RuleRun)| {
        let place = u64::try_from(place).unwrap_or(0);
        let x = LEFT + (RIGHT - LEFT) * place / last;
        format!("{x},{}", FLOOR - height(pick(run), most))
    };
    runs.iter().enumerate().map(point).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_goes_from_left_to_right_and_from_floor_to_top() {
        let run = |violates: u64| RuleRun {
            run: taizhang_values::RecordId::from_parts(1, 1),
            as_of: "2026-11-20".parse().unwrap(),
            region: "9901".to_owned(),
            rows: 10,
            outside: 0,
            passes: 10 - violates,
            violates,
            undecided: 0,
        };
        let (one, two, three) = (run(0), run(5), run(10));
        let drawn = points(&[&one, &two, &three], |run| run.violates, 10);
        assert_eq!(drawn, format!("{LEFT},{FLOOR} 129,66 {RIGHT},{TOP}"));
        assert_eq!(points(&[&one], |run| run.violates, 0), format!("{LEFT},{FLOOR}"));
    }
}

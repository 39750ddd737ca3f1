//! Compares a reading with the truth by the rules of the reference scorer: spans trimmed of white
//! space and sentence punctuation, matched one to one by overlap, counted as found, spurious,
//! missed.

use std::collections::BTreeMap;

use serde_json::Value;

/// Spans match from this share of overlap on.
const OVERLAP_MIN: f64 = 0.8;
/// Scalars that do not matter at the ends of a span.
const TRIMMED: &str = " \t\r\n\u{3000}\u{a0}。．.；;，,、：:！!？?";

/// Found, spurious and missed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// In both.
    pub found: usize,
    /// Only in the reading.
    pub spurious: usize,
    /// Only in the truth.
    pub missed: usize,
}

impl Tally {
    /// The harmonic mean of precision and recall; 1 when there was nothing to find.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of test records")]
    pub fn f1(self) -> f64 {
        let all = 2 * self.found + self.spurious + self.missed;
        if all == 0 { 1.0 } else { 2.0 * self.found as f64 / all as f64 }
    }

    /// Adds another tally.
    pub fn add(&mut self, other: Self) {
        self.found += other.found;
        self.spurious += other.spurious;
        self.missed += other.missed;
    }
}

type Place = (usize, usize);

/// The tallies of the main metrics by name.
#[must_use]
pub fn score(text: &str, truth: &Value, reading: &Value) -> BTreeMap<&'static str, Tally> {
    let chars: Vec<char> = text.chars().collect();
    let trim = |place| trimmed(&chars, place);
    let mut out = BTreeMap::new();
    let nodes = |doc: &Value| list(doc, "sections").iter().filter_map(node).collect::<Vec<_>>();
    out.insert(
        "outline",
        tally(&nodes(truth), &nodes(reading), |a, b| if a == b { 1.0 } else { 0.0 }),
    );
    let mut owners: BTreeMap<(&str, usize), usize> = BTreeMap::new();
    for key in ["findings", "tasks"] {
        let blocks = |doc: &Value| -> Vec<Place> {
            list(doc, key).iter().map(|x| place(x).map_or((0, 0), trim)).collect()
        };
        let pairs = matched(&blocks(truth), &blocks(reading), |a, b| overlap(*a, *b));
        out.insert(key, counted(blocks(truth).len(), blocks(reading).len(), pairs.len()));
        owners.extend(pairs.into_iter().map(|(t, r)| ((key, r), t)));
    }
    for key in ["problems", "measures"] {
        let parts = |doc: &Value| -> Vec<Place> {
            list(doc, "findings")
                .iter()
                .flat_map(|f| list(f, key))
                .filter_map(place)
                .map(trim)
                .collect()
        };
        let mut read = parts(reading);
        if key == "problems" {
            let titles: Vec<Place> = list(truth, "findings")
                .iter()
                .filter_map(|f| place(&f["title"]))
                .map(trim)
                .collect();
            let wanted = parts(truth);
            read.retain(|p| {
                wanted.iter().any(|w| overlap(*w, *p) >= OVERLAP_MIN)
                    || !titles.iter().any(|t| overlap(*t, *p) >= OVERLAP_MIN)
            });
        }
        out.insert(key, tally(&parts(truth), &read, |a, b| overlap(*a, *b)));
    }
    out.insert("units", tally(&units(truth, None), &units(reading, Some(&owners)), equal));
    out.insert(
        "deadlines",
        tally(&deadlines(truth, None), &deadlines(reading, Some(&owners)), equal),
    );
    out.insert("figures", figure_tally(&chars, truth, reading));
    out.insert("cross_checks", tally(&checks(truth), &checks(reading), same_check));
    out.insert("outline_defects", tally(&defects(truth), &defects(reading), same_defect));
    out
}

/// Records of `key`.
fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// The span of a record.
fn place(value: &Value) -> Option<Place> {
    let number = |i: usize| value["span"][i].as_u64().and_then(|n| usize::try_from(n).ok());
    Some((number(0)?, number(1)?))
}

/// A span without white space and punctuation at its ends.
fn trimmed(chars: &[char], (mut start, end): Place) -> Place {
    let mut end = end.min(chars.len());
    let idle = |i: usize| chars.get(i).is_some_and(|c| TRIMMED.contains(*c));
    while start < end && idle(start) {
        start += 1;
    }
    while end > start && idle(end - 1) {
        end -= 1;
    }
    (start, end)
}

/// Intersection over union.
#[expect(clippy::cast_precision_loss, reason = "offsets in test texts")]
fn overlap(a: Place, b: Place) -> f64 {
    if a == b {
        return 1.0;
    }
    let common = a.1.min(b.1).saturating_sub(a.0.max(b.0));
    let whole = a.1.max(b.1) - a.0.min(b.0);
    if common == 0 { 0.0 } else { common as f64 / whole as f64 }
}

/// Level and offset of a node.
fn node(section: &Value) -> Option<(u64, usize)> {
    let start = place(&section["number"]).or_else(|| place(&section["title"]))?.0;
    Some((section["level"].as_u64()?, start))
}

/// Units with owner and role. The owner of a reading's unit is the matched row of the truth.
fn units(doc: &Value, owners: Option<&BTreeMap<(&str, usize), usize>>) -> Vec<(String, usize)> {
    let mut out: Vec<(String, usize)> = Vec::new();
    for (key, index, row) in rows(doc, owners) {
        for role in ["lead_units", "responsible_units"] {
            for unit in list(row, role) {
                let name: String = unit["text"].as_str().unwrap_or("").split_whitespace().collect();
                out.push((format!("{key}{role}{name}"), index));
            }
        }
    }
    out
}

/// Deadlines with owner, kind and date.
fn deadlines(doc: &Value, owners: Option<&BTreeMap<(&str, usize), usize>>) -> Vec<(String, usize)> {
    rows(doc, owners)
        .into_iter()
        .filter(|(_, _, row)| row["deadline"].is_object())
        .map(|(key, index, row)| {
            let due = &row["deadline"];
            (format!("{key} {} {}", due["kind"], due["date"]), index)
        })
        .collect()
}

/// Findings and tasks with the index of their owner in the truth; unmatched ones get their own.
fn rows<'a>(
    doc: &'a Value,
    owners: Option<&BTreeMap<(&str, usize), usize>>,
) -> Vec<(&'static str, usize, &'a Value)> {
    let mut out = Vec::new();
    for key in ["findings", "tasks"] {
        for (index, row) in list(doc, key).iter().enumerate() {
            let owner = owners.map_or(Some(index), |owners| owners.get(&(key, index)).copied());
            out.push((key, owner.unwrap_or(usize::MAX - index), row));
        }
    }
    out
}

/// Spans and values of figures.
fn figures(doc: &Value) -> Vec<(Place, f64)> {
    list(doc, "figures").iter().filter_map(|f| Some((place(f)?, f["value"].as_f64()?))).collect()
}

/// Figures match by exact place and value; numerals in characters beyond the truth do not count.
fn figure_tally(chars: &[char], truth: &Value, reading: &Value) -> Tally {
    let wanted = figures(truth);
    let same = |a: &(Place, f64), b: &(Place, f64)| {
        a.0 == b.0 && (a.1 - b.1).abs() <= 1e-6 * a.1.abs().max(1.0)
    };
    let mut read = figures(reading);
    read.retain(|r| {
        let first = chars.get(r.0.0).copied().unwrap_or(' ');
        wanted.iter().any(|w| same(w, r)) || !"〇零一二三四五六七八九十百千两半".contains(first)
    });
    tally(&wanted, &read, |a, b| if same(a, b) { 1.0 } else { 0.0 })
}

/// Verdict, whether it is a count, and the figures of a check.
type Check = (bool, bool, Vec<Place>);

fn checks(doc: &Value) -> Vec<Check> {
    list(doc, "cross_checks")
        .iter()
        .filter(|check| check["kind"] != "part_of" && check["optional"] != true)
        .map(|check| {
            let counted = list(check, "operands").iter().any(|part| !part["count_of"].is_null());
            let mut places: Vec<Place> = place(&check["result"]).into_iter().collect();
            places.extend(list(&check["result"], "sum_of").iter().filter_map(place));
            places.extend(list(check, "operands").iter().filter_map(place));
            places.sort_unstable();
            (check["holds"] == true, counted, places)
        })
        .collect()
}

/// Same verdict and three quarters of the figures in common.
#[expect(clippy::cast_precision_loss, reason = "a handful of figures")]
fn same_check(a: &Check, b: &Check) -> f64 {
    if a.0 != b.0 || a.1 != b.1 {
        return 0.0;
    }
    let common = a.2.iter().filter(|p| b.2.contains(p)).count();
    let all = a.2.len() + b.2.len() - common;
    let share = if all == 0 { 0.0 } else { common as f64 / all as f64 };
    if share >= 0.75 { share.max(OVERLAP_MIN) } else { 0.0 }
}

/// Type, field and place of a defect.
type Defect = (String, Place);

fn defects(doc: &Value) -> Vec<Defect> {
    list(doc, "outline_defects")
        .iter()
        .filter(|defect| defect["optional"] != true)
        .filter_map(|defect| {
            Some((format!("{}{}", defect["type"], defect["field"]), place(defect)?))
        })
        .collect()
}

fn same_defect(a: &Defect, b: &Defect) -> f64 {
    let near = a.1.0.abs_diff(b.1.0) <= 3 || overlap(a.1, b.1) > 0.0;
    if a.0 == b.0 && near { 1.0 } else { 0.0 }
}

fn equal<T: PartialEq>(a: &T, b: &T) -> f64 {
    if a == b { 1.0 } else { 0.0 }
}

/// Counts matches of two lists.
fn tally<T>(truth: &[T], reading: &[T], alike: impl Fn(&T, &T) -> f64) -> Tally {
    counted(truth.len(), reading.len(), matched(truth, reading, alike).len())
}

fn counted(truth: usize, reading: usize, found: usize) -> Tally {
    Tally { found, spurious: reading - found, missed: truth - found }
}

/// One-to-one pairs (truth, reading), most alike first.
fn matched<T>(truth: &[T], reading: &[T], alike: impl Fn(&T, &T) -> f64) -> Vec<(usize, usize)> {
    let mut candidates = Vec::new();
    for (t, wanted) in truth.iter().enumerate() {
        for (r, read) in reading.iter().enumerate() {
            let likeness = alike(wanted, read);
            if likeness >= OVERLAP_MIN {
                candidates.push((likeness, t, r));
            }
        }
    }
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut out: Vec<(usize, usize)> = Vec::new();
    for (_, t, r) in candidates {
        if out.iter().all(|(a, b)| *a != t && *b != r) {
            out.push((t, r));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::{generate, layout};

    #[test]
    fn truth_against_itself_is_perfect() {
        for layout in layout::OPEN.iter().chain(layout::HELD_OUT) {
            let document = generate(layout, 3);
            for (metric, tally) in score(&document.text, &document.truth, &document.truth) {
                assert!(tally.spurious == 0 && tally.missed == 0, "{} {metric}", layout.name);
            }
        }
    }

    #[test]
    fn a_lost_finding_lowers_the_score() {
        let document = generate(&layout::OPEN[0], 3);
        let mut reading = document.truth.clone();
        reading["findings"].as_array_mut().unwrap().pop();
        let scores = score(&document.text, &document.truth, &reading);
        assert_eq!(scores["findings"].missed, 1);
        assert!(scores["measures"].f1() < 1.0 && scores["units"].f1() < 1.0);
    }

    #[test]
    fn spans_of_every_layout_fit_the_text() {
        for layout in layout::OPEN.iter().chain(layout::HELD_OUT) {
            let document = generate(layout, 5);
            let chars: Vec<char> = document.text.chars().collect();
            for figure in list(&document.truth, "figures") {
                let (start, end) = place(figure).unwrap();
                let text: String = chars[start..end].iter().collect();
                assert_eq!(Some(text.as_str()), figure["raw"].as_str(), "{}", layout.name);
            }
        }
    }
}

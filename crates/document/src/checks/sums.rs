//! Totals and their parts, and equal sums, inside one block.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::Draft;
use super::blocks::{Block, class, clause, gap, has, is_digit, lead, part, same, says, total};
use crate::model::{CheckKind, CheckResult, Figure, Number};
use crate::source::{Source, Span};
use crate::text::glyph::{is_clause_end, is_stop};
use crate::text::markup::skip_blank;
use crate::text::wordset::WordSet;

/// Most parts that one total is compared with.
const PARTS_MAX: usize = 12;
/// Widest gap between neighbours of one sum.
const GAP_MAX: usize = 150;
/// From this size on an exact sum is believed without a word that announces it.
const CLEAR_TOTAL_MIN: f64 = 30.0;

/// Words that announce parts.
static INTRODUCED: LazyLock<WordSet> = LazyLock::new(|| WordSet::new("其中 包括 包含", &[]));
/// Words of a partition by progress; parts that carry them make up the whole.
static PROGRESS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::new(
        "已完成 完成整改 已整改 整改到位 整改完成 已办结 办结 \
         已解决 已脱贫 已退 已追回 已收回 已拨付 已落实 已销号 \
         正在 尚未 未完成 未启动 基本完成 长期坚持 持续推进 \
         持续整改",
        &[],
    )
});
/// Words before the last part.
static REST: LazyLock<WordSet> =
    LazyLock::new(|| WordSet::new("其余 剩余 余下 其他 尚有 还有 还剩 尚余", &[]));
/// Words before a total that follows its parts.
static TOTAL: LazyLock<WordSet> =
    LazyLock::new(|| WordSet::new("共 合计 总计 累计 总数 均 全部", &[]));

/// All sums of the block.
pub fn find(source: &Source, block: &Block<'_>, out: &mut Vec<Draft>) {
    let mut classes: BTreeMap<&str, Vec<&Figure>> = BTreeMap::new();
    for figure in &block.figures {
        classes.entry(class(figure)).or_default().push(figure);
    }
    for (name, row) in &classes {
        if *name == "%" || *name == "个百分点" || row.len() < 3 {
            continue;
        }
        let mut parts_so_far: BTreeSet<Span> = BTreeSet::new();
        for index in 0..row.len() {
            let before = row.get(..index).unwrap_or_default();
            let Some((figure, after)) = row.get(index..).and_then(<[_]>::split_first) else {
                continue;
            };
            let is_part = parts_so_far.contains(&figure.span);
            let sum = total_first(source, figure, after, is_part)
                .or_else(|| total_last(source, before, figure, after))
                .or_else(|| rest(source, before, figure));
            parts_so_far.extend(sum.iter().flat_map(|d| super::shares::spans(&d.operands)));
            out.extend(sum);
        }
        out.extend(equal_sums(source, row));
    }
}

/// A total with its parts behind it. A figure that is itself a part is a total only if announced.
fn total_first(source: &Source, sum: &Figure, after: &[&Figure], is_part: bool) -> Option<Draft> {
    let run = neighbours(source, sum, after);
    let first = run.first()?;
    let announced = Announcement::of(source, sum, first);
    if announced == Announcement::Nothing && (is_part || is_listed_beside(source, sum, first)) {
        return None;
    }
    let stage = says(source, clause(source, sum.span.start, 12), &PROGRESS);
    if stage && !has(source, gap(sum, first), &["其中", "包括", "包含", "分别"]) {
        // 已完成4个、正在推进2个…: a part of the same partition is not its total.
        return None;
    }
    let exact = (2..=run.len()).find(|n| {
        let parts = run.get(..*n).unwrap_or_default();
        same(total(parts), sum.value.0) && believable(source, sum, parts, announced)
    });
    if let Some(n) = exact {
        return Some(draft(sum, run.get(..n)?));
    }
    let claimed = sum.value.0;
    let parts = listed(source, sum, run, announced)?;
    let off = |n: usize| (total(parts.get(..n).unwrap_or_default()) - claimed).abs();
    let best = (2..=parts.len()).min_by(|a, b| off(*a).total_cmp(&off(*b)))?;
    let parts = parts.get(..best)?;
    let meant = off(best) <= announced.tolerance(claimed) && !is_total(source, parts);
    meant.then(|| draft(sum, parts))
}

/// 甲村补发45人、乙村补发41人: members of one enumeration, none the total of the others.
fn is_listed_beside(source: &Source, sum: &Figure, next: &Figure) -> bool {
    let between = gap(sum, next);
    source.at(between.start) == Some('、')
        && source.position(between, |c| c != '、' && is_clause_end(c)).is_none()
}

/// Whether parts stand in one sentence and in one item of a list; what is scattered adds up by
/// chance. Their total may stand in the problem that they answer.
fn are_together(source: &Source, parts: &[&Figure]) -> bool {
    parts.windows(2).all(|pair| match pair {
        [a, b] => {
            let between = gap(a, b);
            source.position(between, |c| is_stop(c) || c == '\n').is_none()
                && !opens_item(source, between)
        }
        _ => true,
    })
}

/// How the parts are announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Announcement {
    /// Not at all.
    Nothing,
    /// 其中, 包括, a bracket.
    Parts,
    /// 已完成 … 正在 …: parts of a partition by progress, or 分别为.
    Partition,
}

impl Announcement {
    /// Reads the text between a total and its first part.
    fn of(source: &Source, sum: &Figure, first: &Figure) -> Self {
        let between = gap(sum, first);
        if has(source, between, &["分别"]) {
            return Self::Partition;
        }
        if says(source, between, &INTRODUCED) {
            return Self::Parts;
        }
        if says(source, clause(source, first.span.start, 12), &PROGRESS) {
            return Self::Partition;
        }
        // A bracket or colon right behind what is counted: 88户(甲村… , 17个:甲…
        let near = Span::new(between.start, between.end.min(between.start + 12));
        let opens = source.position(near, |c| matches!(c, '(' | '（' | ':' | '：'));
        match opens {
            Some(at) if !source.at(at + 1).is_some_and(is_digit) => Self::Parts,
            _ => Self::Nothing,
        }
    }

    /// How far a wrong sum may be off and still be taken for a sum.
    fn tolerance(self, claimed: f64) -> f64 {
        match self {
            Self::Nothing => -1.0,
            Self::Parts => (claimed * 0.12).max(2.0),
            Self::Partition => (claimed * 0.35).max(2.0),
        }
    }
}

/// The figures behind `sum` that stand close enough to be its parts.
fn neighbours<'s, 'f>(source: &Source, sum: &Figure, after: &'s [&'f Figure]) -> &'s [&'f Figure] {
    let mut last = sum;
    let mut count = 0;
    for figure in after.iter().take(PARTS_MAX) {
        let between = gap(last, figure);
        if between.len() > GAP_MAX || (count > 0 && has(source, between, &["其中"])) {
            break;
        }
        last = figure;
        count += 1;
    }
    after.get(..count).unwrap_or_default()
}

/// Whether an exact sum is meant and not a chance.
fn believable(source: &Source, sum: &Figure, parts: &[&Figure], announced: Announcement) -> bool {
    let rest =
        parts.last().is_some_and(|last| says(source, clause(source, last.span.start, 12), &REST));
    let reached = std::iter::once(&sum).chain(parts).any(|f| {
        has(source, clause(source, f.span.start, 8), &["达", "超", "突破", "低于", "高于"])
    });
    let apart = !are_together(source, parts);
    if announced == Announcement::Nothing && !rest && (reached || apart) {
        return false;
    }
    announced != Announcement::Nothing
        || rest
        || sum.value.0 >= CLEAR_TOTAL_MIN
        || (sum.value.0 >= 10.0 && parts.iter().all(|p| p.unit == sum.unit))
}

/// The parts of an enumeration in one sentence behind an announced total: what a wrong sum is
/// judged by. At least two parts, none of them larger than the total.
fn listed<'s, 'f>(
    source: &Source,
    sum: &Figure,
    run: &'s [&'f Figure],
    announced: Announcement,
) -> Option<&'s [&'f Figure]> {
    if announced == Announcement::Nothing {
        return None;
    }
    let bracket = bracket_end(source, sum.span.end, run.first()?.span.start);
    let by_stage =
        announced == Announcement::Partition && !has(source, gap(sum, run.first()?), &["分别"]);
    let mut count = 0;
    let mut last: Option<&Figure> = None;
    for figure in run {
        let ends = last.is_some_and(|last| {
            let between = gap(last, figure);
            between.len() > 30
                || has(source, between, &["。", "\n", "其中", "培训", "共", "计"])
                || opens_item(source, between)
                || (by_stage && !names_stage(source, figure))
        });
        if ends || bracket.is_some_and(|end| figure.span.start > end) {
            break;
        }
        last = Some(figure);
        count += 1;
    }
    let parts = run.get(..count).filter(|parts| parts.len() >= 2)?;
    parts.iter().all(|p| p.value.0 <= sum.value.0 && p.modifier.is_none()).then_some(parts)
}

/// Whether the clause of a figure names a stage: each part of a partition by progress does.
fn names_stage(source: &Source, figure: &Figure) -> bool {
    let before = clause(source, figure.span.start, 12);
    let near = Span::new(figure.span.end, (figure.span.end + 8).min(source.len()));
    let end = source.position(near, is_clause_end).unwrap_or(near.end);
    let behind = Span::new(near.start, end);
    says(source, before, &PROGRESS)
        || says(source, before, &REST)
        || has(source, before, &["已", "未"])
        || says(source, behind, &PROGRESS)
}

/// Whether an item of an enumeration begins in `between`: …;二是…, …;2.…, …;(2)…
fn opens_item(source: &Source, between: Span) -> bool {
    let Some(at) = source.position(between, |c| matches!(c, ';' | '；')) else { return false };
    let at = skip_blank(source, at + 1, between.end);
    match source.at(at) {
        Some('(' | '（' | '①'..='⑳') => true,
        Some('第') => matches!(source.at(at + 2), Some('，' | ',' | '、')),
        Some(c) if is_digit(c) => matches!(source.at(at + 1), Some('.' | '．' | '、')),
        Some('一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十') => {
            matches!(source.at(at + 1), Some('是' | '要'))
        }
        Some('其' | '再' | '最') => {
            ["其次", "再次", "最后"].iter().any(|w| source.starts_with(at, w))
        }
        _ => false,
    }
}

/// Where the bracket that opens between `from` and `to` closes.
fn bracket_end(source: &Source, from: usize, to: usize) -> Option<usize> {
    source.position(Span::new(from, to), |c| matches!(c, '(' | '（'))?;
    let window = Span::new(to, (to + 200).min(source.len()));
    source.position(window, |c| matches!(c, ')' | '）'))
}

/// Whether the last of `parts` is itself announced as a total.
fn is_total(source: &Source, parts: &[&Figure]) -> bool {
    parts.last().is_some_and(|last| {
        has(source, clause(source, last.span.start, 6), &["共", "合计", "总计"])
    })
}

/// A total behind its parts: 甲村12户、乙村15户,共27户.
fn total_last(
    source: &Source,
    before: &[&Figure],
    sum: &Figure,
    after: &[&Figure],
) -> Option<Draft> {
    let announced = says(source, clause(source, sum.span.start, 8), &TOTAL);
    let longest = before.len().min(PARTS_MAX);
    let run = before.get(before.len() - longest..)?;
    if run.last().is_some_and(|last| gap(last, sum).len() > GAP_MAX) {
        return None;
    }
    let rest =
        run.last().is_some_and(|last| says(source, clause(source, last.span.start, 12), &REST));
    for n in 2..=run.len() {
        let parts = run.get(run.len() - n..)?;
        let near = parts.windows(2).all(|w| matches!(w, [a, b] if gap(a, b).len() <= GAP_MAX));
        if !near {
            break;
        }
        let exact = same(total(parts), sum.value.0);
        let clear = sum.value.0 >= CLEAR_TOTAL_MIN && n >= 3 && are_together(source, parts);
        if exact && (announced || rest || clear) {
            return Some(draft(sum, parts));
        }
    }
    let parts_follow = after.first().is_some_and(|next| {
        let between = gap(sum, next);
        between.len() < 30 && has(source, between, &["其中", "包括", "分别"])
    });
    if !announced || parts_follow {
        return None;
    }
    wrong_total_last(source, run, sum)
}

/// A total behind its parts that does not fit: the parts are all figures of the same sentence.
fn wrong_total_last(source: &Source, run: &[&Figure], sum: &Figure) -> Option<Draft> {
    let sentence = lead(source, sum.span.start, 200);
    let mut next = sum;
    let listed = run.iter().rev().take_while(|f| {
        let close = sentence.covers(f.span) && gap(f, next).len() <= 20 && f.unit == sum.unit;
        next = f;
        close
    });
    let count = listed.count();
    let parts = run.get(run.len() - count..).filter(|parts| parts.len() >= 2)?;
    let off = (total(parts) - sum.value.0).abs();
    let smaller = parts.iter().all(|p| p.value.0 < sum.value.0 && p.modifier.is_none());
    (smaller && off <= (sum.value.0 * 0.12).max(2.0)).then(|| draft(sum, parts))
}

/// 9个 … 已完工7个,其余2个: the rest closes a sum whose total stands anywhere before.
fn rest(source: &Source, before: &[&Figure], last: &Figure) -> Option<Draft> {
    if !says(source, clause(source, last.span.start, 12), &REST) {
        return None;
    }
    let (done, earlier) = before.split_last()?;
    let mut near = earlier.iter().rev().take(4);
    let whole = done.value.0 + last.value.0;
    let exact = near.find(|s| same(s.value.0, whole));
    if let Some(sum) = exact {
        let close = gap(done, last).len() <= GAP_MAX && gap(sum, done).len() <= 2 * GAP_MAX;
        return close.then(|| draft(sum, &[*done, last]));
    }
    let sum = earlier.last()?;
    let sentence = lead(source, last.span.start, 120);
    let meant = [*sum, *done]
        .iter()
        .all(|f| sentence.covers(f.span) && f.unit == last.unit && f.modifier.is_none());
    let larger = sum.value.0 > done.value.0.max(last.value.0);
    let off = (whole - sum.value.0).abs();
    (meant && larger && off <= (sum.value.0 * 0.12).max(2.0)).then(|| draft(sum, &[*done, last]))
}

/// A sum that holds or not.
fn draft(sum: &Figure, parts: &[&Figure]) -> Draft {
    let found = total(parts);
    let numbers: Vec<String> = parts.iter().map(|p| p.value.0.to_string()).collect();
    let holds = same(found, sum.value.0);
    Draft {
        kind: CheckKind::Sum,
        holds,
        result: CheckResult::Part(part(sum)),
        operands: parts.iter().map(|p| part(p)).collect(),
        computed: found,
        note: format!("{} {} {}", sum.value.0, if holds { "=" } else { "≠" }, numbers.join(" + ")),
        optional: false,
    }
}

/// Parts behind 其中 that do not make up one total but the sum of several before it.
fn equal_sums(source: &Source, row: &[&Figure]) -> Option<Draft> {
    let cut =
        row.windows(2).position(|w| matches!(w, [a, b] if has(source, gap(a, b), &["其中"])))?;
    let (before, after) = row.split_at_checked(cut + 1)?;
    let run = neighbours(source, before.last()?, after);
    if run.len() < 3 {
        return None;
    }
    let near = before.get(before.len().saturating_sub(6)..)?;
    for parts_count in (3..=run.len()).rev() {
        let parts = run.get(..parts_count)?;
        let found = total(parts);
        for from in 0..near.len() {
            for to in from + 2..=near.len() {
                let sides = near.get(from..to)?;
                if found >= CLEAR_TOTAL_MIN && same(total(sides), found) {
                    return Some(equal_draft(sides, parts, found));
                }
            }
        }
    }
    None
}

/// Two sums that agree.
fn equal_draft(sides: &[&Figure], parts: &[&Figure], found: f64) -> Draft {
    let list =
        |row: &[&Figure]| row.iter().map(|p| p.value.0.to_string()).collect::<Vec<_>>().join(" + ");
    Draft {
        kind: CheckKind::SumEquality,
        holds: true,
        result: CheckResult::Sum {
            sum_of: sides.iter().map(|p| part(p)).collect(),
            value: Number(found),
        },
        operands: parts.iter().map(|p| part(p)).collect(),
        computed: found,
        note: format!("{} = {}", list(sides), list(parts)),
        optional: false,
    }
}

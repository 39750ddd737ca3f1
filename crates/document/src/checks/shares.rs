//! Percentages, differences and products of figures that stand close together.

use std::sync::LazyLock;

use super::Draft;
use super::blocks::{Block, class, clause, gap, has, lead, part, same, says};
use crate::model::{CheckKind, CheckPart, CheckResult, Figure, Modifier};
use crate::source::{Source, Span};
use crate::text::wordset::WordSet;

/// How many figures before a share are tried as its operands.
const WINDOW: usize = 8;
/// A stated share this many points off is taken for a wrong share of the same operands.
const POINTS_OFF_MAX: f64 = 15.0;

/// Words that make a percentage a share of counted things.
static SHARE: LazyLock<WordSet> =
    LazyLock::new(|| WordSet::new("占 率 比例 比重 完成 达到 达", &[]));
/// Those of them that are sure enough to call a share wrong.
static COUNTED_SHARE: LazyLock<WordSet> = LazyLock::new(|| WordSet::new("占 率 比例 比重", &[]));
/// Words of growth, where the percentage is no share.
static GROWTH: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::new(
        "增长 增加 下降 降至 降到 提高 同比 减少 上升 增幅 降幅 \
         由 从",
        &[],
    )
});
/// From one value to another, upwards.
static UP: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::new(
        "增加到 增加至 增至 增长到 增长至 提高到 提高至 提升到 \
         提升至 上升到 上升至 升至 扩大到",
        &[],
    )
});
/// Likewise downwards.
static DOWN: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::new(
        "减少到 减少至 减至 下降到 下降至 降至 降到 降低到 降低至 \
         压减到 压减至 缩短到",
        &[],
    )
});
/// Words before a difference upwards.
static MORE: LazyLock<WordSet> =
    LazyLock::new(|| WordSet::new("增加 增长 提高 上升 提升 净增 新增 多 增收 扩大", &[]));
/// Likewise downwards.
static LESS: LazyLock<WordSet> =
    LazyLock::new(|| WordSet::new("减少 下降 降低 压减 少 净减 差 缺口 缩减", &[]));

/// All shares, differences and products of the block.
pub fn find(source: &Source, block: &Block<'_>, out: &mut Vec<Draft>) {
    for (index, figure) in block.figures.iter().enumerate() {
        let before = block.figures.get(index.saturating_sub(WINDOW)..index).unwrap_or_default();
        if class(figure) == "%" {
            out.extend(percentage(source, before, figure));
        }
        out.extend(difference(source, before, figure));
        out.extend(product(source, before, figure));
    }
}

/// `P%` as the share of two figures before it in the same paragraph.
fn percentage(source: &Source, before: &[&Figure], share: &Figure) -> Option<Draft> {
    if matches!(share.modifier, Some(Modifier::AtLeast | Modifier::AtMost | Modifier::Under)) {
        return None;
    }
    let words = clause(source, share.span.start, 16);
    let last = before.last()?;
    let beside = gap(last, share).len() <= 3 || has(source, gap(last, share), &["的"]);
    if !(says(source, words, &SHARE) || beside) || says(source, words, &GROWTH) {
        return None;
    }
    let sentence = lead(source, share.span.start, 120);
    let near: Vec<&Figure> =
        before.iter().copied().filter(|f| sentence.covers(f.span) && is_count(f)).collect();
    let exact = pairs(&near).find(|(a, b)| fits(a, b, share));
    if let Some((a, b)) = exact {
        return Some(share_draft(a, b, share));
    }
    let off = |a: &Figure, b: &Figure| (ratio(a, b) - share.value.0).abs();
    // The nearest two that come close, not the closest of all.
    let (a, b) = pairs(&near).find(|(a, b)| off(a, b) <= POINTS_OFF_MAX)?;
    (says(source, words, &COUNTED_SHARE) && ratio(a, b) <= 100.0).then(|| share_draft(a, b, share))
}

/// Whether a figure counts or measures something that has shares.
fn is_count(figure: &Figure) -> bool {
    !matches!(class(figure), "%" | "个百分点" | "次" | "期")
}

/// Ordered pairs of one class, nearest to the end first.
fn pairs<'s, 'f>(near: &'s [&'f Figure]) -> impl Iterator<Item = (&'f Figure, &'f Figure)> + 's {
    near.iter().rev().flat_map(move |a| {
        near.iter()
            .rev()
            .filter(move |b| b.span != a.span && class(a) == class(b) && b.value.0 > 0.0)
            .map(move |b| (*a, *b))
    })
}

/// First as a percentage of second.
fn ratio(a: &Figure, b: &Figure) -> f64 {
    a.value.0 / b.value.0 * 100.0
}

/// Whether the share is right within half a unit of its last digit (rule C3).
fn fits(a: &Figure, b: &Figure, share: &Figure) -> bool {
    let decimals = share
        .raw
        .split(['.', '．'])
        .nth(1)
        .map_or(0, |tail| tail.chars().take_while(|c| super::blocks::is_digit(*c)).count());
    let half = 0.5 * 0.1_f64.powi(i32::try_from(decimals).unwrap_or(9));
    (ratio(a, b) - share.value.0).abs() <= half + 1e-9
}

/// A percentage check.
fn share_draft(a: &Figure, b: &Figure, share: &Figure) -> Draft {
    let holds = fits(a, b, share);
    let computed = (ratio(a, b) * 10_000.0).round() / 10_000.0;
    Draft {
        kind: CheckKind::Percentage,
        holds,
        result: CheckResult::Part(part(share)),
        operands: vec![part(a), part(b)],
        computed,
        note: format!("{} / {} = {computed}%", a.value.0, b.value.0),
        optional: false,
    }
}

/// 由A增加到B,增加C; B比A减少C.
fn difference(source: &Source, before: &[&Figure], result: &Figure) -> Option<Draft> {
    let words = clause(source, result.span.start, 10);
    let (more, less) = (says(source, words, &MORE), says(source, words, &LESS));
    if !more && !less {
        return None;
    }
    let close = lead(source, result.span.start, 120);
    let mut near = before.iter().rev().filter(|f| close.covers(f.span) && comparable(f, result));
    let (second, first) = (near.next()?, near.next()?);
    let between = gap(first, second);
    let compared = has(source, between, &["比", "较"]) && between.len() <= 20;
    let (up, down) = (says(source, between, &UP), says(source, between, &DOWN));
    let operands = if compared {
        if more { [*first, *second] } else { [*second, *first] }
    } else if up && more {
        [*second, *first]
    } else if down && less {
        [*first, *second]
    } else {
        return None;
    };
    let [minuend, subtrahend] = operands;
    let computed = minuend.value.0 - subtrahend.value.0;
    let computed = (computed * 1e6).round() / 1e6;
    Some(Draft {
        kind: CheckKind::Difference,
        holds: same(computed, result.value.0),
        result: CheckResult::Part(part(result)),
        operands: vec![part(minuend), part(subtrahend)],
        computed,
        note: format!("{} - {} = {computed}", minuend.value.0, subtrahend.value.0),
        optional: false,
    })
}

/// Whether `figure` can be an operand of the difference `result`.
fn comparable(figure: &Figure, result: &Figure) -> bool {
    class(figure) == class(result) || (class(figure) == "%" && class(result) == "个百分点")
}

/// 每户补助800元,12户共9600元.
fn product(source: &Source, before: &[&Figure], result: &Figure) -> Option<Draft> {
    if class(result) != "元" {
        return None;
    }
    if !has(source, clause(source, result.span.start, 10), &["共", "合计", "总计", "计"]) {
        return None;
    }
    let sentence = lead(source, result.span.start, 120);
    let near: Vec<&Figure> = before.iter().rev().take(4).copied().collect();
    let each = near.iter().find(|f| {
        let head = Span::new(f.span.start.saturating_sub(12), f.span.start);
        class(f) == "元"
            && sentence.covers(f.span)
            && has(source, head, &["每", "人均", "户均", "亩均"])
    })?;
    let many =
        near.iter().find(|f| class(f) != "元" && class(f) != "%" && sentence.covers(f.span))?;
    let computed = each.value.0 * many.value.0;
    let holds = same(computed, result.value.0);
    let near_miss = (computed - result.value.0).abs() <= 0.2 * computed;
    (holds || near_miss).then(|| Draft {
        kind: CheckKind::Product,
        holds,
        result: CheckResult::Part(part(result)),
        operands: vec![part(each), part(many)],
        computed,
        note: format!("{} × {} = {computed}", each.value.0, many.value.0),
        optional: true,
    })
}

/// The figures of a check, for telling duplicates.
pub fn spans(parts: &[CheckPart]) -> impl Iterator<Item = Span> + '_ {
    parts.iter().filter_map(|p| match p {
        CheckPart::Figure { span, .. } => Some(*span),
        CheckPart::Count { .. } => None,
    })
}

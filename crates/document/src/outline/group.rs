//! Whether a run of marked paragraphs below a heading is a list of items or of headings.

use super::{Builder, Evidence};
use crate::source::Span;
use crate::text::lexicon::{begins_action, is_general, is_problem};
use crate::text::marker::Style;
use crate::text::sentence;

/// What the members of a run have in common.
#[derive(Default)]
struct Run {
    count: usize,
    with_fields: usize,
    last_with_fields: bool,
    with_body: usize,
    problems: usize,
    actions: usize,
    long: usize,
    headings: usize,
}

/// Decides for the run of `style` that begins at paragraph `i`.
pub(super) fn is_list(builder: &Builder<'_>, i: usize, style: Style) -> bool {
    let parent =
        builder.stack.iter().rev().filter_map(|n| builder.nodes.get(*n)).find(|n| n.style < style);
    let Some(parent) = parent else { return false };
    let above = builder.evidence.get(parent.para).copied().unwrap_or_default();
    let run = survey(builder, i, style);
    if run.with_fields == 0 && (above.response || above.fields) {
        return run.headings * 2 < run.count;
    }
    if builder.plan {
        return false;
    }
    let title = builder.source.slice(parent.title);
    // One number alone under a problem is the first measure, with the fields behind it.
    let lone = run.with_fields == 1 && run.count == 1;
    if lone {
        let stated = is_problem(title) || above.situation;
        return style >= Style::DigitParen && stated && run.problems == 0;
    }
    if run.with_fields >= 2 {
        return false;
    }
    if run.with_fields == 1 {
        // Fields behind the last member only belong to the heading above.
        return run.last_with_fields && style >= Style::Digit && is_problem(title);
    }
    if is_general(title) || run.with_body * 2 >= run.count {
        return false;
    }
    if above.situation {
        return run.headings * 2 < run.count;
    }
    // One paragraph each below a problem: measures or single problems, unless each member
    // states a problem and answers it.
    let answered = run.problems * 2 > run.count && run.long * 2 > run.count;
    let quoted = names_quoted(title);
    (is_problem(title) || quoted) && !answered && (quoted || !is_category(title))
}

/// A title that quotes the problem: “资料不全”问题的整改情况.
fn names_quoted(title: &[char]) -> bool {
    let title = String::from_iter(title);
    title.contains("”问题") || title.contains("”的问题")
}

/// A title that only names a field of work.
fn is_category(title: &[char]) -> bool {
    let title = String::from_iter(title);
    ["方面", "情况", "方面的问题", "方面问题", "方面存在的问题"].iter().any(|w| title.ends_with(w))
}

fn survey(builder: &Builder<'_>, i: usize, style: Style) -> Run {
    let mut run = Run::default();
    for j in i..builder.end {
        let Some(para) = builder.layout.paras.get(j) else { break };
        let Some(m) = para.marker.filter(|m| !m.irregular) else { continue };
        if m.style != style {
            if m.style < style && builder.in_stack(m.style) {
                break;
            }
            continue;
        }
        if m.ordinal == Some(1) && run.count > 0 {
            break;
        }
        let evidence: Evidence = builder.evidence.get(j).copied().unwrap_or_default();
        run.count += 1;
        run.with_fields += usize::from(evidence.any());
        run.last_with_fields = evidence.any();
        run.with_body += usize::from(evidence.body);
        run.headings += usize::from(evidence.body && builder.is_short_heading(j));
        let sentences = sentence::sentences(builder.source, para.body());
        let first = sentences.first().copied().unwrap_or_default();
        let head = builder.source.slice(Span::new(first.start, first.end.min(first.start + 60)));
        run.problems += usize::from(is_problem(head) && !begins_action(head));
        run.actions += usize::from(begins_action(head));
        run.long += usize::from(sentences.len() >= 2);
    }
    run
}

//! Values of unit, people and deadline fields (schema U2, U3, D2).

use super::{Mark, piece};
use crate::deadline::{self, is_placeholder};
use crate::model::{Deadline, Piece};
use crate::source::{Source, Span};
use crate::text::bracket;
use crate::text::glyph::{
    digit, is_blank, is_clause_end, is_closing, is_comma, is_ideograph, is_semicolon, is_stop,
};
use crate::text::lexicon::Field;
use crate::text::markup::{closes_entity, entity_at, skip_blank, trim};
use crate::text::people;
use crate::text::sentence::Depth;

/// The fields of one finding or task, sorted by role.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    pub(super) lead: Vec<Piece>,
    pub(super) units: Vec<Piece>,
    pub(super) leaders: Vec<Piece>,
    pub(super) persons: Vec<Piece>,
    pub(super) deadline: Option<Deadline>,
}

impl Fields {
    /// Sorts the values of `marks` by role.
    pub(super) fn of(source: &Source, marks: &[Mark]) -> Self {
        let mut fields = Self::default();
        for mark in marks {
            let slot = match mark.field {
                Field::Lead => &mut fields.lead,
                Field::Units => &mut fields.units,
                Field::Leaders => &mut fields.leaders,
                Field::Persons => &mut fields.persons,
                Field::Deadline => {
                    if fields.deadline.is_none() {
                        fields.deadline = Some(deadline::read(source, mark.value));
                    }
                    continue;
                }
                _ => continue,
            };
            let mut values = names(source, mark.value);
            if matches!(mark.field, Field::Leaders | Field::Persons) {
                values = with_titles(source, &values);
            }
            for name in values {
                if is_term(source, name) {
                    // 责任单位：县教育局，2020年底前
                    let value = || deadline::read(source, name);
                    fields.deadline.get_or_insert_with(value);
                    continue;
                }
                slot.push(piece(source, without_role(source, name, mark)));
            }
        }
        fields
    }
}

/// People with the title beside their name, parted by nothing but a blank, as one value:
/// `乡党委书记 赵文涛`, `赵文涛 乡党委书记`.
fn with_titles(source: &Source, values: &[Span]) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::with_capacity(values.len());
    // Whether the latest value still lacks its other half: a name its title, a title its name.
    let mut lacking: Option<Half> = None;
    for value in values {
        let half = Half::of(source.slice(*value));
        let beside = out.last().copied().filter(|last| {
            let gap = source.slice(Span::new(last.end, value.start));
            gap.iter().all(|c| is_blank(*c))
        });
        match (beside, lacking, half) {
            (Some(last), Some(one), Some(other)) if one != other => {
                out.pop();
                out.push(Span::new(last.start, value.end));
                lacking = None;
            }
            _ => {
                out.push(*value);
                lacking = half;
            }
        }
    }
    out
}

/// Half of how a person is named in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    /// 赵文涛.
    Name,
    /// 乡党委书记.
    Title,
}

impl Half {
    fn of(text: &[char]) -> Option<Self> {
        if people::ends_with_title(text) {
            return Some(Self::Title);
        }
        people::is_name(text).then_some(Self::Name)
    }
}

/// A deadline that stands among units.
fn is_term(source: &Source, name: Span) -> bool {
    let Some(first) = source.at(name.start) else { return false };
    let dated = digit(first).is_some()
        && crate::date::find(source, name).first().is_some_and(|e| e.span.start == name.start);
    let words = ["立行立改", "长期坚持", "即知即改", "持续推进"];
    dated || (name.len() == 4 && words.iter().any(|word| source.starts_with(name.start, word)))
}

/// In a bracket without labels the role stands behind the name: 县教育局牵头.
fn without_role(source: &Source, name: Span, mark: &Mark) -> Span {
    if !mark.label.is_empty() {
        return name;
    }
    let length = bracket::role_of(source, name).map_or(0, |(length, _)| length);
    Span::new(name.start, name.end - length)
}

/// The value of a label that begins at `start`, without closing marks; stops at a full stop.
pub(super) fn value(source: &Source, start: usize, end: usize, field: Field) -> Span {
    let mut span = trim(source, Span::new(start, end));
    if field.is_short() {
        let mut depth = Depth::default();
        let stop = source.slice(span).iter().enumerate().find_map(|(i, c)| {
            let at = span.start + i;
            let unopened = is_closing(*c) && depth.is_outside();
            let cut = depth.is_outside() && is_stop(*c) || unopened;
            depth.feed(at, *c);
            cut.then_some(at)
        });
        if let Some(stop) = stop {
            span = trim(source, Span::new(span.start, stop));
        }
    }
    strip_marks(source, span)
}

/// Takes trailing marks away that part one field from the next, and unopened brackets.
pub(super) fn strip_marks(source: &Source, span: Span) -> Span {
    let mut span = trim(source, span);
    // Counted once and carried on: a value may end in any number of brackets.
    let mut unclosed: Option<[isize; BRACKETS.len()]> = None;
    while let Some(c) = source.before(span.end).filter(|_| !span.is_empty()) {
        let mark = is_clause_end(c) && !(c == ';' && closes_entity(source, span.end - 1));
        let (kind, step) = bracket_step(c).unzip();
        let unopened = match (kind, step) {
            (Some(_), Some(1)) => true,
            (Some(kind), _) => {
                let counts = unclosed.get_or_insert_with(|| brackets_in(source.slice(span)));
                counts.get(kind).is_some_and(|count| *count < 0)
            }
            _ => matches!(c, '|' | '│'),
        };
        if !(mark || unopened) {
            break;
        }
        if let (Some(counts), Some(kind), Some(step)) = (unclosed.as_mut(), kind, step)
            && let Some(count) = counts.get_mut(kind)
        {
            *count -= step;
        }
        span = trim(source, Span::new(span.start, span.end - 1));
    }
    span
}

/// Brackets that close each other: opening and closing marks.
const BRACKETS: [(&str, &str); 3] = [("(（", ")）"), ("【[", "】]"), ("〔", "〕")];

/// The kind of a bracket, and 1 where it opens, -1 where it closes.
fn bracket_step(c: char) -> Option<(usize, isize)> {
    BRACKETS.iter().enumerate().find_map(|(kind, (opening, closing))| {
        let step = if opening.contains(c) {
            1
        } else if closing.contains(c) {
            -1
        } else {
            return None;
        };
        Some((kind, step))
    })
}

/// How many brackets of each kind stay open; below zero where more close than open.
fn brackets_in(chars: &[char]) -> [isize; BRACKETS.len()] {
    let mut counts = [0; BRACKETS.len()];
    for (kind, step) in chars.iter().filter_map(|c| bracket_step(*c)) {
        if let Some(count) = counts.get_mut(kind) {
            *count += step;
        }
    }
    counts
}

/// Names in a value, parted by 、 ， ； and blanks; `党委、政府` stays together.
pub(super) fn names(source: &Source, value: Span) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    let mut depth = Depth::default();
    let (mut start, mut at) = (value.start, value.start);
    let mut joined = false;
    while at <= value.end {
        let c = if at < value.end { source.at(at) } else { None };
        let entity = c.and_then(|_| entity_at(source, at)).filter(|(_, blank)| *blank);
        let outside = depth.is_outside();
        let parts = c.is_none_or(|c| {
            outside
                && (c == '、'
                    || is_comma(c)
                    || is_semicolon(c)
                    || c == '/'
                    || (is_blank(c) && c != '\n')
                    || entity.is_some())
        });
        if !parts {
            depth.feed(at, c.unwrap_or(' '));
            at += 1;
            continue;
        }
        let name = strip_marks(source, Span::new(start, at));
        push_name(source, &mut out, name, joined);
        joined = c == Some('、');
        let next = entity.map_or(at + 1, |(end, _)| end);
        if c.is_some_and(is_blank) || entity.is_some() {
            at = skip_blank(source, next, value.end).max(next);
        } else {
            at = next;
        }
        start = at;
    }
    out
}

fn push_name(source: &Source, out: &mut Vec<Span>, name: Span, joined: bool) {
    if name.is_empty() || is_placeholder(source, name) {
        return;
    }
    let Some(last) = out.last_mut() else {
        out.push(name);
        return;
    };
    let pairs = [
        ("党委", "政府"),
        ("党委", "人民政府"),
        ("党工委", "办事处"),
        ("党工委", "管委会"),
        ("党支部", "村委会"),
        ("支部", "村委会"),
        ("党总支", "村委会"),
        ("党组织", "村委会"),
        ("党支部", "居委会"),
        ("党委", "管委会"),
    ];
    let pair = joined
        && pairs.iter().any(|(a, b)| {
            name.len() == b.chars().count()
                && last.len() >= a.chars().count()
                && source.starts_with(name.start, b)
                && crate::figures::ends_with(source, last.end, a)
        });
    // 张 三: a name spaced out.
    let one = |span: Span| span.len() == 1 && source.at(span.start).is_some_and(is_ideograph);
    let spaced = !joined && one(*last) && one(name);
    if pair || spaced {
        *last = Span::new(last.start, name.end);
    } else {
        out.push(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let source = Source::new(text);
        let found: Vec<_> =
            names(&source, source.whole()).into_iter().map(|s| source.text(s)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn values_are_split_into_names() {
        check("各乡镇党委、政府,县直行业部门", &["各乡镇党委、政府", "县直行业部门"]);
        check("镇卫生院、各村(社区)", &["镇卫生院", "各村(社区)"]);
        check("县财政局 县审计局；县纪委", &["县财政局", "县审计局", "县纪委"]);
        check("张 三、李四", &["张 三", "李四"]);
        check("**", &[]);
        check("县教育局（体育局、文旅局）", &["县教育局（体育局、文旅局）"]);
        check("县卫健局和医保局", &["县卫健局和医保局"]);
    }

    #[test]
    fn a_name_and_the_title_beside_it_are_one_person() {
        for (text, expected) in [
            ("乡党委书记 赵文涛", vec!["乡党委书记 赵文涛"]),
            ("赵文涛　乡党委书记", vec!["赵文涛　乡党委书记"]),
            ("书记 赵文涛 乡长 钱一鸣", vec!["书记 赵文涛", "乡长 钱一鸣"]),
            ("赵文涛 书记、钱一鸣 乡长", vec!["赵文涛 书记", "钱一鸣 乡长"]),
            ("党工委书记 办事处主任", vec!["党工委书记", "办事处主任"]),
            ("赵文涛 钱一鸣", vec!["赵文涛", "钱一鸣"]),
            ("赵文涛、乡长", vec!["赵文涛", "乡长"]),
            ("县财政局 赵文涛", vec!["县财政局", "赵文涛"]),
        ] {
            let source = Source::new(text);
            let values = names(&source, source.whole());
            let found: Vec<_> =
                with_titles(&source, &values).into_iter().map(|s| source.text(s)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_value_ends_before_its_closing_marks() {
        for (text, expected) in [
            ("立行立改)", "立行立改"),
            ("县教育局；", "县教育局"),
            ("各村(社区)", "各村(社区)"),
            ("县财政局。其他", "县财政局"),
            ("镇党建办(组织办)））", "镇党建办(组织办)"),
            ("县财政局】）；", "县财政局"),
        ] {
            let source = Source::new(text);
            let span = value(&source, 0, source.len(), Field::Units);
            assert_eq!(source.text(span), expected);
        }
    }
}

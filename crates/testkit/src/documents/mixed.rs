//! Layouts put together at random from parts that go together: far more than could be listed.

use super::layout::{
    BASE, Fields, Frame, Kind, Layout, Measures, Response, Role, Statement, Style,
};
use super::random::Random;

/// Labels of the response.
const RESPONSES: &[&str] = &[
    "整改措施：",
    "整改情况：",
    "整改落实情况：",
    "整改举措：",
    "整改进展情况：",
    "【整改措施】",
    "主要措施：",
];
/// Labels of the statement.
const STATEMENTS: &[&str] = &["存在问题：", "问题表现：", "具体表现：", "主要问题："];
/// Fields with their labels.
const ROLES: &[&[(Role, &str)]] = &[
    &[(Role::Lead, "牵头单位"), (Role::Units, "责任单位"), (Role::Deadline, "整改时限")],
    &[(Role::Leader, "责任领导"), (Role::Person, "责任人"), (Role::Deadline, "完成时限")],
    &[(Role::Lead, "主办单位"), (Role::Units, "协办单位"), (Role::Person, "具体责任人")],
    &[(Role::Units, "责任部门"), (Role::Deadline, "完成期限"), (Role::Status, "完成情况")],
    &[(Role::Leader, "包抓领导"), (Role::Lead, "主责单位"), (Role::Deadline, "完成时间")],
    &[(Role::Lead, "牵头部门"), (Role::Supervisor, "督办单位"), (Role::Deadline, "整改期限")],
    &[(Role::Leader, "分管领导"), (Role::Units, "配合部门"), (Role::Status, "整改进度")],
];

/// One of `items`, or the first.
fn pick<T: Copy>(random: &mut Random, items: &[T], or: T) -> T {
    items.get(random.index(items.len())).copied().unwrap_or(or)
}

/// The layout of `seed`.
#[must_use]
pub fn mixed(seed: u64) -> Layout {
    let mut random = Random::new(seed.wrapping_mul(77).wrapping_add(13));
    let random = &mut random;
    let base = BASE;
    let mut layout = Layout { name: "mixed", ..base };
    layout.kind = pick(
        random,
        &[
            Kind::Plan,
            Kind::Report,
            Kind::Notice,
            Kind::Audit,
            Kind::Tasks,
            Kind::Ledger,
            Kind::Plan,
        ],
        Kind::Plan,
    );
    layout.roles = pick(random, ROLES, base.roles);
    layout.half = random.chance(50);
    layout.wide = random.chance(12);
    layout.characters = random.chance(30);
    layout.noise = layout.kind == Kind::Notice && random.chance(50);
    match layout.kind {
        Kind::Ledger => table(&mut layout, random),
        Kind::Tasks => tasks(&mut layout, random),
        _ => prose(&mut layout, random),
    }
    layout
}

/// A ledger.
fn table(layout: &mut Layout, random: &mut Random) {
    layout.column = pick(random, &["|", "\t"], "|");
    layout.category_rows = random.chance(40);
    layout.measures = pick(
        random,
        &[
            Measures::Plain,
            Measures::WordedInOne,
            Measures::NumberedInOne(Style::Dot),
            Measures::NumberedInOne(Style::Paren),
            Measures::NumberedInOne(Style::Circle),
        ],
        Measures::Plain,
    );
}

/// An implementation plan.
fn tasks(layout: &mut Layout, random: &mut Random) {
    outline(layout, random);
    layout.roles = ROLES.first().copied().unwrap_or(layout.roles);
    layout.fields = pick(random, &[Fields::Lines, Fields::BracketAtEnd], Fields::Lines);
    layout.frame = frame(random);
}

/// Styles of the headings.
fn outline(layout: &mut Layout, random: &mut Random) {
    layout.flat = layout.kind == Kind::Audit;
    let chapter = !layout.flat && random.chance(12);
    layout.top = if chapter { Style::Chapter } else { Style::Han };
    layout.group = match random.between(0, 1) {
        _ if layout.flat => None,
        0 => None,
        _ if chapter => Some(Style::Han),
        _ => Some(Style::HanParen),
    };
    let items: &[Style] = match layout.group {
        None if chapter => &[Style::Han, Style::HanParen, Style::Dot],
        None => &[Style::HanParen, Style::Dot, Style::Comma, Style::Worded],
        Some(_) => &[Style::Dot, Style::Comma, Style::Paren],
    };
    layout.item = Some(pick(random, items, Style::Dot));
    if layout.group.is_none() && !layout.flat && !chapter && random.chance(12) {
        (layout.top, layout.item) = (Style::Comma, Some(Style::Decimal));
    }
    layout.runs_on = layout.group.is_some() && random.chance(50);
}

/// How paragraphs stand.
fn frame(random: &mut Random) -> Frame {
    let width = usize::try_from(random.between(28, 46)).unwrap_or(36);
    pick(
        random,
        &[
            Frame::Lines,
            Frame::Spaced,
            Frame::Indented,
            Frame::Html,
            Frame::Carriage,
            Frame::Paged,
            Frame::Wrapped(width),
        ],
        Frame::Lines,
    )
}

/// Findings in running text.
fn prose(layout: &mut Layout, random: &mut Random) {
    outline(layout, random);
    let own = layout.item;
    layout.frame = frame(random);
    layout.statement = match random.between(0, 5) {
        0 => Statement::Title,
        1 => Statement::Enumerated(if own == Some(Style::Paren) {
            Style::Circle
        } else {
            Style::Paren
        }),
        2 => Statement::Labelled(random.word(STATEMENTS)),
        3 => Statement::Line,
        _ => Statement::RunIn,
    };
    let bare = matches!(layout.statement, Statement::Title | Statement::RunIn) && random.chance(25);
    layout.response = if bare {
        Response::Bare
    } else if random.chance(50) {
        Response::Inline(random.word(RESPONSES))
    } else {
        Response::OwnLine(random.word(RESPONSES))
    };
    measures(layout, random, bare);
    fields(layout, random, bare);
    layout.nested = random.chance(20)
        && matches!(layout.measures, Measures::WordedEach | Measures::WordedInOne);
    let numbered_circles = layout.measures == Measures::NumberedInOne(Style::Circle)
        || layout.measures == Measures::NumberedEach(Style::Circle)
        || layout.statement == Statement::Enumerated(Style::Circle);
    if random.chance(15) && !numbered_circles && layout.statement == Statement::RunIn && !bare {
        layout.split = Some(Style::Circle);
    }
    one_line(layout, random, bare);
}

/// How the measures are written.
fn measures(layout: &mut Layout, random: &mut Random, bare: bool) {
    let number = pick(random, &[Style::Paren, Style::Circle, Style::Dot], Style::Paren);
    // 1. below an item 1、 could as well be the next item.
    let taken = match layout.item {
        Some(Style::Dot | Style::Comma | Style::Decimal) => number == Style::Dot,
        own => own == Some(number),
    };
    let number = if taken { Style::Circle } else { number };
    layout.measures = if bare {
        pick(random, &[Measures::WordedInOne, Measures::WordedEach], Measures::WordedEach)
    } else {
        pick(
            random,
            &[
                Measures::WordedInOne,
                Measures::WordedEach,
                Measures::NumberedInOne(number),
                Measures::NumberedEach(number),
                Measures::Ordinal,
                Measures::Adverbs,
                Measures::Plain,
            ],
            Measures::WordedInOne,
        )
    };
}

/// Where the fields stand.
fn fields(layout: &mut Layout, random: &mut Random, bare: bool) {
    let choices: &[Fields] = if bare {
        &[Fields::OneLine("；"), Fields::Lines, Fields::Nothing, Fields::BracketAtEnd]
    } else {
        &[
            Fields::Lines,
            Fields::Lines,
            Fields::OneLine("；"),
            Fields::OneLine("  "),
            Fields::OneLine("。"),
            Fields::BracketAfterStatement,
            Fields::BracketAtEnd,
            Fields::LinesBefore,
        ]
    };
    layout.fields = pick(random, choices, Fields::Lines);
    layout.closing_note = layout.fields == Fields::Nothing;
    if layout.fields == Fields::Lines {
        layout.separator = pick(random, &["、", "、", "，", "；"], "、");
    }
    layout.situation = layout.kind == Kind::Report
        && layout.statement == Statement::RunIn
        && matches!(layout.fields, Fields::Lines | Fields::OneLine(_))
        && random.chance(40);
}

/// Findings in one line, or no line ends at all, where everything can stand in one paragraph.
fn one_line(layout: &mut Layout, random: &mut Random, bare: bool) {
    let inline = matches!(layout.response, Response::Inline(_)) && !bare;
    let in_one = matches!(
        layout.measures,
        Measures::WordedInOne | Measures::NumberedInOne(Style::Paren | Style::Circle)
    );
    let plain = matches!(layout.statement, Statement::RunIn | Statement::Title);
    let numbered = !matches!(layout.item, Some(Style::Worded | Style::Decimal));
    if !(inline && in_one && plain && numbered) || layout.split.is_some() {
        return;
    }
    if random.chance(25) && matches!(layout.fields, Fields::OneLine("；" | "。")) {
        layout.frame = Frame::OneLineFindings;
    } else if random.chance(25)
        && matches!(layout.fields, Fields::Lines | Fields::OneLine("；" | "。"))
        && layout.top == Style::Han
        && layout.item != Some(Style::Paren)
    {
        layout.separator = "、";
        layout.frame = Frame::LostEnds;
    }
}

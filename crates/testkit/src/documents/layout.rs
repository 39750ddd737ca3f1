//! The layouts: how a document numbers, labels, orders, punctuates and breaks what it says.
//!
//! Half of them are *open*: rules may be tuned while looking at their failures. The other half is
//! *held out*: only its scores are looked at.

/// How an outline number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// 一、
    Han,
    /// （一）, half width where the layout is.
    HanParen,
    /// 1. (１． in full-width layouts with full-width digits).
    Dot,
    /// 1、
    Comma,
    /// (1)
    Paren,
    /// ①
    Circle,
    /// 1.1, with the number of the parent before it.
    Decimal,
    /// 问题一：
    Worded,
    /// 第一章
    Chapter,
}

/// What kind of document it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 整改方案.
    Plan,
    /// 整改情况报告.
    Report,
    /// 巡察整改进展情况的通报.
    Notice,
    /// 审计整改情况报告.
    Audit,
    /// 整改台账 as a table.
    Ledger,
    /// 实施方案 with tasks.
    Tasks,
}

/// How the statement of a finding is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statement {
    /// Only the heading.
    Title,
    /// Heading, full stop, sentences in the same paragraph.
    RunIn,
    /// Heading, then (1)(2) or ①② in the same paragraph.
    Enumerated(Style),
    /// Heading line, then a labelled paragraph (存在问题：…).
    Labelled(&'static str),
    /// Heading line, then a paragraph without label.
    Line,
    /// 针对“…”的问题, without number.
    Aimed,
}

/// How the response begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// The label and the measures in one paragraph.
    Inline(&'static str),
    /// The label on a line of its own.
    OwnLine(&'static str),
    /// No label: the next paragraph is the response.
    Bare,
}

/// How measures are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measures {
    /// 一是…；二是… in one paragraph.
    WordedInOne,
    /// 一是… each in its own paragraph.
    WordedEach,
    /// Numbers in one paragraph.
    NumberedInOne(Style),
    /// Numbers, each in its own paragraph.
    NumberedEach(Style),
    /// 第一，…；第二，…
    Ordinal,
    /// 首先，…；其次，…；最后，…
    Adverbs,
    /// One text without items.
    Plain,
    /// An unmarked paragraph, then 一是… paragraphs.
    LeadThenWorded,
}

/// Where units, people, deadline and status stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fields {
    /// One line each, behind the measures.
    Lines,
    /// One line with all of them, separated by this mark.
    OneLine(&'static str),
    /// In brackets behind the statement.
    BracketAfterStatement,
    /// In brackets behind the measures.
    BracketAtEnd,
    /// One line each, before the measures.
    LinesBefore,
    /// None.
    Nothing,
}

/// A field of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `lead_units`
    Lead,
    /// `responsible_units`
    Units,
    /// `responsible_leaders`
    Leader,
    /// `responsible_persons`
    Person,
    /// `deadline`
    Deadline,
    /// `status`
    Status,
    /// A unit that the schema leaves out.
    Supervisor,
}

impl Role {
    /// Key of the schema; empty where there is none.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Lead => "lead_units",
            Self::Units => "responsible_units",
            Self::Leader => "responsible_leaders",
            Self::Person => "responsible_persons",
            Self::Deadline => "deadline",
            Self::Status => "status",
            Self::Supervisor => "",
        }
    }
}

/// Mark-up and line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// One line a paragraph.
    Lines,
    /// An empty line behind every paragraph.
    Spaced,
    /// Two ideographic spaces before every paragraph.
    Indented,
    /// Left-overs of a web page.
    Html,
    /// Wrapped hard at this many characters.
    Wrapped(usize),
    /// A finding in one line, label behind label.
    OneLineFindings,
    /// Windows line ends.
    Carriage,
    /// Line ends lost behind the title: everything in one line.
    LostEnds,
    /// Page numbers between the paragraphs.
    Paged,
}

/// One way of laying out a document.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Name, also of the files.
    pub name: &'static str,
    /// Kind of document.
    pub kind: Kind,
    /// Style of the top headings.
    pub top: Style,
    /// Style of the headings that group findings; `None` if they stand right under the top.
    pub group: Option<Style>,
    /// Style of the findings; `None` for unnumbered ones.
    pub item: Option<Style>,
    /// Whether the findings are numbered on through the groups.
    pub runs_on: bool,
    /// Whether the groups are the top headings themselves.
    pub flat: bool,
    /// Statement.
    pub statement: Statement,
    /// Label of the response.
    pub response: Response,
    /// Measures.
    pub measures: Measures,
    /// Place of the fields.
    pub fields: Fields,
    /// The fields with their labels, in order.
    pub roles: &'static [(Role, &'static str)],
    /// Whether the text says that the problem exists or not.
    pub situation: bool,
    /// Whether the status stands in a closing note such as 【已完成】.
    pub closing_note: bool,
    /// Half-width punctuation and digits, or full-width punctuation.
    pub half: bool,
    /// Paragraphs.
    pub frame: Frame,
    /// Separator of the columns of a table.
    pub column: &'static str,
    /// Digits in full width.
    pub wide: bool,
    /// Some items are headings over sub-items of this style, which are the findings.
    pub split: Option<Style>,
    /// Findings are split into aspects of this style, each with problems and measures.
    pub aspects: Option<Style>,
    /// Some measures hold an enumeration of their own.
    pub nested: bool,
    /// Mark between the names of a field.
    pub separator: &'static str,
    /// Aspects are claimed in Chinese numerals.
    pub characters: bool,
    /// Categories stand in table rows of their own.
    pub category_rows: bool,
    /// Left-overs of a web page around the document.
    pub noise: bool,
}

/// What most layouts have in common.
pub(super) const BASE: Layout = Layout {
    name: "",
    kind: Kind::Plan,
    top: Style::Han,
    group: Some(Style::HanParen),
    item: Some(Style::Dot),
    runs_on: false,
    flat: false,
    statement: Statement::RunIn,
    response: Response::Inline("整改措施："),
    measures: Measures::WordedInOne,
    fields: Fields::Lines,
    roles: LEAD_UNITS_DEADLINE,
    situation: false,
    closing_note: false,
    half: false,
    frame: Frame::Lines,
    column: "",
    wide: false,
    split: None,
    aspects: None,
    nested: false,
    separator: "、",
    characters: false,
    category_rows: false,
    noise: false,
};

const LEAD_UNITS_DEADLINE: &[(Role, &str)] =
    &[(Role::Lead, "牵头单位"), (Role::Units, "责任单位"), (Role::Deadline, "整改时限")];
const PEOPLE_DEADLINE: &[(Role, &str)] =
    &[(Role::Leader, "责任领导"), (Role::Person, "责任人"), (Role::Deadline, "完成时限")];
const FULL: &[(Role, &str)] = &[
    (Role::Leader, "牵头领导"),
    (Role::Lead, "牵头部门"),
    (Role::Units, "配合单位"),
    (Role::Deadline, "完成期限"),
    (Role::Status, "完成情况"),
];
const DEADLINE_FIRST: &[(Role, &str)] = &[
    (Role::Deadline, "整改期限"),
    (Role::Leader, "分管领导"),
    (Role::Units, "责任科室"),
    (Role::Supervisor, "督导单位"),
];
const STATUS_UNITS: &[(Role, &str)] =
    &[(Role::Units, "责任部门"), (Role::Deadline, "完成时间"), (Role::Status, "整改状态")];
const RESULT: &[(Role, &str)] = &[(Role::Status, "整改结果")];
const SPACED: &[(Role, &str)] =
    &[(Role::Leader, "责任领导"), (Role::Person, "责 任 人"), (Role::Deadline, "整改时限")];
const TASK_FIELDS: &[(Role, &str)] =
    &[(Role::Lead, "牵头单位"), (Role::Units, "责任单位"), (Role::Deadline, "完成时限")];
const TABLE: &[(Role, &str)] = &[
    (Role::Lead, "牵头单位"),
    (Role::Units, "责任单位"),
    (Role::Person, "责任人"),
    (Role::Deadline, "整改时限"),
    (Role::Status, "完成情况"),
];
const TABLE_SHORT: &[(Role, &str)] =
    &[(Role::Units, "责任部门"), (Role::Leader, "责任领导"), (Role::Deadline, "完成时限")];

/// Layouts that rules may be tuned on.
pub const OPEN: &[Layout] = &[
    Layout { name: "open-01-lines", ..BASE },
    Layout {
        name: "open-02-bracket",
        half: true,
        runs_on: true,
        fields: Fields::BracketAfterStatement,
        statement: Statement::Title,
        frame: Frame::Spaced,
        ..BASE
    },
    Layout {
        name: "open-03-report-worded",
        kind: Kind::Report,
        response: Response::OwnLine("整改情况："),
        measures: Measures::WordedEach,
        statement: Statement::Enumerated(Style::Paren),
        fields: Fields::OneLine("；"),
        roles: FULL,
        ..BASE
    },
    Layout {
        name: "open-04-notice-one-line",
        kind: Kind::Notice,
        runs_on: true,
        response: Response::Bare,
        statement: Statement::Title,
        fields: Fields::OneLine("；"),
        roles: FULL,
        half: true,
        frame: Frame::Spaced,
        ..BASE
    },
    Layout {
        name: "open-05-table",
        kind: Kind::Ledger,
        measures: Measures::NumberedInOne(Style::Dot),
        roles: TABLE,
        column: "|",
        ..BASE
    },
    Layout {
        name: "open-06-tasks",
        kind: Kind::Tasks,
        runs_on: true,
        roles: TASK_FIELDS,
        half: true,
        frame: Frame::Lines,
        ..BASE
    },
    Layout {
        name: "open-07-audit",
        kind: Kind::Audit,
        group: None,
        flat: true,
        item: Some(Style::HanParen),
        response: Response::Inline("整改情况："),
        roles: RESULT,
        frame: Frame::Spaced,
        ..BASE
    },
    Layout {
        name: "open-08-village",
        kind: Kind::Report,
        group: None,
        situation: true,
        roles: PEOPLE_DEADLINE,
        measures: Measures::NumberedInOne(Style::Paren),
        frame: Frame::Html,
        ..BASE
    },
    Layout {
        name: "open-09-wrapped",
        group: None,
        item: Some(Style::HanParen),
        measures: Measures::WordedInOne,
        roles: PEOPLE_DEADLINE,
        frame: Frame::Wrapped(34),
        ..BASE
    },
    Layout {
        name: "open-10-numbered-measures",
        item: Some(Style::Comma),
        response: Response::OwnLine("整改措施"),
        measures: Measures::NumberedEach(Style::Paren),
        fields: Fields::OneLine("  "),
        roles: STATUS_UNITS,
        frame: Frame::Indented,
        ..BASE
    },
    Layout {
        name: "open-11-one-line-findings",
        group: None,
        item: Some(Style::Dot),
        half: true,
        fields: Fields::OneLine("。"),
        roles: PEOPLE_DEADLINE,
        frame: Frame::OneLineFindings,
        ..BASE
    },
    Layout {
        name: "open-12-aimed",
        kind: Kind::Report,
        group: Some(Style::HanParen),
        item: None,
        statement: Statement::Aimed,
        response: Response::Bare,
        fields: Fields::BracketAtEnd,
        roles: STATUS_UNITS,
        ..BASE
    },
    Layout {
        name: "open-13-labelled-statement",
        item: Some(Style::Worded),
        group: None,
        statement: Statement::Labelled("存在问题："),
        measures: Measures::NumberedEach(Style::Dot),
        response: Response::OwnLine("整改措施："),
        roles: SPACED,
        ..BASE
    },
    Layout {
        name: "open-14-closing-note",
        kind: Kind::Notice,
        runs_on: true,
        item: Some(Style::Dot),
        statement: Statement::Title,
        response: Response::Bare,
        measures: Measures::WordedEach,
        fields: Fields::Nothing,
        closing_note: true,
        half: true,
        frame: Frame::Spaced,
        ..BASE
    },
    Layout {
        name: "open-15-wide-digits",
        group: None,
        wide: true,
        characters: true,
        measures: Measures::NumberedInOne(Style::Paren),
        roles: PEOPLE_DEADLINE,
        frame: Frame::Indented,
        ..BASE
    },
    Layout {
        name: "open-16-lost-ends",
        item: Some(Style::Comma),
        roles: PEOPLE_DEADLINE,
        frame: Frame::LostEnds,
        ..BASE
    },
    Layout {
        name: "open-17-sub-items",
        runs_on: true,
        split: Some(Style::Circle),
        statement: Statement::Title,
        fields: Fields::BracketAfterStatement,
        characters: true,
        half: true,
        frame: Frame::Spaced,
        ..BASE
    },
    Layout {
        name: "open-18-aspects",
        kind: Kind::Report,
        group: None,
        item: Some(Style::HanParen),
        situation: true,
        aspects: Some(Style::Dot),
        response: Response::OwnLine("整改措施："),
        measures: Measures::WordedEach,
        fields: Fields::Nothing,
        ..BASE
    },
    Layout {
        name: "open-19-category-rows",
        kind: Kind::Ledger,
        measures: Measures::NumberedInOne(Style::Paren),
        roles: TABLE,
        column: "|",
        category_rows: true,
        half: true,
        ..BASE
    },
    Layout {
        name: "open-20-nested-paged",
        kind: Kind::Notice,
        runs_on: true,
        statement: Statement::RunIn,
        response: Response::Bare,
        measures: Measures::WordedEach,
        nested: true,
        fields: Fields::Nothing,
        noise: true,
        frame: Frame::Paged,
        ..BASE
    },
    Layout {
        name: "open-21-statement-line",
        item: Some(Style::Worded),
        group: None,
        statement: Statement::Line,
        response: Response::Inline("【整改措施】"),
        measures: Measures::WordedInOne,
        separator: "，",
        roles: DEADLINE_FIRST,
        ..BASE
    },
    Layout {
        name: "open-22-spaced-units",
        kind: Kind::Notice,
        noise: true,
        statement: Statement::Line,
        response: Response::Inline("整改落实情况："),
        measures: Measures::Plain,
        fields: Fields::OneLine("\t"),
        separator: " ",
        roles: FULL,
        frame: Frame::Spaced,
        ..BASE
    },
];

/// Layouts whose failures are not looked at while tuning.
pub const HELD_OUT: &[Layout] = &[
    Layout {
        name: "held-01-fields-before",
        fields: Fields::LinesBefore,
        measures: Measures::NumberedEach(Style::Circle),
        response: Response::OwnLine("整改措施："),
        roles: DEADLINE_FIRST,
        half: true,
        ..BASE
    },
    Layout {
        name: "held-02-bracket-end",
        group: None,
        item: Some(Style::HanParen),
        fields: Fields::BracketAtEnd,
        measures: Measures::NumberedInOne(Style::Circle),
        frame: Frame::Indented,
        ..BASE
    },
    Layout {
        name: "held-03-circled-problems",
        kind: Kind::Report,
        item: Some(Style::Comma),
        runs_on: true,
        statement: Statement::Enumerated(Style::Circle),
        response: Response::Inline("整改落实情况："),
        measures: Measures::Ordinal,
        fields: Fields::OneLine("；"),
        roles: STATUS_UNITS,
        half: true,
        frame: Frame::Spaced,
        ..BASE
    },
    Layout {
        name: "held-04-adverbs",
        measures: Measures::Adverbs,
        response: Response::Inline("整改措施："),
        fields: Fields::Lines,
        roles: FULL,
        frame: Frame::Indented,
        ..BASE
    },
    Layout {
        name: "held-05-tab-table",
        kind: Kind::Ledger,
        measures: Measures::Plain,
        roles: TABLE_SHORT,
        column: "\t",
        half: true,
        ..BASE
    },
    Layout {
        name: "held-06-tasks-inline",
        kind: Kind::Tasks,
        group: None,
        item: Some(Style::HanParen),
        fields: Fields::BracketAtEnd,
        roles: TASK_FIELDS,
        ..BASE
    },
    Layout {
        name: "held-07-decimal",
        top: Style::Comma,
        group: None,
        item: Some(Style::Decimal),
        measures: Measures::WordedEach,
        response: Response::OwnLine("整改措施："),
        roles: LEAD_UNITS_DEADLINE,
        half: true,
        ..BASE
    },
    Layout {
        name: "held-08-situation-lines",
        kind: Kind::Report,
        top: Style::Han,
        group: None,
        item: Some(Style::HanParen),
        situation: true,
        statement: Statement::RunIn,
        measures: Measures::WordedEach,
        response: Response::OwnLine("整改措施："),
        roles: PEOPLE_DEADLINE,
        frame: Frame::Carriage,
        ..BASE
    },
    Layout {
        name: "held-09-wrapped-run-on",
        runs_on: true,
        half: true,
        fields: Fields::BracketAfterStatement,
        roles: LEAD_UNITS_DEADLINE,
        frame: Frame::Wrapped(40),
        ..BASE
    },
    Layout {
        name: "held-10-lead-paragraph",
        kind: Kind::Notice,
        runs_on: true,
        statement: Statement::Title,
        response: Response::Bare,
        measures: Measures::LeadThenWorded,
        fields: Fields::Nothing,
        closing_note: true,
        frame: Frame::Spaced,
        ..BASE
    },
    Layout {
        name: "held-11-audit-lines",
        kind: Kind::Audit,
        group: None,
        flat: true,
        item: Some(Style::Dot),
        response: Response::Inline("整改情况："),
        measures: Measures::Plain,
        roles: STATUS_UNITS,
        half: true,
        ..BASE
    },
    Layout {
        name: "held-12-one-line",
        kind: Kind::Plan,
        group: None,
        item: Some(Style::Comma),
        fields: Fields::OneLine("；"),
        roles: PEOPLE_DEADLINE,
        frame: Frame::OneLineFindings,
        ..BASE
    },
    Layout {
        name: "held-13-chapters",
        top: Style::Chapter,
        group: None,
        item: Some(Style::Han),
        statement: Statement::Labelled("问题表现："),
        response: Response::Inline("整改举措："),
        measures: Measures::NumberedInOne(Style::Paren),
        roles: SPACED,
        frame: Frame::Lines,
        ..BASE
    },
    Layout {
        name: "held-14-html-tasks",
        kind: Kind::Tasks,
        item: Some(Style::Paren),
        group: Some(Style::Dot),
        roles: TASK_FIELDS,
        frame: Frame::Html,
        half: true,
        ..BASE
    },
    Layout {
        name: "held-15-wide-lines",
        kind: Kind::Report,
        item: Some(Style::HanParen),
        group: None,
        wide: true,
        statement: Statement::Line,
        response: Response::Inline("整改情况："),
        measures: Measures::WordedInOne,
        roles: STATUS_UNITS,
        ..BASE
    },
    Layout {
        name: "held-16-lost-ends-bracket",
        group: None,
        item: Some(Style::HanParen),
        statement: Statement::RunIn,
        fields: Fields::BracketAtEnd,
        measures: Measures::NumberedInOne(Style::Circle),
        half: true,
        frame: Frame::LostEnds,
        ..BASE
    },
    Layout {
        name: "held-17-sub-items-lines",
        group: None,
        item: Some(Style::HanParen),
        split: Some(Style::Dot),
        statement: Statement::RunIn,
        fields: Fields::Lines,
        ..BASE
    },
    Layout {
        name: "held-18-aspects-inline",
        kind: Kind::Report,
        item: Some(Style::Dot),
        situation: true,
        aspects: Some(Style::Paren),
        response: Response::Inline("整改措施："),
        measures: Measures::WordedInOne,
        fields: Fields::Nothing,
        half: true,
        frame: Frame::Spaced,
        ..BASE
    },
    Layout {
        name: "held-19-category-rows-tabs",
        kind: Kind::Ledger,
        measures: Measures::WordedInOne,
        roles: TABLE_SHORT,
        column: "\t",
        category_rows: true,
        ..BASE
    },
    Layout {
        name: "held-20-nested-report",
        kind: Kind::Report,
        item: Some(Style::Comma),
        statement: Statement::Title,
        response: Response::OwnLine("整改落实情况"),
        measures: Measures::WordedEach,
        nested: true,
        fields: Fields::OneLine("；"),
        roles: STATUS_UNITS,
        frame: Frame::Indented,
        ..BASE
    },
    Layout {
        name: "held-21-labels-in-brackets",
        group: None,
        item: Some(Style::Dot),
        statement: Statement::Labelled("【存在问题】"),
        response: Response::Inline("【整改举措】"),
        measures: Measures::NumberedInOne(Style::Dot),
        separator: "；",
        roles: LEAD_UNITS_DEADLINE,
        characters: true,
        ..BASE
    },
    Layout {
        name: "held-22-paged-tasks",
        kind: Kind::Tasks,
        runs_on: true,
        item: Some(Style::Comma),
        roles: TASK_FIELDS,
        separator: "，",
        half: true,
        frame: Frame::Paged,
        ..BASE
    },
];

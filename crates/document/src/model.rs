//! The JSON of the `rectification-ledger/1` schema as Rust types; no key is ever left out, except
//! the ones that the schema marks *(if)*.

use serde::{Deserialize, Serialize};

use crate::source::{Source, Span};

/// Name of the schema, the value of `Reading::schema`.
pub const SCHEMA: &str = "rectification-ledger/1";

/// A stretch of the text with its place; `text` equals that slice of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The slice as written.
    pub text: String,
    /// Its place.
    pub span: Span,
}

impl Piece {
    /// The piece of `source` at `span`.
    #[must_use]
    pub fn new(source: &Source, span: Span) -> Self {
        Self { text: source.text(span), span }
    }
}

/// A whole document as read (schema §2).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reading {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Name of the document, given by the caller.
    pub doc_id: String,
    /// Name of the text file, given by the caller.
    pub file: String,
    /// Length of the text in scalars.
    pub chars: usize,
    /// SHA-256 of the text's UTF-8 bytes, hexadecimal.
    pub sha256: String,
    /// Where the annotation comes from.
    pub provenance: Provenance,
    /// How complete each list is.
    pub coverage: Coverage,
    /// The document itself (2.1).
    pub document: DocumentInfo,
    /// The outline, flat, in text order (2.2).
    pub sections: Vec<Section>,
    /// Ledger rows (2.3).
    pub findings: Vec<Finding>,
    /// Tasks of an implementation plan (2.4).
    pub tasks: Vec<Task>,
    /// Figures (2.5).
    pub figures: Vec<Figure>,
    /// Cross-checks (2.6).
    pub cross_checks: Vec<CrossCheck>,
    /// Outline defects (2.7).
    pub outline_defects: Vec<OutlineDefect>,
    /// Regulations, dates, regions, organisations (2.8).
    pub mentions: Mentions,
    /// Page debris that is no part of the document.
    pub noise: Vec<Piece>,
}

/// Where an annotation comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// `read` for the reader's own output; the reference data has `seed` and `composed`.
    pub origin: String,
    /// Whether the document is known to be a real one; the reader does not know and says false.
    pub real: bool,
    /// Whether the text is only a part of a document.
    pub fragment: bool,
    /// Free remarks.
    pub notes: String,
}

/// How complete each list is: `exhaustive`, `partial`, `distinct` or `none`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Outline.
    pub sections: String,
    /// Findings.
    pub findings: String,
    /// Tasks.
    pub tasks: String,
    /// Figures.
    pub figures: String,
    /// Cross-checks.
    pub cross_checks: String,
    /// Outline defects.
    pub outline_defects: String,
    /// Regulations.
    pub regulations: String,
    /// Dates.
    pub dates: String,
    /// Regions.
    pub regions: String,
    /// Organisations.
    pub organisations: String,
}

impl Default for Coverage {
    fn default() -> Self {
        let all = || String::from("exhaustive");
        let some = || String::from("distinct");
        Self {
            sections: all(),
            findings: all(),
            tasks: all(),
            figures: all(),
            cross_checks: all(),
            outline_defects: all(),
            regulations: all(),
            dates: all(),
            regions: some(),
            organisations: some(),
        }
    }
}

/// The document itself (schema 2.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentInfo {
    /// Title as written.
    pub title: Option<Piece>,
    /// Issuing organs (rule H1).
    pub issuer: Vec<Issuer>,
    /// Who published it according to the page metadata.
    pub publisher: Option<Piece>,
    /// Addressee line without its colon.
    pub recipient: Option<Piece>,
    /// The document's own number.
    pub doc_number: Option<Piece>,
    /// Date (rule H2).
    pub date: Option<DocumentDate>,
    /// Kind (rule H3).
    pub kind: DocumentKind,
}

/// An issuing organ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// The name as written.
    pub text: String,
    /// Its place.
    pub span: Span,
    /// Set if the name is only a placeholder such as `**镇`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
}

/// The document's date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentDate {
    /// ISO date.
    pub value: String,
    /// Where it stands.
    pub role: DateRole,
    /// As written.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// Where a document's date stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateRole {
    /// Under the signature.
    Signed,
    /// In the page metadata.
    Published,
    /// In the head of the document.
    Header,
}

/// Kind of document (rule H3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// 整改方案.
    RectificationPlan,
    /// 整改情况报告.
    #[default]
    RectificationReport,
    /// 巡察整改通报.
    InspectionRectificationNotice,
    /// 实施方案 and other plans.
    ImplementationPlan,
    /// 审计整改报告.
    AuditRectificationReport,
    /// 台账, 清单, 一览表.
    RectificationLedger,
}

/// A node of the outline (schema 2.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// `S1` … in text order.
    pub id: String,
    /// Id of the parent node.
    pub parent: Option<String>,
    /// Depth, 1 at the top.
    pub level: usize,
    /// Numbers from the top without closing punctuation, joined by `/`.
    pub path: String,
    /// Number as written.
    pub number: Option<Piece>,
    /// Its integer value.
    pub ordinal: Option<u32>,
    /// Title (rule O4).
    pub title: Piece,
    /// Offset of the number, or of the title.
    pub start: usize,
    /// Line, from 1.
    pub line: usize,
}

/// A ledger row (schema 2.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// `F01` … in text order.
    pub id: String,
    /// Id of its outline node.
    pub section: Option<String>,
    /// Path of its node or of the node it stands under.
    pub path: String,
    /// Number as written, or the serial number of a table row.
    pub number: Option<Piece>,
    /// Title of the top-level heading or the category cell.
    pub category: Option<Piece>,
    /// Title of the nearest heading above.
    pub subcategory: Option<Piece>,
    /// The whole block.
    pub span: Span,
    /// Line of the start, from 1.
    pub line: usize,
    /// Head of the statement.
    pub title: Piece,
    /// Problems.
    pub problems: Vec<Problem>,
    /// Whether the problem exists.
    pub situation: Option<Situation>,
    /// Measures.
    pub measures: Vec<Measure>,
    /// 牵头单位.
    pub lead_units: Vec<Piece>,
    /// 责任单位.
    pub responsible_units: Vec<Piece>,
    /// 责任领导.
    pub responsible_leaders: Vec<Piece>,
    /// 责任人.
    pub responsible_persons: Vec<Piece>,
    /// 整改时限.
    pub deadline: Option<Deadline>,
    /// 完成情况.
    pub status: Option<Status>,
}

/// A problem inside a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Marker.
    pub ordinal: Option<Piece>,
    /// As written.
    pub text: String,
    /// Its place.
    pub span: Span,
    /// Id of the node inside the finding it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<String>,
    /// Situation said of this problem only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub situation: Option<Situation>,
    /// Background without a shortcoming.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// A measure inside a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Marker.
    pub ordinal: Option<Piece>,
    /// As written.
    pub text: String,
    /// Its place.
    pub span: Span,
    /// Id of the node inside the finding it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<String>,
    /// Enumeration inside the measure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<MeasureItem>,
}

/// An item of an enumeration inside a measure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureItem {
    /// Marker.
    pub ordinal: Option<Piece>,
    /// As written.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// Whether a problem exists here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Situation {
    /// Exists or absent.
    pub value: SituationValue,
    /// As written.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// Value of a situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SituationValue {
    /// 存在.
    Exists,
    /// 不存在.
    Absent,
}

/// Deadline of a finding or task (rules D1–D3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// The whole value as written.
    pub raw: String,
    /// Its place.
    pub span: Span,
    /// Kind.
    pub kind: DeadlineKind,
    /// `YYYY-MM-DD`, `YYYY-MM` or `--MM-DD`.
    pub date: Option<String>,
    /// Whether the value also says 立行立改.
    pub immediate: bool,
    /// Whether the value also says 长期坚持.
    pub ongoing: bool,
}

/// Kind of a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineKind {
    /// Names a date.
    Date,
    /// 反馈后3个月内.
    Relative,
    /// 长期坚持.
    Ongoing,
    /// 立行立改.
    Immediate,
    /// Empty or a placeholder.
    Redacted,
}

/// Status of a finding (rule S2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Value.
    pub value: StatusValue,
    /// As written.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// Value of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusValue {
    /// 已完成.
    Completed,
    /// 正在推进.
    InProgress,
    /// 基本完成.
    Partial,
    /// 未完成.
    NotStarted,
    /// 长期坚持.
    Ongoing,
}

/// A task of an implementation plan (schema 2.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// `T01` … in text order.
    pub id: String,
    /// Id of its outline node.
    pub section: Option<String>,
    /// Path of its node.
    pub path: String,
    /// Number as written.
    pub number: Option<Piece>,
    /// The whole block.
    pub span: Span,
    /// Line of the start, from 1.
    pub line: usize,
    /// Title.
    pub title: Piece,
    /// Body without heading and fields.
    pub text: Piece,
    /// 牵头单位.
    pub lead_units: Vec<Piece>,
    /// 责任单位.
    pub responsible_units: Vec<Piece>,
    /// 责任领导.
    pub responsible_leaders: Vec<Piece>,
    /// 责任人.
    pub responsible_persons: Vec<Piece>,
    /// 完成时限.
    pub deadline: Option<Deadline>,
    /// Clauses with a quantity or a date to be reached.
    pub targets: Vec<Piece>,
}

/// A figure (schema 2.5).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// `N001` … in text order.
    pub id: String,
    /// Numeral, multiplier, measure word as written.
    pub raw: String,
    /// Its place.
    pub span: Span,
    /// Value in base units.
    pub value: Number,
    /// Measure word.
    pub unit: String,
    /// 约, 近, 至少 …
    pub modifier: Option<Modifier>,
    /// Households of a household–person pair or of this figure.
    pub households: Option<u64>,
    /// Persons likewise.
    pub persons: Option<u64>,
    /// Id of the other half of a pair.
    pub pair: Option<String>,
    /// `YYYY[-MM[-DD]]` or `current`.
    pub as_of: Option<String>,
    /// What is counted, short.
    pub subject: String,
    /// Line, from 1.
    pub line: usize,
    /// May be left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// A value written without a decimal point when it is whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Deserialize)]
#[serde(from = "f64")]
pub struct Number(pub f64);

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self(value)
    }
}

impl Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Whole numbers up to 2^53 are exact in both forms.
        if self.0.fract() == 0.0 && self.0.abs() < 9_007_199_254_740_992.0 {
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            let whole = self.0 as i64;
            serializer.serialize_i64(whole)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

/// What stands around a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modifier {
    /// 约.
    About,
    /// 至少, 不少于, 以上.
    AtLeast,
    /// 不超过, 以内.
    AtMost,
    /// 超过, 余, 多.
    Over,
    /// 近, 不足.
    Under,
}

/// A relation between figures (schema 2.6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CrossCheck {
    /// `C01` … in text order.
    pub id: String,
    /// Kind.
    pub kind: CheckKind,
    /// Whether it holds.
    pub holds: bool,
    /// The claimed side.
    pub result: CheckResult,
    /// The other side.
    pub operands: Vec<CheckPart>,
    /// What the operands give.
    pub computed: Option<Number>,
    /// For people.
    pub note: String,
    /// Other figures that may stand for the result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<CheckPart>,
    /// May be left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// Kind of a cross-check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// Result = sum of operands.
    Sum,
    /// Sum of operands = sum of the parts in the result.
    SumEquality,
    /// First − rest.
    Difference,
    /// First ÷ second × 100.
    Percentage,
    /// First × second.
    Product,
    /// Figure = number of things counted.
    Count,
    /// Equal.
    Equality,
    /// Operand ≤ result.
    PartOf,
    /// Rate within reason.
    RatePlausibility,
}

/// The claimed side of a check: one figure or a sum of figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CheckResult {
    /// A sum of parts.
    Sum {
        /// The parts.
        sum_of: Vec<CheckPart>,
        /// Their sum.
        value: Number,
    },
    /// One figure.
    Part(CheckPart),
}

/// One part of a check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CheckPart {
    /// A figure of the text.
    Figure {
        /// Its id.
        figure: String,
        /// Its place.
        span: Span,
        /// Its value.
        value: Number,
    },
    /// Things counted.
    Count {
        /// What is counted, free wording.
        count_of: String,
        /// How many.
        value: Number,
    },
}

/// A defect of the outline or of the fields (schema 2.7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutlineDefect {
    /// `D01` … in text order.
    pub id: String,
    /// Type.
    #[serde(rename = "type")]
    pub defect: DefectType,
    /// Schema key or label.
    pub field: Option<String>,
    /// As written.
    pub text: String,
    /// Its place.
    pub span: Span,
    /// Line, from 1.
    pub line: usize,
    /// What should stand there.
    pub expected: Option<String>,
    /// What stands there.
    pub found: Option<String>,
    /// Id of the finding.
    pub finding: Option<String>,
    /// Id of the task.
    pub task: Option<String>,
    /// Id of the section.
    pub section: Option<String>,
    /// May be left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// Type of a defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefectType {
    /// The sequence jumps.
    SkippedNumber,
    /// A number stands twice.
    DuplicateNumber,
    /// A bullet or nothing where siblings have a number.
    LostNumber,
    /// Punctuation unlike its siblings.
    IrregularNumber,
    /// The others have this field.
    MissingField,
    /// Label without value.
    EmptyValue,
}

/// What is mentioned (schema 2.8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mentions {
    /// First mention of each region.
    pub regions: Vec<Piece>,
    /// First mention of each organisation.
    pub organisations: Vec<Piece>,
    /// Every 《…》.
    pub regulations: Vec<Regulation>,
    /// Every date.
    pub dates: Vec<DateMention>,
}

/// A regulation mentioned by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regulation {
    /// Name with its 《》.
    pub title: Piece,
    /// Number in the bracket behind it.
    pub number: Option<Piece>,
    /// Forms and handbooks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// The closing mark is missing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unclosed: bool,
}

/// A date mentioned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateMention {
    /// As written.
    pub text: String,
    /// Its place.
    pub span: Span,
    /// ISO form, `a/b` for a range.
    pub value: String,
}

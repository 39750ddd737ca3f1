//! What can be wrong with a codebook, and the collection in which faults gather.
//!
//! Every code is declared in [`FAULT_CODES`] and nowhere else.

use crate::source::{At, Sources};
use std::cell::RefCell;
use std::collections::BTreeSet;
use taizhang_diagnostics::{Diagnostic, Message, Severity, nearest};

taizhang_diagnostics::fault_codes! {
    /// Kind of fault of a codebook.
    FaultKind, FaultCode, FAULT_CODES;
    Syntax, "C0001", "不是合格的 TOML", "not valid TOML";
    UnknownPath, "C0002", "文件不在码本的目录里", "file belongs to no part of a codebook";
    UnknownKey, "C0003", "没有这个键", "unknown key";
    MissingKey, "C0004", "缺少键", "missing key";
    WrongType, "C0005", "值的类型不对", "value of the wrong type";
    UnknownWord, "C0006", "不是可选的词", "not one of the allowed words";
    BadName, "C0007", "名称不合规则", "name breaks the rule for names";
    NameNotFile, "C0008", "名称与文件名不同", "name differs from the file's name";
    DefinedTwice, "C0009", "重复定义", "defined twice";
    MissingLanguage, "C0010", "缺少中文或英文", "Chinese or English is missing";
    EmptyText, "C0011", "内容为空", "empty text";
    NoHeadFile, "C0012", "缺少 codebook.toml", "no codebook.toml";
    UnknownCodebook, "C0013", "没有这个码本", "unknown codebook";
    UnknownLedger, "C0101", "没有这个台账", "unknown ledger";
    UnknownCodeList, "C0102", "没有这个码表", "unknown code list";
    UnknownField, "C0103", "没有这个字段", "unknown field";
    ReservedField, "C0104", "字段名由系统保留", "field name belongs to the store";
    BannedField, "C0105", "不得收集的内容", "content that must not be kept";
    KeyNotForType, "C0106", "键与字段类型不符", "key does not go with the field's type";
    BoundsReversed, "C0107", "最小值大于最大值", "minimum above maximum";
    UntilBeforeSince, "C0108", "截止日早于起始日", "last day before first day";
    RelationAstray, "C0109", "关系与引用字段不符", "relation and reference field do not meet";
    IdentityOpen, "C0110", "身份号码未设为敏感", "identity number not marked sensitive";
    WordTwice, "C0111", "同一个词有两个意思", "one word means two things";
    NothingInside, "C0112", "内容为空的定义", "definition without content";
    UnknownCode, "C0113", "码表里没有这个码", "unknown code of a list";
    UnknownState, "C0201", "没有这个环节", "unknown state";
    StateUnreachable, "C0202", "到不了的环节", "state that no step reaches";
    StateDeadEnd, "C0203", "出不去的环节", "state that no step leaves";
    StepNotIndependent, "C0204", "可以自己验收自己", "step lets people accept their own work";
    LadderOverlap, "C0205", "督办梯次重叠", "rungs of the ladder overlap";
    LadderReversed, "C0206", "督办起止颠倒", "rung ends before it begins";
    UnknownFlow, "C0207", "没有这个流程", "unknown flow";
    FlowAstray, "C0208", "流程与台账不对应", "flow and ledger do not name each other";
    AcceptanceSkipped, "C0209", "不经验收就能销号", "closed without acceptance";
    UnknownRole, "C0301", "没有这个角色", "unknown role";
    UnknownPower, "C0302", "没有这项权力", "unknown power";
    WriteWithoutRead, "C0303", "能写却不能读", "right to write without right to read";
    PowersJoined, "C0304", "三员权力合在一人", "powers of separate administrators in one role";
    AdminSeesCases, "C0305", "管理员看得到业务数据", "administrator may see cases";
    UnknownParameter, "C0401", "没有这个参数", "unknown parameter";
    ValuesUnordered, "C0402", "参数值未按日期排列", "values not in order of their first day";
    ValueTwice, "C0403", "同一天有两个值", "two values for one day";
    BadRegionCode, "C0404", "区划代码不对", "not a region code";
    BadHoliday, "C0405", "节假日安排自相矛盾", "holiday contradicts itself";
    ClockUnit, "C0406", "期限单位不能计时", "unit cannot drive a clock";
    SensitiveShown, "C0501", "对外内容含敏感字段", "sensitive field shown in public";
    BadFilter, "C0601", "筛选条件写法不对", "filter cannot be read";
    UnknownIndicator, "C0602", "没有这个指标", "unknown indicator";
    UnknownPlaceholder, "C0603", "没有这个占位符", "unknown placeholder";
    BadPlaceholder, "C0604", "占位符没有写完", "placeholder without end";
    HeadingLevel, "C0605", "标题层级不对", "heading level out of order";
    FixedNumber, "C0606", "数字没有出处", "number that is no indicator";
    ShareAstray, "C0607", "占比的总数不对应", "share of another ledger";
    RemovalRefused, "C0701", "必备内容不能删除", "required definition cannot be removed";
    RemovalAstray, "C0702", "要删除的内容不存在", "nothing there to remove";
    BuiltInChanged, "C0703", "内置内容不能这样改", "built-in definition cannot change so";
    NoRuleHead, "C0801", "规则文件没有开头的 +++ 区", "rule file without head between +++ lines";
    RuleCode, "C0802", "规则代码不合规则", "code of a rule breaks the form";
    UnknownSource, "C0803", "没有这个来源", "unknown source";
}

impl FaultKind {
    /// Folders in which the name may be defined that the fault misses.
    const fn rests_on(self) -> &'static [&'static str] {
        match self {
            Self::UnknownLedger
            | Self::UnknownField
            | Self::UnknownPlaceholder
            | Self::RelationAstray => &["ledgers"],
            Self::FlowAstray => &["ledgers", "flows"],
            Self::UnknownCodeList | Self::UnknownCode => &["code_lists"],
            Self::UnknownFlow | Self::UnknownState => &["flows"],
            Self::UnknownRole => &["roles"],
            Self::UnknownParameter | Self::ClockUnit => &["parameters"],
            Self::UnknownIndicator | Self::ShareAstray => &["indicators"],
            Self::UnknownSource => &["sources"],
            Self::NoHeadFile => &[""],
            Self::RemovalAstray => &["ledgers", "code_lists", "flows", "roles", "indicators"],
            _ => &[],
        }
    }

    /// A diagnostic of this kind without place.
    pub(crate) fn diagnostic(self, message: Message) -> Diagnostic {
        Diagnostic::error(self.code(), message)
    }
}

/// Faults found so far. Shared by all readers of one codebook; nothing stops at the first.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    found: RefCell<Vec<Fault>>,
}

#[derive(Clone, Debug)]
struct Fault {
    kind: FaultKind,
    at: At,
    message: Message,
    help: Option<Message>,
}

impl Faults {
    /// Adds a fault.
    pub(crate) fn add(&self, kind: FaultKind, at: At, message: Message, help: Option<Message>) {
        self.found.borrow_mut().push(Fault { kind, at, message, help });
    }

    /// Adds a fault about a name that is not known, with the nearest known one as help.
    pub(crate) fn unknown<'a>(
        &self,
        kind: FaultKind,
        at: At,
        (noun_zh, noun_en): (&str, &str),
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let message =
            Message::new(format!("没有{noun_zh}`{name}`"), format!("no {noun_en} `{name}`"));
        self.add_with_nearest(kind, at, message, name, known);
    }

    /// Adds a fault about a name, with the nearest known one as help.
    pub(crate) fn add_with_nearest<'a>(
        &self,
        kind: FaultKind,
        at: At,
        message: Message,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let known: Vec<&str> = known.into_iter().collect();
        self.add(kind, at, message, suggestion(name, &known));
    }

    /// The diagnostics in order of place. Faults of meaning in a file that cannot even be parsed,
    /// and names that may be defined in such a file, are left out: they would only echo the syntax
    /// faults.
    pub(crate) fn into_diagnostics(self, sources: &Sources) -> Vec<Diagnostic> {
        let mut found = self.found.into_inner();
        let broken: BTreeSet<usize> =
            found.iter().filter(|f| f.kind == FaultKind::Syntax).map(|f| f.at.file).collect();
        let folders: BTreeSet<&str> =
            broken.iter().filter_map(|file| sources.folder(*file)).collect();
        found.retain(|fault| {
            let is_echo = broken.contains(&fault.at.file)
                || fault.kind.rests_on().iter().any(|folder| folders.contains(folder));
            fault.kind == FaultKind::Syntax || !is_echo
        });
        found.sort_by_key(|fault| (fault.at.file, fault.at.start, fault.kind));
        found
            .into_iter()
            .map(|fault| Diagnostic {
                code: fault.kind.code().to_owned(),
                severity: Severity::Error,
                place: sources.place(fault.at),
                message: fault.message,
                help: fault.help,
            })
            .collect()
    }
}

/// Help for an unknown word: the nearest known one, or all of them if they are few.
fn suggestion(name: &str, known: &[&str]) -> Option<Message> {
    if let Some(near) = nearest(name, known.iter().copied()) {
        let help = Message::new(format!("最近的是`{near}`"), format!("the nearest is `{near}`"));
        return Some(help);
    }
    // Of many, those that hold the word as a part.
    let holds =
        |word: &&&str| known.len() <= LISTED_MAX || word.split('_').any(|part| part == name);
    let quoted: Vec<String> = known.iter().filter(holds).map(|word| format!("`{word}`")).collect();
    if quoted.is_empty() || quoted.len() > LISTED_MAX {
        return None;
    }
    Some(Message::new(
        format!("可选：{}", quoted.join("、")),
        format!("one of {}", quoted.join(", ")),
    ))
}

/// More names than this are no help on one line.
const LISTED_MAX: usize = 16;

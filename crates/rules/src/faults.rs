//! What can be wrong with a rule. Every code is declared in [`RULE_FAULT_CODES`] and nowhere else.

use std::cell::RefCell;
use taizhang_diagnostics::{Diagnostic, Message, Place, nearest};

taizhang_diagnostics::fault_codes! {
    /// Kind of fault of a rule.
    RuleFault, RuleFaultCode, RULE_FAULT_CODES;
    Syntax, "E0001", "表达式读不懂", "expression cannot be read";
    TooLong, "E0002", "表达式太长", "expression too long";
    TooDeep, "E0003", "表达式嵌套太深", "expression nested too deeply";
    TooMany, "E0004", "表达式成分太多", "expression with too many parts";
    TooCostly, "E0005", "表达式开销太大", "expression too costly";
    UnknownName, "E0101", "没有这个名称", "unknown name";
    UnknownFunction, "E0102", "没有这个函数", "unknown function";
    UnknownCode, "E0103", "码表里没有这个码", "unknown code";
    UnknownParameter, "E0104", "没有这个参数", "unknown parameter";
    NameTaken, "E0105", "名称已被占用", "name already taken";
    Circular, "E0106", "define 互相引用", "defines that use each other";
    FunctionNotInForce, "E0107", "函数在规则的日子里不全有效", "function not in force on all days of the rule";
    TypeMismatch, "E0201", "类型不符", "types do not meet";
    Arguments, "E0202", "参数个数或写法不对", "wrong arguments";
    NullComparison, "E0203", "不能与 null 比较", "comparison with null";
    MoneyWithoutUnit, "E0204", "金额缺少单位", "amount without unit";
    SensitiveUse, "E0205", "敏感字段不能这样用", "sensitive field cannot be used so";
    NoOrder, "E0206", "不能比较大小", "values without order";
    NotValue, "E0207", "这里要写一个值", "not a value";
    NotConstant, "E0208", "这里要写固定的值", "not a constant";
    BadConstant, "E0209", "固定的值写错了", "constant that cannot be";
    Unsupported, "E0210", "规则里不能这样写", "not possible in a rule";
    Placeholder, "E0211", "提示语的占位符不对", "placeholder of a message is wrong";
    ExampleTable, "E0301", "例表写法不对", "table of examples cannot be read";
    ExampleColumn, "E0302", "例表的列不对", "column of an example is wrong";
    ExampleValue, "E0303", "例表的值不对", "value of an example is wrong";
    ExampleOutcome, "E0304", "例子的结果不符", "example has another outcome";
    ExampleMissing, "E0305", "缺少例子", "example is missing";
    NoTitle, "E0306", "缺少标题", "title is missing";
}

/// Faults found so far in one rule; nothing stops at the first.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    found: RefCell<Vec<Diagnostic>>,
}

impl Faults {
    /// Adds a fault at a stretch of a text.
    pub(crate) fn add(&self, kind: RuleFault, place: Place, message: Message) -> Added<'_> {
        let diagnostic = Diagnostic::error(kind.code(), message).at(place);
        self.found.borrow_mut().push(diagnostic);
        Added { faults: self }
    }

    /// Number of faults so far.
    pub(crate) fn count(&self) -> usize {
        self.found.borrow().len()
    }

    /// All of them, each once, in order of place.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|fault| match &fault.place {
            Place::File { path, line, column, .. } => (path.clone(), *line, *column),
            _ => (String::new(), 0, 0),
        });
        found.dedup();
        found
    }
}

/// The fault just added, to which help may be given.
pub(crate) struct Added<'a> {
    faults: &'a Faults,
}

impl Added<'_> {
    /// Advice.
    pub(crate) fn help(self, zh: impl Into<String>, en: impl Into<String>) {
        if let Some(last) = self.faults.found.borrow_mut().last_mut() {
            last.help = Some(Message::new(zh, en));
        }
    }

    /// The nearest known word as advice, or all of them if they are few.
    pub(crate) fn nearest<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) {
        let known: Vec<&str> = known.into_iter().collect();
        if let Some(near) = nearest(word, known.iter().copied()) {
            self.help(format!("最近的是`{near}`"), format!("the nearest is `{near}`"));
        } else if !known.is_empty() && known.len() <= LISTED_MAX {
            let quoted: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
            self.help(
                format!("可选：{}", quoted.join("、")),
                format!("one of {}", quoted.join(", ")),
            );
        }
    }
}

/// More names than this are no help on one line.
const LISTED_MAX: usize = 24;

//! Expression → typed form: names are looked up in the codebook, types are checked, and what is
//! wrong is told at its place.

mod calls;
mod constants;
mod dates;
mod facts;
mod hints;
mod items;
mod meet;
mod names;
mod operators;
mod parts;
mod rows;
mod values;

pub(crate) use names::FLOW_LIST;
pub(crate) use parts::Part;

use crate::faults::{Added, Faults, RuleFault};
use crate::ir::{Kind, Literal, Node, RowRef, RowsSource, Span, Type};
use crate::limits::{DEPTH_MAX, NODES_MAX};
use crate::syntax::{Constant, Expression, ExpressionKind, SyntaxFaultKind, operator};
use std::cell::{Cell, RefCell};
use std::ops::Range;
use taizhang_codebook::{Codebook, Define, Ledger, PlacedText};
use taizhang_diagnostics::Message;
use taizhang_values::Date;

/// Resolves the expressions of one rule.
pub(crate) struct Resolver<'a> {
    codebook: &'a Codebook,
    faults: &'a Faults,
    ledger: &'a Ledger,
    defines: Vec<Defined<'a>>,
    /// The text in which the expression at hand stands.
    text: RefCell<&'a PlacedText>,
    scopes: RefCell<Vec<Scope>>,
    /// Scopes below this one are hidden, but for the judged record: those around a define's use.
    visible_from: Cell<usize>,
    /// Defines that are being resolved.
    open: RefCell<Vec<&'a str>>,
    nodes: Cell<usize>,
    depth: Cell<usize>,
    /// Days on which the rule judges; none for an expression that stands in no rule.
    period: Option<Period>,
}

/// First and last day of a rule.
pub(crate) type Period = (Date, Option<Date>);

struct Defined<'a> {
    name: &'a str,
    text: &'a PlacedText,
    /// `None` after a fault of syntax.
    expression: Option<Expression>,
}

/// A name that stands for a row.
struct Scope {
    name: String,
    ledger: String,
}

/// What an expression stands for.
enum Meaning {
    /// A value.
    Value(Node),
    /// A row, reached through references.
    Row { row: RowRef, ledger: String, span: Span },
    /// Rows of a relation.
    Rows(Rows),
}

/// Rows that have not been reduced yet.
#[derive(Clone)]
struct Rows {
    row: RowRef,
    ledger: String,
    source: RowsSource,
    scope: usize,
    filter: Option<Node>,
    /// What `map` makes of each.
    mapped: Option<Box<Node>>,
}

impl<'a> Resolver<'a> {
    /// Resolver for rules about a ledger. Faults of the defines are told at once.
    pub(crate) fn new(
        codebook: &'a Codebook,
        ledger: &'a Ledger,
        defines: &'a [Define],
        text: &'a PlacedText,
        period: Option<Period>,
        faults: &'a Faults,
    ) -> Self {
        let resolver = Self {
            codebook,
            faults,
            ledger,
            defines: Vec::new(),
            text: RefCell::new(text),
            scopes: RefCell::new(vec![Scope {
                name: SELF.to_owned(),
                ledger: ledger.name.clone(),
            }]),
            visible_from: Cell::new(0),
            open: RefCell::default(),
            nodes: Cell::new(0),
            depth: Cell::new(0),
            period,
        };
        resolver.with_defines(defines)
    }

    fn with_defines(mut self, defines: &'a [Define]) -> Self {
        for define in defines {
            self.text.replace(&define.text);
            let expression = self.parse(&define.text);
            let defined = Defined { name: &define.name, text: &define.text, expression };
            self.defines.push(defined);
        }
        for define in defines {
            self.check_define(define);
        }
        self
    }

    fn parse(&self, text: &'a PlacedText) -> Option<Expression> {
        self.text.replace(text);
        match crate::syntax::parse(&text.text) {
            Ok(expression) => Some(expression),
            Err(faults) => {
                for fault in faults {
                    let fault = self.name_chinese(&text.text, fault);
                    let kind = match fault.kind {
                        SyntaxFaultKind::Syntax => RuleFault::Syntax,
                        SyntaxFaultKind::Length => RuleFault::TooLong,
                        SyntaxFaultKind::Nesting => RuleFault::TooDeep,
                        SyntaxFaultKind::Tokens => RuleFault::TooMany,
                    };
                    let added = self.faults.add(kind, text.place(fault.range), fault.message);
                    if let Some(help) = fault.help {
                        added.help(help.zh, help.en);
                    }
                }
                None
            }
        }
    }

    /// Resolves a condition.
    pub(crate) fn condition(&self, text: &'a PlacedText) -> Option<Node> {
        let expression = self.parse(text)?;
        self.begin();
        self.boolean(&expression)
    }

    /// Name of the judged records' ledger.
    pub(crate) fn ledger_name(&self) -> &str {
        &self.ledger.name
    }

    /// Resolves what a message shows: any value, or the name of a record.
    pub(crate) fn shown_value(&self, text: &PlacedText) -> Option<Node> {
        // The text need not live as long as the rule: a resolver of its own looks at it.
        let defines = self.defines.iter().map(|defined| Defined {
            name: defined.name,
            text: defined.text,
            expression: defined.expression.clone(),
        });
        let resolver = Resolver {
            codebook: self.codebook,
            faults: self.faults,
            ledger: self.ledger,
            defines: defines.collect(),
            text: RefCell::new(text),
            scopes: RefCell::new(vec![Scope {
                name: SELF.to_owned(),
                ledger: self.ledger.name.clone(),
            }]),
            visible_from: Cell::new(0),
            open: RefCell::default(),
            nodes: Cell::new(0),
            depth: Cell::new(0),
            period: self.period,
        };
        let expression = resolver.parse(text)?;
        resolver.any_value(&expression)
    }

    fn any_value(&self, expression: &Expression) -> Option<Node> {
        match self.meaning(expression)? {
            Meaning::Row { row, ledger, span } => self.title_of(&row, &ledger, span, expression),
            Meaning::Value(node) => Some(node),
            Meaning::Rows(rows) => self.not_value(&rows, expression),
        }
    }

    fn begin(&self) {
        self.nodes.set(0);
        self.depth.set(0);
        self.scopes.borrow_mut().truncate(1);
        self.visible_from.set(0);
    }

    fn fault(&self, kind: RuleFault, range: &Range<usize>, zh: String, en: String) -> Added<'_> {
        let place = self.text.borrow().place(range.clone());
        self.faults.add(kind, place, Message::new(zh, en))
    }

    /// What an expression stands for; `None` after a fault, which has been told.
    fn meaning(&self, expression: &Expression) -> Option<Meaning> {
        let nodes = self.nodes.get() + 1;
        let depth = self.depth.get() + 1;
        self.nodes.set(nodes);
        if nodes > NODES_MAX || depth > DEPTH_MAX {
            // Told once, at the first part over the limit.
            if nodes == NODES_MAX + 1 || depth == DEPTH_MAX + 1 {
                let kind = if depth > DEPTH_MAX { RuleFault::TooDeep } else { RuleFault::TooMany };
                self.fault(
                    kind,
                    &expression.span,
                    "表达式展开后太大".to_owned(),
                    "the expression is too large with all that is defined".to_owned(),
                )
                .help("拆成几条规则", "split the rule");
                self.nodes.set(NODES_MAX + 2);
            }
            return None;
        }
        self.depth.set(depth);
        let meaning = self.meaning_within_limits(expression);
        self.depth.set(depth - 1);
        meaning
    }

    fn meaning_within_limits(&self, expression: &Expression) -> Option<Meaning> {
        let span = span_of(&expression.span);
        match &expression.kind {
            ExpressionKind::Literal(constant) => {
                self.constant(constant, expression).map(Meaning::Value)
            }
            ExpressionKind::Name(name) => self.name(name, expression),
            ExpressionKind::Select { operand, field } => self.select(operand, field, expression),
            ExpressionKind::Call { target, name, args } => {
                let args: Vec<&Expression> =
                    target.iter().map(AsRef::as_ref).chain(args.iter()).collect();
                if target.is_none() && is_operator(name) {
                    self.operator(name, &args, expression)
                } else {
                    self.call(name, &args, expression)
                }
            }
            ExpressionKind::List(_) => self.unsupported(
                expression,
                "列表只能写在 `in` 右边或函数要列表的地方",
                "a list goes to the right of `in` or where a function wants one",
            ),
            ExpressionKind::Map(_) | ExpressionKind::Message { .. } => self.unsupported(
                expression,
                "规则里没有映射和消息",
                "rules have no maps and messages",
            ),
        }
        .map(|meaning| meaning.at(span))
    }

    fn unsupported(&self, expression: &Expression, zh: &str, en: &str) -> Option<Meaning> {
        let added =
            self.fault(RuleFault::Unsupported, &expression.focus, zh.to_owned(), en.to_owned());
        if matches!(expression.kind, ExpressionKind::List(_)) {
            added.help(
                "其中之一写 `值 in ['a', 'b']`；每一行都是写 `rows.all(x, x.field == 'a')`；\
                 多选字段写 `字段.within([…])`、`字段.overlaps([…])`",
                "one of several is `value in ['a', 'b']`; every row, \
                 `rows.all(x, x.field == 'a')`; a list field, `field.within([…])` or \
                 `field.overlaps([…])`",
            );
        }
        None
    }

    /// A literal that stands alone.
    fn constant(&self, constant: &Constant, expression: &Expression) -> Option<Node> {
        let (literal, ty) = match constant {
            Constant::Boolean(truth) => (Literal::Boolean(*truth), Type::Boolean),
            Constant::Integer(number) => (Literal::Integer(*number), Type::Integer),
            Constant::Double(number) if number.is_finite() => {
                (Literal::Decimal(*number), Type::Decimal)
            }
            Constant::Text(text) => (Literal::Text(text.clone()), Type::Text),
            Constant::Null => {
                self.null_fault(expression);
                return None;
            }
            Constant::Unsigned(_) | Constant::Bytes(_) | Constant::Double(_) => {
                self.unsupported(
                    expression,
                    "规则里没有无符号数、字节串和无穷大",
                    "rules have no unsigned numbers, bytes and infinities",
                );
                return None;
            }
        };
        Some(Node { kind: Kind::Literal(literal), ty, span: span_of(&expression.span) })
    }

    fn null_fault(&self, expression: &Expression) {
        self.fault(
            RuleFault::NullComparison,
            &expression.span,
            "规则里没有 `null`：缺失的值与任何值比较都无法判断".to_owned(),
            "there is no `null` in rules: a missing value compared with anything is undecided"
                .to_owned(),
        )
        .help(
            "用 `has(字段)` 判断有值，`!has(字段)` 判断缺失",
            "write `has(field)` for filled and `!has(field)` for missing",
        );
    }

    /// A blank constant, which is a missing value, where it would make everything undecided.
    fn blank_fault(&self, expression: &Expression) {
        self.fault(
            RuleFault::NullComparison,
            &expression.span,
            "空白文字就是缺失：与它比较或相接都无法判断".to_owned(),
            "a blank text is a missing value: whatever meets it is undecided".to_owned(),
        )
        .help(
            "用 `has(字段)`、`!has(字段)` 判断有无；文字相接用 `'-'` 隔开",
            "write `has(field)` or `!has(field)`; join texts with a mark such as `'-'`",
        );
    }

    /// An expression as a value.
    fn value(&self, expression: &Expression) -> Option<Node> {
        match self.meaning(expression)? {
            Meaning::Value(node) => Some(node),
            Meaning::Row { row, ledger, span } => Some(reference_node(&row, &ledger, span)),
            Meaning::Rows(rows) => self.not_value(&rows, expression),
        }
    }

    fn not_value(&self, rows: &Rows, expression: &Expression) -> Option<Node> {
        let name = match &rows.source {
            RowsSource::Relation(name) => name.clone(),
            RowsSource::Same(_) => "same(…)".to_owned(),
        };
        let added = self.fault(
            RuleFault::NotValue,
            &expression.focus,
            format!("`{name}`是多行记录，不是一个值"),
            format!("`{name}` is many rows, not a value"),
        );
        if rows.mapped.is_some() {
            added.help(
                format!("写 `值 in {name}.map(x, …)`，或 `{name}.exists(x, …)`"),
                format!("write `value in {name}.map(x, …)`, or `{name}.exists(x, …)`"),
            );
            return None;
        }
        added.help(
            format!(
                "写 `{name}.exists(x, …)`、`all`、`count`、`sum`、`min`、`max` 或 `size({name})`"
            ),
            format!(
                "write `{name}.exists(x, …)`, `all`, `count`, `sum`, `min`, `max` or `size({name})`"
            ),
        );
        None
    }

    /// An expression as a condition.
    fn boolean(&self, expression: &Expression) -> Option<Node> {
        let node = self.value(expression)?;
        if node.ty == Type::Boolean {
            return Some(node);
        }
        let [zh, en] = type_words(&node.ty);
        self.fault(
            RuleFault::TypeMismatch,
            &expression.span,
            format!("这里要写条件，这里是{zh}"),
            format!("a condition is wanted, found {en}"),
        )
        .help(
            "写成比较，如 `… == …`，或用 `has(…)`",
            "write a comparison such as `… == …`, or `has(…)`",
        );
        None
    }
}

/// Name of the judged record.
pub(crate) const SELF: &str = "self";

impl Meaning {
    fn at(self, span: Span) -> Self {
        match self {
            Self::Value(node) => Self::Value(Node { span, ..node }),
            Self::Row { row, ledger, .. } => Self::Row { row, ledger, span },
            Self::Rows(rows) => Self::Rows(rows),
        }
    }
}

fn span_of(range: &Range<usize>) -> Span {
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { start: byte(range.start), end: byte(range.end) }
}

/// The id of a row as a value: the reference field that leads to it, or its own id.
fn reference_node(row: &RowRef, ledger: &str, span: Span) -> Node {
    let (field, path) = match row.path.split_last() {
        Some((field, path)) => (field.clone(), path.to_vec()),
        None => ("id".to_owned(), Vec::new()),
    };
    let row = RowRef { scope: row.scope, path };
    Node { kind: Kind::Field { row, field }, ty: Type::Reference(ledger.to_owned()), span }
}

/// A type in words: Chinese, English.
pub(crate) fn type_words(ty: &Type) -> [String; 2] {
    let [zh, en] = match ty {
        Type::Boolean => ["是或否", "yes or no"],
        Type::Integer => ["整数", "a whole number"],
        Type::Money => ["金额", "an amount"],
        Type::Decimal => ["小数", "a decimal"],
        Type::Text => ["文字", "a text"],
        Type::Code(Some(list)) => {
            return [format!("码表`{list}`的码"), format!("a code of `{list}`")];
        }
        Type::Code(None) => ["码", "a code"],
        Type::Region => ["区划代码", "a region"],
        Type::Date => ["日期", "a date"],
        Type::Instant => ["时刻", "a moment"],
        Type::Codes(_) => ["多选码", "a list of codes"],
        Type::Texts => ["多项文字", "a list of texts"],
        Type::Reference(ledger) => {
            return [format!("台账`{ledger}`的记录"), format!("a record of `{ledger}`")];
        }
        Type::Key(_) => ["敏感字段", "a sensitive field"],
    };
    [zh.to_owned(), en.to_owned()]
}

/// True for names of operators.
fn is_operator(name: &str) -> bool {
    let known = [
        operator::AND,
        operator::OR,
        operator::NOT,
        operator::NEGATE,
        operator::CONDITIONAL,
        operator::IN,
        operator::INDEX,
        operator::OPTIONAL_INDEX,
        operator::OPTIONAL_SELECT,
    ];
    known.contains(&name) || (name.starts_with('_') && name.ends_with('_'))
}

//! Text → expression with places. Parsing is done by the crate `cel`; its tree is turned into ours
//! at once, so that nothing else depends on it.

use crate::limits::{LENGTH_MAX, NESTING_MAX, Over, TOKENS_MAX, nesting, over_limit};
use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use std::ops::Range;
use taizhang_diagnostics::Message;

/// An expression as written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expression {
    pub(crate) kind: ExpressionKind,
    /// From its first byte to the last known one; closing brackets may lie outside.
    pub(crate) span: Range<usize>,
    /// The operator or the name of what is called or selected; else the span.
    pub(crate) focus: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ExpressionKind {
    Literal(Constant),
    /// A name; with a dot in front if written so.
    Name(String),
    Select {
        operand: Box<Expression>,
        field: String,
    },
    /// Operators are calls of their CEL names (`_&&_`), without target.
    Call {
        target: Option<Box<Expression>>,
        name: String,
        args: Vec<Expression>,
    },
    /// Items, each with whether it is written with `?`.
    List(Vec<(Expression, bool)>),
    /// Keys and values, each with whether it is written with `?`.
    Map(Vec<(Expression, Expression, bool)>),
    /// A message of the named type.
    Message {
        name: String,
        fields: Vec<(String, Expression, bool)>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Constant {
    Null,
    Boolean(bool),
    Integer(i64),
    Unsigned(u64),
    Double(f64),
    Text(String),
    Bytes(Vec<u8>),
}

/// Why a text cannot be read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SyntaxFault {
    pub(crate) kind: SyntaxFaultKind,
    pub(crate) range: Range<usize>,
    pub(crate) message: Message,
    pub(crate) help: Option<Message>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SyntaxFaultKind {
    Syntax,
    Length,
    Nesting,
    Tokens,
}

/// Reads an expression of a rule.
///
/// # Errors
/// Every place where it cannot be read; an expression over a limit is not tried.
pub(crate) fn parse(text: &str) -> Result<Expression, Vec<SyntaxFault>> {
    if let Some(over) = over_limit(text) {
        return Err(vec![limit_fault(over, text)]);
    }
    parse_on_own_stack(text, false)
}

/// Reads an expression with all that CEL's standard allows, for the conformance cases.
pub(crate) fn parse_dynamic(text: &str) -> Result<Expression, Vec<SyntaxFault>> {
    if let Some(over @ Over::Length) = over_limit(text) {
        return Err(vec![limit_fault(over, text)]);
    }
    parse_on_own_stack(text, true)
}

/// Stack for the parser in bytes: it takes about 100 KiB for each level of brackets, more than a
/// thread of a server has. Only what is used becomes memory.
const STACK_BYTES: usize = 64 << 20;

/// Shorter texts with less nesting are parsed where they are asked for.
const SMALL_LENGTH: usize = 400;
const SMALL_NESTING: usize = 4;

fn parse_on_own_stack(text: &str, is_dynamic: bool) -> Result<Expression, Vec<SyntaxFault>> {
    let parse = || {
        let parser = cel::Env::default().parser();
        let parser =
            parser.enable_optional_syntax(is_dynamic).enable_ident_escape_syntax(is_dynamic);
        parse_with(parser, text)
    };
    if text.len() <= SMALL_LENGTH && nesting(text) <= SMALL_NESTING {
        return parse();
    }
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(STACK_BYTES);
        let joined =
            builder.spawn_scoped(scope, parse).ok().and_then(|parsing| parsing.join().ok());
        joined.unwrap_or_else(|| {
            let message = Message::new("表达式读不懂", "the expression cannot be read");
            let range = 0..text.len();
            Err(vec![SyntaxFault { kind: SyntaxFaultKind::Syntax, range, message, help: None }])
        })
    })
}

fn parse_with(parser: cel::parser::Parser, text: &str) -> Result<Expression, Vec<SyntaxFault>> {
    match parser.parse_with_source_info(text) {
        Ok((tree, info)) => Ok(Converter { text, info: &info }.expression(&tree)),
        Err(errors) => {
            // Behind a character that nobody knows, the rest makes no sense to the parser either.
            let unknown: Vec<&cel::parser::ParseError> =
                errors.errors.iter().filter(|error| unknown_character(error).is_some()).collect();
            let told = if unknown.is_empty() { errors.errors.iter().collect() } else { unknown };
            let faults = told.into_iter().map(|error| syntax_fault(text, error));
            Err(first_of_each_place(faults.collect()))
        }
    }
}

/// The parser says the same again for what follows a fault; the first word counts.
fn first_of_each_place(faults: Vec<SyntaxFault>) -> Vec<SyntaxFault> {
    let mut kept: Vec<SyntaxFault> = Vec::new();
    for fault in faults {
        let is_echo = kept.last().is_some_and(|last| fault.range.start <= last.range.end);
        match kept.last_mut().filter(|_| is_echo) {
            Some(last) => last.range.end = last.range.end.max(fault.range.end),
            None => kept.push(fault),
        }
    }
    kept
}

fn limit_fault(over: Over, text: &str) -> SyntaxFault {
    let (kind, start, message) = match over {
        Over::Length => (
            SyntaxFaultKind::Length,
            0,
            Message::new(
                format!("表达式超过 {LENGTH_MAX} 字节"),
                format!("expression over {LENGTH_MAX} bytes"),
            ),
        ),
        Over::Nesting(at) => (
            SyntaxFaultKind::Nesting,
            at,
            Message::new(
                format!("括号嵌套超过 {NESTING_MAX} 层"),
                format!("brackets nested over {NESTING_MAX} deep"),
            ),
        ),
        Over::Tokens(at) => (
            SyntaxFaultKind::Tokens,
            at,
            Message::new(
                format!("名称、数和运算符超过 {TOKENS_MAX} 个"),
                format!("over {TOKENS_MAX} names, numbers and operators"),
            ),
        ),
    };
    let help = Message::new(
        "拆成几条规则，或把共用部分写进 [define]",
        "split the rule, or name common parts in [define]",
    );
    SyntaxFault { kind, range: start..(start + 1).min(text.len()), message, help: Some(help) }
}

fn syntax_fault(text: &str, error: &cel::parser::ParseError) -> SyntaxFault {
    let start = byte_at(text, error.pos);
    let rest = text.get(start..).unwrap_or("");
    let word = first_word(rest);
    let (message, help) = if let Some(found) = unknown_character(error) {
        if found.starts_with(['\'', '"']) {
            (
                Message::new("引号没有合上", "a quote is not closed"),
                Some(Message::new("用同样的英文引号结束", "end it with the same plain quote")),
            )
        } else {
            (
                Message::new(format!("不认识`{found}`"), format!("unexpected `{found}`")),
                Some(unit_help(text, start, found).unwrap_or_else(|| character_help(found))),
            )
        }
    } else if word.is_empty() {
        (Message::new("表达式没有写完", "the expression ends too early"), missing_help(&error.msg))
    } else {
        (
            Message::new(format!("`{word}`不该在这里"), format!("`{word}` cannot stand here")),
            missing_help(&error.msg).or_else(|| word_help(text, start, word)),
        )
    };
    let range = start..start + word.len().max(usize::from(!rest.is_empty()));
    SyntaxFault { kind: SyntaxFaultKind::Syntax, range, message, help }
}

/// What the parser cannot make a word of.
fn unknown_character(error: &cel::parser::ParseError) -> Option<&str> {
    let quoted = error.msg.split("token recognition error at: '").nth(1)?;
    Some(quoted.strip_suffix('\'').unwrap_or(quoted).trim())
}

/// What the parser says is missing, if it says one thing.
fn missing_help(message: &str) -> Option<Message> {
    let wanted = message.split("missing '").nth(1).and_then(|rest| rest.split('\'').next())?;
    Some(Message::new(format!("缺少`{wanted}`"), format!("`{wanted}` is missing")))
}

/// Words of other languages before or at the place where the parser stopped.
fn word_help(text: &str, start: usize, word: &str) -> Option<Message> {
    let before = text.get(..start)?.trim_end();
    let last = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    let plain = match (last.to_ascii_lowercase().as_str(), word.to_ascii_lowercase().as_str()) {
        _ if word == ">" && before.ends_with('<') => "!=",
        _ if word == "." && before.ends_with('.') => "between(a, low, high)",
        _ if word == "," && is_round_list(before) => "in ['a', 'b']",
        ("select", _) => "count(rows, x, condition)`、`rows.exists(x, condition)",
        (_, "if" | "case" | "when" | "then" | "else") => "condition ? a : b",
        (_, "for") => "rows.exists(x, condition)`、`rows.filter(x, condition)",
        ("not", _) => "!",
        (_, "and") => "&&",
        (_, "or") => "||",
        (_, "is") => "has(…)`、`!has(…)",
        (_, "not") => "!(a in […])",
        (_, "like") => "a.matches('…')",
        (_, "between") => "between(a, low, high)",
        _ => return None,
    };
    let en = plain.replace('、', " or ");
    Some(Message::new(format!("写成`{plain}`"), format!("write `{en}`")))
}

/// True behind `in (…`, which is SQL's list.
fn is_round_list(before: &str) -> bool {
    let Some((head, _)) = before.rsplit_once('(') else { return false };
    head.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next() == Some("in")
}

/// A unit of measure written behind a number.
fn unit_help(text: &str, start: usize, found: &str) -> Option<Message> {
    let before = text.get(..start)?;
    let kept = before.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = before.get(kept.len()..).filter(|number| !number.is_empty())?;
    match found.chars().next()? {
        '元' => {
            Some(Message::new(format!("写 `yuan({number})`"), format!("write `yuan({number})`")))
        }
        '万' => Some(Message::new(
            format!("写全数字，金额写 `yuan({number}0000)`"),
            format!("write the number in full; an amount as `yuan({number}0000)`"),
        )),
        '岁' | '周' | '天' | '日' | '月' | '个' | '年' | '人' | '户' | '次' | '亩' | '米' => {
            Some(Message::new(
                format!("数后面不写单位：`{number}`；单位由函数和字段定"),
                format!("a number has no unit: `{number}`; functions and fields have theirs"),
            ))
        }
        _ => None,
    }
}

fn character_help(found: &str) -> Message {
    if found.starts_with("=>") {
        let form = "rows.filter(x, condition)";
        return Message::new(format!("写成`{form}`"), format!("write `{form}`"));
    }
    let folded = taizhang_values::fold_width(found);
    let plain = match found.chars().next() {
        Some('“' | '”') => "\"",
        Some('‘' | '’') => "'",
        Some('。') => ".",
        Some('、') => ",",
        Some('≤') => "<=",
        Some('≥') => ">=",
        Some('≠') => "!=",
        Some('×') => "*",
        Some('÷') => "/",
        Some('=') => "==",
        Some('&') => "&&",
        Some('|') => "||",
        _ if folded != found => folded.as_str(),
        _ => {
            return Message::new(
                "名称用英文标识，中文写在引号里",
                "names are identifiers of the codebook; Chinese goes into quotes",
            );
        }
    };
    Message::new(format!("写成`{plain}`"), format!("write `{plain}`"))
}

fn first_word(rest: &str) -> &str {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    match (length, rest.chars().next()) {
        (0, Some(character)) => rest.get(..character.len_utf8()).unwrap_or(""),
        _ => rest.get(..length).unwrap_or(""),
    }
}

/// Byte of a line and a column, both from 1 and in characters.
fn byte_at(text: &str, (line, column): (isize, isize)) -> usize {
    let line = usize::try_from(line).unwrap_or(1).max(1);
    let column = usize::try_from(column).unwrap_or(1).max(1);
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = text.get(start..).unwrap_or("");
    let within = rest.char_indices().nth(column - 1).map_or(rest.len(), |(at, _)| at);
    start + within
}

struct Converter<'a> {
    text: &'a str,
    info: &'a SourceInfo,
}

impl Converter<'_> {
    fn expression(&self, tree: &IdedExpr) -> Expression {
        let token = self.token(tree.id);
        let (kind, parts, focus) = match &tree.expr {
            Expr::Literal(literal) => {
                (ExpressionKind::Literal(constant(literal)), None, token.clone())
            }
            Expr::Ident(name) => (ExpressionKind::Name(name.clone()), None, token.clone()),
            Expr::Select(select) => {
                let operand = Box::new(self.expression(&select.operand));
                let start = operand.span.start;
                let focus = self.word_after(token.end);
                let span = start..focus.end;
                let field = select.field.clone();
                (ExpressionKind::Select { operand, field }, Some(span), focus)
            }
            Expr::Call(call) => self.call(call, &token),
            Expr::List(list) => {
                let is_optional = |at: usize| list.optional_indices.contains(&at);
                let items: Vec<_> = list
                    .elements
                    .iter()
                    .enumerate()
                    .map(|(at, item)| (self.expression(item), is_optional(at)))
                    .collect();
                let span = cover(items.iter().map(|(item, _)| &item.span), &token);
                (ExpressionKind::List(items), Some(span), token.clone())
            }
            Expr::Map(map) => (self.map(&map.entries), None, token.clone()),
            Expr::Struct(message) => (self.message(message), None, token.clone()),
            Expr::Comprehension(_) | Expr::Unspecified => {
                (ExpressionKind::Literal(Constant::Null), None, token.clone())
            }
        };
        Expression { kind, span: parts.unwrap_or(token), focus }
    }

    fn call(
        &self,
        call: &cel::common::ast::CallExpr,
        token: &Range<usize>,
    ) -> (ExpressionKind, Option<Range<usize>>, Range<usize>) {
        let target = call.target.as_ref().map(|target| Box::new(self.expression(target)));
        let args: Vec<Expression> = call.args.iter().map(|arg| self.expression(arg)).collect();
        let is_operator = !call.func_name.starts_with(|c: char| c.is_ascii_alphabetic())
            && !call.func_name.starts_with('_')
            || call.func_name.starts_with("_") && call.func_name.ends_with(['_', ']']);
        let focus = if is_operator {
            token.clone()
        } else {
            self.name_before(&call.func_name, token.start)
        };
        let inner = cover(
            target.iter().map(|target| &target.span).chain(args.iter().map(|arg| &arg.span)),
            &focus,
        );
        let kind = ExpressionKind::Call { target, name: call.func_name.clone(), args };
        (kind, Some(inner), focus)
    }

    fn map(&self, entries: &[cel::common::ast::IdedEntryExpr]) -> ExpressionKind {
        let entry = |entry: &cel::common::ast::IdedEntryExpr| match &entry.expr {
            EntryExpr::MapEntry(entry) => {
                Some((self.expression(&entry.key), self.expression(&entry.value), entry.optional))
            }
            EntryExpr::StructField(_) => None,
        };
        ExpressionKind::Map(entries.iter().filter_map(entry).collect())
    }

    fn message(&self, message: &cel::common::ast::StructExpr) -> ExpressionKind {
        let field = |entry: &cel::common::ast::IdedEntryExpr| match &entry.expr {
            EntryExpr::StructField(field) => {
                Some((field.field.clone(), self.expression(&field.value), field.optional))
            }
            EntryExpr::MapEntry(_) => None,
        };
        let fields = message.entries.iter().filter_map(field).collect();
        ExpressionKind::Message { name: message.type_name.clone(), fields }
    }

    /// Bytes of the token of a node. The parser gives the first byte of its first and of its last
    /// character.
    fn token(&self, id: u64) -> Range<usize> {
        let Some((start, last)) = self.info.offset_for(id) else {
            return 0..0;
        };
        let (start, last) = (start as usize, last as usize);
        let mut end = (last + 1).max(start).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        start.min(end)..end
    }

    /// The name written before an opening bracket.
    fn name_before(&self, name: &str, bracket: usize) -> Range<usize> {
        let before = self.text.get(..bracket).unwrap_or("").trim_end();
        match before.strip_suffix(name) {
            Some(rest) => rest.len()..before.len(),
            None => bracket..(bracket + 1).min(self.text.len()),
        }
    }

    /// The name written after a dot.
    fn word_after(&self, dot_end: usize) -> Range<usize> {
        let rest = self.text.get(dot_end..).unwrap_or("");
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n', '?']).len();
        let start = dot_end + blanks;
        start..start + first_word(rest.get(blanks..).unwrap_or("")).len()
    }
}

/// The stretch that holds all of the spans.
fn cover<'a>(spans: impl Iterator<Item = &'a Range<usize>>, token: &Range<usize>) -> Range<usize> {
    spans.fold(token.clone(), |all, span| all.start.min(span.start)..all.end.max(span.end))
}

fn constant(literal: &LiteralValue) -> Constant {
    match literal {
        LiteralValue::Null => Constant::Null,
        LiteralValue::Boolean(truth) => Constant::Boolean(*truth.inner()),
        LiteralValue::Int(number) => Constant::Integer(*number.inner()),
        LiteralValue::UInt(number) => Constant::Unsigned(*number.inner()),
        LiteralValue::Double(number) => Constant::Double(*number.inner()),
        LiteralValue::String(text) => Constant::Text(text.inner().to_owned()),
        LiteralValue::Bytes(bytes) => Constant::Bytes(bytes.inner().to_vec()),
    }
}

/// Names of CEL's operators as calls, for the resolver.
pub(crate) mod operator {
    use super::operators;

    pub(crate) const AND: &str = operators::LOGICAL_AND;
    pub(crate) const OR: &str = operators::LOGICAL_OR;
    pub(crate) const NOT: &str = operators::LOGICAL_NOT;
    pub(crate) const NEGATE: &str = operators::NEGATE;
    pub(crate) const CONDITIONAL: &str = operators::CONDITIONAL;
    pub(crate) const IN: &str = operators::IN;
    pub(crate) const INDEX: &str = operators::INDEX;
    pub(crate) const OPTIONAL_INDEX: &str = operators::OPT_INDEX;
    pub(crate) const OPTIONAL_SELECT: &str = operators::OPT_SELECT;
}

//! Constants that must be known: codes, states, regions, dates, patterns.

use super::names::FLOW_LIST;
use super::{Resolver, span_of};
use crate::faults::RuleFault;
use crate::ir::{Kind, Literal, Node, Span, Type};
use crate::syntax::{Constant, Expression, ExpressionKind};
use std::ops::Range;
use taizhang_codebook::Code;
use taizhang_values::{Date, RegionCode};

impl Resolver<'_> {
    /// A fault unless the code stands in the list.
    pub(super) fn check_code(&self, code: &str, list: Option<&str>, span: Span) -> Option<()> {
        let Some(list) = list else {
            return Some(());
        };
        let known: Vec<&str> = match list.strip_prefix(FLOW_LIST) {
            Some(flow) => {
                let flow = self.codebook.flows.get(flow)?;
                flow.states.iter().map(|state| state.name.as_str()).collect()
            }
            None => {
                let list = self.codebook.code_lists.get(list)?;
                list.codes.iter().map(|code| code.code.as_str()).collect()
            }
        };
        // A list without codes takes what comes (codes of the national system not yet known).
        if known.is_empty() || known.contains(&code) {
            return Some(());
        }
        let added = self.fault(
            RuleFault::UnknownCode,
            &range_of(span),
            format!("码表`{list}`里没有`{code}`"),
            format!("no code `{code}` in list `{list}`"),
        );
        match self.code_of_label(list, code) {
            Some(known) => added.help(
                format!("`{code}`的码是`{known}`"),
                format!("the code of `{code}` is `{known}`"),
            ),
            None => added.nearest(code, known),
        }
        None
    }

    /// The code whose label is what was written, or the code in other letters.
    fn code_of_label(&self, list: &str, label: &str) -> Option<String> {
        let list = self.codebook.code_lists.get(list)?;
        let is_it = |code: &&Code| {
            code.label.zh == label
                || code.label.en.eq_ignore_ascii_case(label)
                || code.code.eq_ignore_ascii_case(label)
                || code.synonyms.iter().any(|word| word == label)
        };
        Some(list.codes.iter().find(is_it)?.code.clone())
    }

    pub(super) fn check_region(&self, code: &str, span: Span) -> Option<()> {
        if RegionCode::parse(code).is_some() {
            return Some(());
        }
        self.fault(
            RuleFault::BadConstant,
            &range_of(span),
            format!("`{code}`不是区划代码"),
            format!("`{code}` is no region code"),
        )
        .help("2、4、6、9、12 或 14 位数字", "2, 4, 6, 9, 12 or 14 digits");
        None
    }

    /// The text of a constant argument.
    pub(super) fn literal_text(&self, expression: &Expression) -> Option<String> {
        if let ExpressionKind::Literal(Constant::Text(text)) = &expression.kind {
            return Some(text.clone());
        }
        self.fault(
            RuleFault::NotConstant,
            &expression.span,
            "这里要写引号里的文字".to_owned(),
            "a text in quotes is wanted".to_owned(),
        );
        None
    }

    /// Texts of a constant list.
    pub(super) fn literal_texts(
        &self,
        expression: &Expression,
        list: Option<&str>,
    ) -> Option<Vec<String>> {
        let written = self.listed(expression);
        let ExpressionKind::List(items) = &written.kind else {
            self.no_list(expression);
            return None;
        };
        let mut texts = Vec::new();
        for (item, _) in items {
            let text = self.literal_text(item)?;
            if text.trim().is_empty() {
                self.blank_fault(item);
                return None;
            }
            self.check_code(&text, list, span_of(&item.span))?;
            texts.push(text);
        }
        texts.sort();
        texts.dedup();
        Some(texts)
    }

    /// A fault where a list must be written.
    pub(super) fn no_list(&self, expression: &Expression) {
        self.fault(
            RuleFault::NotConstant,
            &expression.span,
            "这里要写列表，如 `['a', 'b']`".to_owned(),
            "a list such as `['a', 'b']` is wanted".to_owned(),
        )
        .help("也可写 [define] 里列表的名称", "or the name of a list that stands under [define]");
    }

    /// A date written as text.
    pub(super) fn date_constant(&self, expression: &Expression) -> Option<Node> {
        let text = self.literal_text(expression)?;
        let date: Option<Date> = text.parse().ok();
        let span = span_of(&expression.span);
        match date {
            Some(date) => {
                let kind = Kind::Literal(Literal::Date(date));
                Some(Node { kind, ty: Type::Date, span })
            }
            None => {
                self.fault(
                    RuleFault::BadConstant,
                    &expression.span,
                    format!("`{text}`不是日期"),
                    format!("`{text}` is no date"),
                )
                .help(wanted(&text, "写成"), wanted(&text, "write"));
                None
            }
        }
    }

    /// A fault unless the pattern can be run in linear time.
    pub(super) fn check_pattern(&self, expression: &Expression) -> Option<String> {
        let pattern = self.literal_text(expression)?;
        match crate::pattern::compile(&pattern) {
            Ok(_) => Some(pattern),
            Err(error) => {
                self.fault(
                    RuleFault::BadConstant,
                    &expression.span,
                    format!("正则表达式不对：{error}"),
                    format!("not a pattern: {error}"),
                );
                None
            }
        }
    }
}

pub(super) fn range_of(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// The form of a date; of a month, its first day.
fn wanted(text: &str, write: &str) -> String {
    let month = format!("{text}-01");
    let day = if month.parse::<Date>().is_ok() { month.as_str() } else { "2020-01-31" };
    format!("{write} `date('{day}')`")
}

//! Checks across definitions: every name used is defined, every flow can be walked, nothing leaks.

mod access;
mod code_list;
mod exchange;
mod flow;
mod indicator;
mod ledger;
mod parameter;
mod rule;
mod template;
mod words;

use crate::faults::{FaultKind, Faults};
use crate::model::{Codebook, Ledger};
use crate::source::At;
use crate::tree::{Data, Table};
use taizhang_diagnostics::Message;

/// Checks a codebook whose definitions have been read from `root`.
pub(crate) fn check(codebook: &Codebook, root: &Table, faults: &Faults) {
    let checker = Checker { codebook, root, faults };
    for ledger in codebook.ledgers.values() {
        ledger::check(&checker, ledger);
    }
    for list in codebook.code_lists.values() {
        code_list::check(&checker, list);
    }
    for flow in codebook.flows.values() {
        flow::check(&checker, flow);
    }
    for role in codebook.roles.values() {
        access::check(&checker, role);
    }
    for parameter in codebook.parameters.values() {
        parameter::check(&checker, parameter);
    }
    for notice in codebook.notices.values() {
        exchange::check_notice(&checker, notice);
    }
    for layout in codebook.import_layouts.values() {
        exchange::check_layout(&checker, layout);
    }
    for indicator in codebook.indicators.values() {
        indicator::check(&checker, indicator);
    }
    for rule in codebook.rules.values() {
        rule::check(&checker, "rules", rule);
    }
    for rule in codebook.trials.values() {
        rule::check(&checker, "trials", rule);
    }
    for template in codebook.report_templates.values() {
        template::check(&checker, template);
    }
}

/// The codebook being checked, the tree that knows the places, and where faults go.
pub(crate) struct Checker<'a> {
    codebook: &'a Codebook,
    root: &'a Table,
    faults: &'a Faults,
}

/// A path of keys in the tree; a position in a list is its number.
type Path<'a> = &'a [&'a str];

impl Checker<'_> {
    /// Place of the value at a path, or of the nearest thing around it that is written.
    fn at(&self, path: Path<'_>) -> At {
        let mut rest = path;
        loop {
            if let Some(found) = self.root.find(rest) {
                let is_table = found.node.table().is_some();
                return match found.key {
                    Some(key) if is_table || rest.len() < path.len() => key.at,
                    _ => found.node.at,
                };
            }
            match rest.split_last() {
                Some((_, shorter)) => rest = shorter,
                None => return At::default(),
            }
        }
    }

    /// Place of a word within the text at a path.
    fn at_word(&self, path: Path<'_>, word: &str) -> At {
        let at = self.at(path);
        match self.root.find(path).map(|found| &found.node.data) {
            Some(Data::Text(text)) => at.of_word(text, word),
            _ => at,
        }
    }

    fn fault(&self, kind: FaultKind, path: Path<'_>, zh: String, en: String) {
        self.faults.add(kind, self.at(path), Message::new(zh, en), None);
    }

    /// A fault about a word within the text at a path.
    fn fault_at_word(&self, kind: FaultKind, path: Path<'_>, word: &str, message: Message) {
        self.faults.add(kind, self.at_word(path, word), message, None);
    }

    fn fault_with_help(&self, kind: FaultKind, path: Path<'_>, message: Message, help: Message) {
        self.faults.add(kind, self.at(path), message, Some(help));
    }

    fn unknown<'b>(
        &self,
        kind: FaultKind,
        path: Path<'_>,
        noun: (&str, &str),
        name: &str,
        known: impl IntoIterator<Item = &'b str>,
    ) {
        self.faults.unknown(kind, self.at_word(path, name), noun, name, known);
    }

    /// The ledger of a name, or a fault.
    fn ledger(&self, name: &str, path: Path<'_>) -> Option<&Ledger> {
        let ledger = self.codebook.ledgers.get(name);
        if ledger.is_none() && !name.is_empty() {
            let known = self.codebook.ledgers.keys().map(String::as_str);
            self.unknown(FaultKind::UnknownLedger, path, ("台账", "ledger"), name, known);
        }
        ledger
    }

    /// A fault for every name that is no role. `path` leads to the list.
    fn roles(&self, names: &[String], path: Path<'_>) {
        for (position, name) in names.iter().enumerate() {
            if !self.codebook.roles.contains_key(name) {
                let known = self.codebook.roles.keys().map(String::as_str);
                let position = position.to_string();
                let path = [path, &[position.as_str()]].concat();
                self.unknown(FaultKind::UnknownRole, &path, ("角色", "role"), name, known);
            }
        }
    }

    /// A fault if the parameter is not known.
    fn parameter(&self, name: &str, path: Path<'_>) {
        if !name.is_empty() && !self.codebook.parameters.contains_key(name) {
            let known = self.codebook.parameters.keys().map(String::as_str);
            self.unknown(FaultKind::UnknownParameter, path, ("参数", "parameter"), name, known);
        }
    }

    /// A fault if the code is not in the list, or if there is no such list.
    fn code(&self, list: &str, code: &str, path: Path<'_>) {
        let Some(codes) = self.codebook.code_lists.get(list) else {
            self.code_list(list, path);
            return;
        };
        if !code.is_empty() && !codes.codes.is_empty() && codes.code(code).is_none() {
            let message = Message::new(
                format!("码表`{list}`里没有`{code}`"),
                format!("no code `{code}` in list `{list}`"),
            );
            let known = codes.codes.iter().map(|code| code.code.as_str());
            let at = self.at_word(path, code);
            self.faults.add_with_nearest(FaultKind::UnknownCode, at, message, code, known);
        }
    }

    /// A fault if the code list is not known.
    fn code_list(&self, name: &str, path: Path<'_>) {
        if !self.codebook.code_lists.contains_key(name) {
            let known = self.codebook.code_lists.keys().map(String::as_str);
            self.unknown(FaultKind::UnknownCodeList, path, ("码表", "code list"), name, known);
        }
    }

    /// A fault for an unknown field of a ledger.
    fn unknown_field<'b>(
        &self,
        ledger: &'b Ledger,
        name: &str,
        path: Path<'_>,
        others: &[&'b str],
    ) {
        let fields = ledger.fields.iter().map(|field| field.name.as_str());
        let message = Message::new(
            format!("台账`{}`没有字段`{name}`", ledger.name),
            format!("no field `{name}` in ledger `{}`", ledger.name),
        );
        let known = fields.chain(others.iter().copied());
        let at = self.at_word(path, name);
        self.faults.add_with_nearest(FaultKind::UnknownField, at, message, name, known);
    }

    fn nothing_inside(&self, path: Path<'_>, zh: &str, en: &str) {
        self.fault(FaultKind::NothingInside, path, format!("没有{zh}"), format!("no {en}"));
    }
}

//! A county's own definitions laid over those of a codebook, key by key.
//!
//! Tables meet key by key; lists of words and of parameter values grow; columns of an import layout
//! meet by field; everything else is replaced. What the product or stored data rely on stays.

use crate::assemble::{HEAD, RULES, TRIALS};
use crate::faults::{FaultKind, Faults};
use crate::rule_file::{BODY, TEXT_EN};
use crate::tree::{Data, Key, Node, Table};
use taizhang_diagnostics::Message;
use taizhang_values::Date;

/// Key that takes a definition out.
const REMOVE: &str = "remove";

/// Lays `over` over `base`.
pub(crate) fn overlay(base: &mut Table, over: Table, faults: &Faults) {
    lay_table(base, over, &mut Vec::new(), faults);
}

/// Completes the editions in trial: what one does not say is as in the edition in force.
pub(crate) fn complete_trials(root: &mut Table, faults: &Faults) {
    let rules = root.get(RULES).and_then(|(_, node)| node.table()).cloned().unwrap_or_default();
    let Some((_, Node { data: Data::Table(trials), .. })) = root.get_mut(TRIALS) else { return };
    for (key, node) in &mut trials.entries {
        let in_force = rules.get(&key.name).and_then(|(_, node)| node.table());
        let (Some(in_force), Some(over)) = (in_force, node.table_mut()) else { continue };
        let over = std::mem::replace(over, in_force.clone());
        if let Some(table) = node.table_mut() {
            lay_table(table, over, &mut vec![RULES.to_owned(), key.name.clone()], faults);
        }
    }
}

fn lay_table(base: &mut Table, over: Table, path: &mut Vec<String>, faults: &Faults) {
    let is_rule = matches!(path.as_slice(), [folder, _] if folder == RULES);
    if is_rule && over.get(BODY).is_some() && over.get(TEXT_EN).is_none() {
        // The English of a text that is replaced would say something else.
        base.entries.retain(|(key, _)| key.name != TEXT_EN);
    }
    for (key, node) in over.entries {
        path.push(key.name.clone());
        if is_removal(&node) {
            remove(base, &key, path, faults);
        } else {
            lay_entry(base, key, node, path, faults);
        }
        path.pop();
    }
}

fn lay_entry(base: &mut Table, key: Key, node: Node, path: &mut Vec<String>, faults: &Faults) {
    let Some((base_key, base_node)) = base.get_mut(&key.name) else {
        base.entries.push((key, node));
        return;
    };
    match (&mut base_node.data, node.data) {
        (Data::Table(base_table), Data::Table(over_table)) => {
            lay_table(base_table, over_table, path, faults);
        }
        (Data::Array(base_items), Data::Array(over_items)) if is_growing(path) => {
            base_items.extend(over_items);
            // A county's value may begin before a later shipped one; words have no date and stay.
            base_items.sort_by_key(first_day);
        }
        (Data::Array(base_items), Data::Array(over_items)) if is_columns(path) => {
            lay_columns(base_items, over_items);
        }
        (base_data, over_data) => {
            if is_kept(path, base_data, &over_data) {
                let name = path.join(".");
                faults.add(
                    FaultKind::BuiltInChanged,
                    node.at,
                    Message::new(
                        format!("内置的`{name}`不能改"),
                        format!("built-in `{name}` cannot be changed"),
                    ),
                    Some(Message::new(
                        "已有数据和程序靠它，请另加一个定义",
                        "stored data and the program rely on it; add a definition of your own",
                    )),
                );
                return;
            }
            *base_data = over_data;
            base_node.at = node.at;
            *base_key = key;
        }
    }
}

/// Lists that an override adds to: values of parameters, synonyms of fields, codes and columns.
fn is_growing(path: &[String]) -> bool {
    match path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["parameters", _, "values"] => true,
        [.., last] => *last == "synonyms",
        [] => false,
    }
}

/// The `since` of a parameter's value.
fn first_day(node: &Node) -> Option<Date> {
    match node.table()?.get("since")?.1.data {
        Data::Date(date) => Some(date),
        _ => None,
    }
}

fn is_columns(path: &[String]) -> bool {
    matches!(path, [folder, _, key] if folder == "import_layouts" && key == "columns")
}

/// A column of a known field grows by synonyms and takes the new head; others are added.
fn lay_columns(base: &mut Vec<Node>, over: Vec<Node>) {
    for column in over {
        let place = |node: &Node| (text_of(node, "ledger"), text_of(node, "field"));
        let wanted = place(&column);
        let known = match wanted.1 {
            Some(_) => base.iter_mut().find(|known| place(known) == wanted),
            None => None,
        };
        let Some(known) = known else {
            base.push(column);
            continue;
        };
        let (Some(known), Data::Table(column)) = (known.table_mut(), column.data) else {
            continue;
        };
        for (key, node) in column.entries {
            match (known.get_mut(&key.name).map(|(_, node)| &mut node.data), node.data) {
                (Some(Data::Array(words)), Data::Array(more)) => words.extend(more),
                (Some(data), new) => *data = new,
                (None, data) => known.entries.push((key, Node { at: node.at, data })),
            }
        }
    }
}

fn text_of(node: &Node, key: &str) -> Option<String> {
    match &node.table()?.get(key)?.1.data {
        Data::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// True for what must stay as it is: names, types, homes, references, protection and duties once
/// asked for.
fn is_kept(path: &[String], base: &Data, over: &Data) -> bool {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let differs = match (base, over) {
        (Data::Text(old), Data::Text(new)) => old != new,
        (Data::Boolean(old), Data::Boolean(new)) => *old && !*new,
        _ => true,
    };
    let is_kept = match path.as_slice() {
        [HEAD, key] => *key == "name",
        [_, _, "name"] => true,
        ["ledgers", _, key] => matches!(*key, "home" | "flow" | "nest" | "snapshot"),
        ["ledgers", _, "fields", _, key] => {
            matches!(*key, "type" | "ledger" | "codes" | "required" | "unique")
                || matches!(*key, "sensitive" | "holds")
        }
        ["ledgers", _, "relations", _, key] => {
            matches!(*key, "many" | "one" | "links" | "by" | "through")
        }
        ["ledgers", _, "relations", _, "on", _] => true,
        ["flows", _, key] => matches!(*key, "ledger" | "initial"),
        ["flows", _, "states", _, "kind"] | ["flows", _, "steps", _, "independent" | "to"] => true,
        ["parameters", _, "unit"] | ["rules", _, "code" | "ledger"] => true,
        _ => false,
    };
    differs && is_kept
}

fn is_removal(node: &Node) -> bool {
    let flag = node.table().and_then(|table| table.get(REMOVE));
    flag.is_some_and(|(_, value)| matches!(value.data, Data::Boolean(true)))
}

fn remove(base: &mut Table, key: &Key, path: &[String], faults: &Faults) {
    let name = path.join(".");
    let Some(position) = base.entries.iter().position(|(known, _)| known.name == key.name) else {
        let message =
            Message::new(format!("没有`{name}`可删"), format!("there is no `{name}` to remove"));
        faults.add(FaultKind::RemovalAstray, key.at, message, None);
        return;
    };
    let is_allowed = base.entries.get(position).is_some_and(|(_, node)| is_removable(path, node));
    if is_allowed {
        base.entries.remove(position);
        return;
    }
    faults.add(
        FaultKind::RemovalRefused,
        key.at,
        Message::new(
            format!("内置的`{name}`不能删除"),
            format!("built-in `{name}` cannot be removed"),
        ),
        Some(Message::new(
            "已有数据和程序靠它；字段和码可用 until = 日期 停用",
            "stored data and the program rely on it; end a field or code by until = a date",
        )),
    );
}

/// True for optional fields and for definitions that nothing stored depends on. Where another
/// definition still names them, the checker says so.
fn is_removable(path: &[String], node: &Node) -> bool {
    let flag = |key: &str| {
        let value = node.table().and_then(|table| table.get(key));
        value.is_some_and(|(_, value)| matches!(value.data, Data::Boolean(true)))
    };
    match path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["ledgers", _, "fields", _] => !["required", "unique", "indexed"].into_iter().any(flag),
        [folder, _] => matches!(
            *folder,
            "roles" | "notices" | "import_layouts" | "indicators" | "report_templates" | "rules"
        ),
        ["roles", _, "grants", _] => true,
        _ => false,
    }
}

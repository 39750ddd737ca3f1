//! Tree → typed definitions. One file a concept, as in the model.

mod access;
mod calendar;
mod cited;
mod code_list;
mod exchange;
mod flow;
mod ledger;
mod parameter;
mod report;
mod rule;

pub(crate) use flow::state_kind_words;
pub use flow::{state_kind, state_kind_word};
pub(crate) use ledger::{is_field_type, is_region_level, region_level_words};

use crate::assemble::{HEAD, RULES, TRIALS};
use crate::faults::{FaultKind, Faults};
use crate::model::Codebook;
use crate::section::{Section, named_sections};
use crate::source::{At, Sources};
use crate::tree::Table;
use std::collections::BTreeMap;
use taizhang_diagnostics::Message;

/// Reads the whole tree. Broken definitions come out with defaults; their faults are recorded.
pub(crate) fn read(root: &Table, sources: &Sources, faults: &Faults) -> Codebook {
    let mut codebook = Codebook {
        ledgers: read_folder(root, faults, "ledgers", ledger::ledger),
        code_lists: read_folder(root, faults, "code_lists", code_list::code_list),
        flows: read_folder(root, faults, "flows", flow::flow),
        roles: read_folder(root, faults, "roles", access::role),
        parameters: read_folder(root, faults, "parameters", parameter::parameter),
        calendar: read_folder(root, faults, "calendar", calendar::year)
            .into_values()
            .flatten()
            .collect(),
        notices: read_folder(root, faults, "notices", exchange::notice),
        import_layouts: read_folder(root, faults, "import_layouts", exchange::import_layout),
        indicators: read_folder(root, faults, "indicators", report::indicator),
        report_templates: read_folder(root, faults, "report_templates", report::template),
        sources: read_folder(root, faults, "sources", cited::source),
        rules: read_folder(root, faults, RULES, |stem, section| rule::rule(stem, section, sources)),
        trials: read_folder(root, faults, TRIALS, |stem, section| {
            rule::rule(stem, section, sources)
        }),
        ..Codebook::default()
    };
    codebook.calendar.sort_by_key(|day| day.date);
    head(root, faults, &mut codebook);
    codebook
}

fn head(root: &Table, faults: &Faults, codebook: &mut Codebook) {
    let Some((key, node)) = root.get(HEAD) else {
        let message = Message::new("缺少 codebook.toml", "no codebook.toml");
        let help = Message::new(
            "写一个 codebook.toml，含 name、label、edition",
            "write a codebook.toml with name, label and edition",
        );
        faults.add(FaultKind::NoHeadFile, At::NOWHERE, message, Some(help));
        return;
    };
    let Some(table) = node.table() else {
        return;
    };
    let section = Section::new(faults, table, key.at);
    codebook.name = section.required_text("name");
    codebook.label = section.message("label");
    codebook.edition = section.required_text("edition");
    section.finish();
}

fn read_folder<T>(
    root: &Table,
    faults: &Faults,
    folder: &str,
    read: impl Fn(&str, &Section<'_>) -> T,
) -> BTreeMap<String, T> {
    let Some(table) = root.get(folder).and_then(|(_, node)| node.table()) else {
        return BTreeMap::new();
    };
    let mut definitions = BTreeMap::new();
    for (name, section) in named_sections(faults, table) {
        definitions.insert(name.to_owned(), read(name, &section));
        section.finish();
    }
    definitions
}

/// Reads the `name` of a definition that is named like its file.
fn own_name(section: &Section<'_>, file_stem: &str) -> String {
    let name = section.required_text("name");
    if !name.is_empty() && name != file_stem {
        name_not_file(section, "name", &name, file_stem);
    }
    crate::names::check_name(section.faults(), file_stem, section.at_key("name"));
    file_stem.to_owned()
}

fn name_not_file(section: &Section<'_>, key: &str, name: &str, file_stem: &str) {
    let message = Message::new(
        format!("`{name}`与文件名`{file_stem}`不同"),
        format!("`{name}` differs from the file's name `{file_stem}`"),
    );
    let help = Message::new(
        format!("改为`{file_stem}`，或给文件改名"),
        format!("write `{file_stem}`, or rename the file"),
    );
    section.faults().add(FaultKind::NameNotFile, section.at_key(key), message, Some(help));
}

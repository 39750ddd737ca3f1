//! A county's own files laid over the shipped codebook.

use crate::support::rendered;
use taizhang_codebook::{Codebook, FieldType};
use taizhang_diagnostics::Language;
use taizhang_values::RegionCode;

fn county(files: &[(&str, &str)]) -> Codebook {
    Codebook::load("rural", files)
        .unwrap_or_else(|faults| panic!("{}", rendered(&faults, Language::En)))
}

#[test]
fn field_is_added_and_others_stay() {
    let shipped = Codebook::embedded("rural").unwrap();
    let text = r#"
        [fields.town_rank]
        type = "integer"
        label = { zh = "乡镇排名", en = "Rank in the county" }

        [fields.title]
        length_max = 300
        synonyms = ["问题简述"]
    "#;
    let own = county(&[("data/codebook/ledgers/finding.toml", text)]);
    let (before, after) = (shipped.ledger("finding").unwrap(), own.ledger("finding").unwrap());
    assert_eq!(after.fields.len(), before.fields.len() + 1);
    assert_eq!(after.fields.last().unwrap().name, "town_rank");
    assert_eq!(after.field("town_rank").unwrap().field_type, FieldType::Integer);
    assert_eq!(after.field("title").unwrap().length_max, Some(300));
    let synonyms = &after.field("title").unwrap().synonyms;
    assert!(synonyms.contains(&"问题简述".to_owned()) && synonyms.contains(&"标题".to_owned()));
    assert_eq!(after.field("title").unwrap().label, before.field("title").unwrap().label);
    assert_eq!(own.flows, shipped.flows);
}

#[test]
fn own_ledger_code_and_role_join_the_shipped_ones() {
    let ledger = r#"
        name = "pond"
        label = { zh = "坑塘", en = "Pond" }
        home = "village"
        purpose = { zh = "坑塘巡查", en = "To look after ponds" }
        title_field = "name"
        [fields.name]
        type = "text"
        label = { zh = "坑塘名称", en = "Name" }
        required = true
        [fields.topic]
        type = "code"
        codes = "finding_topic"
        label = { zh = "业务领域", en = "Topic" }
    "#;
    let codes = "[codes.pond]\nlabel = { zh = \"坑塘治理\", en = \"Ponds\" }\n";
    let grant = "[grants.pond]\nactions = [\"read\"]\nscope = \"region\"\n";
    let own = county(&[
        ("ledgers/pond.toml", ledger),
        ("code_lists/finding_topic.toml", codes),
        ("roles/township_clerk.toml", grant),
    ]);
    assert_eq!(own.code_label("finding_topic", "pond").unwrap().en, "Ponds");
    assert!(own.code_label("finding_topic", "housing").is_some());
    assert!(own.roles["township_clerk"].grants.contains_key("pond"));
    assert!(own.roles["township_clerk"].grants.contains_key("finding"));
    assert!(own.ledger("pond").is_some());
}

#[test]
fn countys_value_holds_in_the_county_from_its_day() {
    let text = r#"
        [look_back_days]
        values = [
            { since = 2026-03-01, region = "990101", value = 60, source = "县整改办通知" },
        ]
    "#;
    let own = county(&[("parameters/rect.toml", text)]);
    let cases = [
        ("2026-02-28", Some("990101102"), 90),
        ("2026-03-01", Some("990101102"), 60),
        ("2026-03-01", Some("990102101"), 90),
        ("2026-03-01", None, 90),
    ];
    for (day, region, expected) in cases {
        let region = region.map(|code| RegionCode::parse(code).unwrap());
        let value = own.parameter("rect.look_back_days", day.parse().unwrap(), region.as_ref());
        assert_eq!(value.unwrap().value, expected, "{day} {region:?}");
    }
}

#[test]
fn import_column_takes_own_head_and_words() {
    let text = r#"
        [[columns]]
        field = "problem"
        head = "反馈的问题"
        synonyms = ["点到的问题"]

        [[columns]]
        field = "subcategory"
        head = "问题小类"
    "#;
    let shipped = Codebook::embedded("rural").unwrap();
    let own = county(&[("import_layouts/rectification_ledger.toml", text)]);
    let layout = &own.import_layouts["rectification_ledger"];
    let before = &shipped.import_layouts["rectification_ledger"];
    assert_eq!(layout.columns.len(), before.columns.len() + 1);
    let column = layout.columns.iter().find(|column| column.field == "problem").unwrap();
    assert_eq!(column.head, "反馈的问题");
    assert!(column.is_required);
    assert!(column.synonyms.contains(&"点到的问题".to_owned()));
    assert!(column.synonyms.contains(&"存在问题".to_owned()));
}

#[test]
fn removing_what_is_still_used_is_told_where_it_is_used() {
    let faults = Codebook::load("rural", &[("roles/township_discipline.toml", "remove = true\n")])
        .unwrap_err();
    let text = rendered(&faults, Language::En);
    assert!(faults.iter().all(|fault| fault.code == "C0301"), "{text}");
    assert!(text.contains("codebook/rural/flows/rectification.toml"), "{text}");

    let own = county(&[("notices/rectification_board.toml", "remove = true\n")]);
    assert!(own.notices.is_empty());
}

#[test]
fn an_edition_in_trial_stands_beside_the_one_in_force() {
    let shipped = Codebook::embedded("rural").unwrap();
    let trial = "+++\ntrial = true\nseverity = \"low\"\n\
                 violates = \"exit_confirmed_on <= exit_applied_on\"\n+++\n";
    let own = county(&[("data/codebook/rules/trial/ARC-003.md", trial)]);
    assert_eq!(own.rules, shipped.rules);
    let (old, new) = (&own.rules["ARC-003"], &own.trials["ARC-003"]);
    assert_eq!(new.violates.text, "exit_confirmed_on <= exit_applied_on");
    assert_eq!((&new.name, &new.ledger, &new.body), (&old.name, &old.ledger, &old.body));
    assert_ne!(new.severity, old.severity);
}

#[test]
fn a_trial_does_not_hide_the_countys_edition_in_force() {
    let in_force = "+++\ndue_days = 9\n+++\n";
    let trial = "+++\nseverity = \"low\"\n+++\n";
    let own = county(&[("rules/ARC-003.md", in_force), ("rules-trial/ARC-003.md", trial)]);
    assert_eq!((own.rules["ARC-003"].due_days, own.trials["ARC-003"].due_days), (Some(9), Some(9)));
}

#[test]
fn a_text_that_a_county_replaces_loses_its_old_english() {
    let shipped = Codebook::embedded("rural").unwrap();
    let of = |codebook: &Codebook| codebook.rules["ARC-003"].text(Language::En);
    assert!(of(&shipped).contains("To mend: look at the originals"));
    let own =
        county(&[("rules/arc/ARC-003.md", "+++\ndue_days = 9\n+++\n# 本县的话\n\n先查原件。\n")]);
    assert!(!of(&own).contains("To mend") && of(&own).contains("先查原件"));
    assert_eq!(own.rules["ARC-003"].title(Language::Zh), "本县的话");
    let head = county(&[("rules/arc/ARC-003.md", "+++\ndue_days = 9\n+++\n")]);
    assert_eq!(of(&head), of(&shipped));
}

#[test]
fn a_countys_own_source_is_told_in_words_and_told_while_no_rule_names_it() {
    let paper = "[W1]\ntitle = { zh = \"坑塘通知\", en = \"Notice on ponds\" }\n\
                 number = \"水发〔2026〕3号\"\nyear = 2026\n\
                 passage = { zh = \"条款\", en = \"article\" }\n";
    let unused = |codebook: &Codebook| -> Vec<String> {
        codebook.unused_sources().iter().map(|source| source.id.clone()).collect()
    };
    let own = county(&[("sources/county.toml", paper)]);
    assert_eq!(unused(&own), ["W1"]);
    let rule = "+++\nsource = \"W1 3, 5; S0; 口头约定\"\n+++\n";
    let own = county(&[("sources/county.toml", paper), ("rules/arc/ARC-003.md", rule)]);
    assert!(unused(&own).is_empty());
    let cited = own.citations(&own.rules["ARC-003"].source);
    let told = |language: Language| -> Vec<String> {
        cited.iter().map(|one| one.text(language)).collect()
    };
    assert_eq!(told(Language::Zh)[0], "坑塘通知（水发〔2026〕3号，2026年）：条款 3、5");
    assert_eq!(told(Language::En)[0], "Notice on ponds (水发〔2026〕3号, 2026): article 3, 5");
    assert_eq!((cited.len(), told(Language::En)[2].as_str()), (3, "口头约定"));
}

//! The shipped codebook.

use taizhang_codebook::Codebook;
use taizhang_diagnostics::{Language, render_all};

#[test]
fn shipped_codebook_has_no_faults() {
    if let Err(faults) = Codebook::embedded("rural") {
        panic!("{}", render_all(&faults, Language::En));
    }
}

/// Ledgers and fields that the rest of the product names in code.
const RELIED_ON: &[(&str, &str)] = &[
    ("region", "code! name! level! parent system! edition! valid_from valid_to successor aliases"),
    ("unit", "name! short_name kind! parent aliases is_active"),
    ("user", "login! name! unit phone is_active language text_size must_change_password"),
    ("grant", "user! role! unit since until"),
    (
        "letter",
        "file_name! file! text_file reading_file format title kind issuer doc_number issued_on \
         received_on source_kind source_level claimed_count count_reason inspection status",
    ),
    (
        "letter_row",
        "letter! position! number category subcategory title! problem! measures lead_units \
         responsible_units responsible_leaders responsible_persons deadline_raw deadline_kind \
         deadline_on situation status result span_start span_end is_included note",
    ),
    (
        "inspection",
        "title! source_kind! source_level! source_body doc_number issued_on received_on! file \
         file_name text_file reading_file claimed_count count_reason lead_unit report_due_on year \
         contact_phone contact_address contact_email",
    ),
    (
        "finding",
        "inspection number! position title! problem! category subcategory topic scope_kind \
         source_kind source_level cause exists_here self_check lead_unit responsible_units \
         responsible_leaders responsible_persons leader person deadline_raw deadline_kind \
         deadline_on original_deadline_on due_on state_since percent result return_count \
         reopened_count parent is_long_term submitted_on upper_consent_on upper_consent_paper \
         closed_on look_back_on span_start span_end source_sentence keywords criterion_rules \
         criterion_region criterion_since criterion_until",
    ),
    ("measure", "text! position inspection origin"),
    ("progress", "finding! on! text! percent by"),
    ("evidence", "file_name! file! size_bytes media_type dated_on description kind is_backdated"),
    ("acceptance", "finding! result! on! sample! sample_size sample_failed is_on_site opinion by"),
    ("look_back", "finding! due_on on result note by"),
    (
        "extension",
        "finding! reason! old_deadline_on new_deadline_on! decision decision_note decided_on \
         decided_by asked_by",
    ),
    ("escalation", "finding! form! days_late due_on is_done paper_number done_on done_by note"),
    ("stage_goal", "finding! goal! due_on! done_on note"),
    ("message", "user! kind finding due_on read_at"),
    ("report", "number! template! inspection title! as_of! body_file binding_file is_public unit"),
    ("import_batch", "file_name layout file rows_total rows_good rows_bad status confirmed_at"),
];

#[test]
fn ledgers_hold_the_fields_that_code_names() {
    let codebook = Codebook::embedded("rural").unwrap();
    let found: Vec<(&str, String)> = RELIED_ON
        .iter()
        .map(|(name, _)| {
            let fields = &codebook.ledger(name).unwrap().fields;
            let name_of = |field: &taizhang_codebook::Field| {
                format!("{}{}", field.name, if field.is_required { "!" } else { "" })
            };
            (*name, fields.iter().map(name_of).collect::<Vec<_>>().join(" "))
        })
        .collect();
    for ((name, expected), (_, found)) in RELIED_ON.iter().zip(&found) {
        assert_eq!(expected, found, "{name}");
    }
    assert!(codebook.ledgers.len() >= RELIED_ON.len());
}

#[test]
fn references_within_a_household_are_told_from_those_that_lead_out_of_it() {
    let codebook = Codebook::embedded("rural").unwrap();
    for (ledger, field, expected) in [
        ("person", "household", true),
        ("schooling", "person", true),
        ("schooling", "school", false),
        ("person", "previous_household", false),
        ("monitoring_case", "previous_case", false),
        ("household", "village_group", false),
        ("household", "predecessor", false),
        ("finding", "unit", false),
        ("person", "name", false),
        ("nothing", "household", false),
    ] {
        let found = codebook.stays_in_tree("household", ledger, field);
        assert_eq!(found, expected, "{ledger}.{field}");
    }
    assert!(!codebook.stays_in_tree("project", "schooling", "person"), "another tree");
    assert_eq!(codebook.tree_of("schooling"), Some("household"));
    assert_eq!(codebook.tree_of("household"), Some("household"));
}

#[test]
fn a_grant_shows_a_field_by_its_name_its_class_or_the_default() {
    let codebook = Codebook::embedded("rural").unwrap();
    let shown = |role: &str, ledger: &str, field: &str| {
        let grant = &codebook.roles[role].grants[ledger];
        grant.access(codebook.field(ledger, field).unwrap())
    };
    use taizhang_codebook::FieldAccess::{Full, Hidden, Masked, Reveal};
    let cases = [
        ("village_committee", "person", "id_number", Masked),
        ("village_committee", "person", "name", Full),
        ("township_clerk", "person", "id_number", Reveal),
        ("county_office", "post_pay", "account_number", Reveal),
        ("county_department", "person", "diseases", Hidden),
        ("township_leader", "complaint", "reporter_name", Hidden),
    ];
    for (role, ledger, field, expected) in cases {
        assert_eq!(shown(role, ledger, field), expected, "{role} {ledger} {field}");
    }
}

#[test]
fn calendar_holds_the_published_days() {
    let codebook = Codebook::embedded("rural").unwrap();
    let day = |text: &str| {
        let date: taizhang_values::Date = text.parse().unwrap();
        codebook.calendar.iter().find(|day| day.date == date).map(|day| day.is_working)
    };
    let cases = [
        ("2024-02-09", None),
        ("2024-02-10", Some(false)),
        ("2024-10-12", Some(true)),
        ("2025-10-08", Some(false)),
        ("2025-09-28", Some(true)),
        ("2026-02-23", Some(false)),
        ("2026-02-24", None),
        ("2026-02-28", Some(true)),
        ("2026-10-07", Some(false)),
        ("2026-10-10", Some(true)),
    ];
    for (date, expected) in cases {
        assert_eq!(day(date), expected, "{date}");
    }
    let off = |year: i16| {
        let days = codebook.calendar.iter().filter(|day| day.date.year() == year);
        days.filter(|day| !day.is_working).count()
    };
    assert_eq!([off(2024), off(2025), off(2026)], [28, 28, 33]);
}

#[test]
fn administrators_read_no_cases_and_nobody_accepts_alone() {
    let codebook = Codebook::embedded("rural").unwrap();
    for name in ["system_admin", "security_admin", "audit_admin"] {
        let role = &codebook.roles[name];
        for ledger in role.grants.keys() {
            let is_administration =
                ["region", "unit", "user", "grant", "message"].contains(&ledger.as_str());
            assert!(is_administration, "{name} may see {ledger}");
        }
    }
    let flow = &codebook.flows["rectification"];
    for step in ["accept", "close", "look_back", "reopen", "return"] {
        assert!(flow.step(step).unwrap().is_independent, "{step}");
    }
}

//! Another field is another codebook and no new code.

use crate::support::{rendered, work_safety};
use taizhang_codebook::{FieldType, read_codebook};
use taizhang_diagnostics::Language;

#[test]
fn codebook_of_another_field_is_read() {
    let (codebook, faults) = read_codebook(&work_safety());
    let codebook = codebook.unwrap_or_else(|| panic!("{}", rendered(&faults, Language::En)));
    assert_eq!(codebook.name, "work_safety");
    assert_eq!(codebook.field("finding", "cost_fen").unwrap().field_type, FieldType::Money);
    let names: Vec<&str> =
        codebook.ledger("finding").unwrap().fields.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["inspection", "title", "grade", "due_on", "cost_fen"]);
    let day = "2025-05-01".parse().unwrap();
    assert_eq!(codebook.parameter("repair.repair_days", day, None).unwrap().value, 10);
}

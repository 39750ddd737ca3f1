//! Rules for names, and the words that mean something to the crate itself.

use crate::faults::{FaultKind, Faults};
use crate::model::SensitiveClass;
use crate::source::At;
use taizhang_diagnostics::Message;

/// Longest name: two of them and a joint still fit a database identifier of 63 bytes.
const NAME_LENGTH_MAX: usize = 30;

/// Columns that the store gives to every table. No field may take their names.
pub const RESERVED_COLUMNS: [&str; 11] = [
    "id",
    "version",
    "region",
    "state",
    "flow_edition",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "deleted_at",
    "deleted_by",
];

/// Columns of the store that filters, notices and tables may name as if they were fields.
pub const BUILT_IN_FIELDS: [&str; 7] =
    ["id", "region", "state", "created_at", "created_by", "updated_at", "updated_by"];

/// Rights that belong to no ledger.
pub const POWERS: [&str; 9] = [
    "users.manage",
    "grants.manage",
    "audit.read",
    "backup.run",
    "codebook.read",
    "report.make",
    "import.run",
    "export.run",
    "calendar.edit",
];

/// Powers of the three administrators, of which no role may hold two.
pub const SEPARATE_POWERS: [&str; 3] = ["users.manage", "grants.manage", "audit.read"];

/// Ledgers that a holder of one of the separate powers may see.
pub(crate) const ADMINISTRATION_LEDGERS: [&str; 5] = ["region", "unit", "user", "grant", "message"];

/// Words of the sensitive classes, as a grant may name them.
pub(crate) const SENSITIVE_WORDS: [&str; 7] = [
    SensitiveClass::Identity.word(),
    SensitiveClass::Phone.word(),
    SensitiveClass::Bank.word(),
    SensitiveClass::Health.word(),
    SensitiveClass::Income.word(),
    SensitiveClass::Name.word(),
    SensitiveClass::Reporter.word(),
];

/// Ledger of the record that a report is about.
pub(crate) const REPORT_LEDGER: &str = "inspection";

/// Ledger of the rows of a report.
pub(crate) const ROW_LEDGER: &str = "finding";

/// Facts of a report that its template may name, beside the fields of its inspection: who signs,
/// the inspection's title, the day of signature, the day counted.
pub const REPORT_PLACEHOLDERS: [&str; 4] = ["issuer", "inspection", "date", "as_of"];

/// Texts about a finding that a passage or table may name beside its fields: the deadline as
/// words, the statement of the problem, measures and evidence as lists, the position in the
/// report, the word for how far it is.
pub const FINDING_PLACEHOLDERS: [&str; 6] =
    ["deadline", "statement", "measures", "evidence", "serial", "status"];

/// Column of an import layout that holds the texts of a finding's measures.
pub const MEASURE_COLUMN: &str = "measure";

/// Words of a field's name that say it holds what must not be kept: the law counts them as the most
/// sensitive, and no use here needs them (domain §7, point 1).
const BANNED_WORDS: [&str; 20] = [
    "ethnicity",
    "ethnic",
    "nationality",
    "religion",
    "religious",
    "faith",
    "belief",
    "fingerprint",
    "fingerprints",
    "biometric",
    "biometrics",
    "iris",
    "retina",
    "voiceprint",
    "faceprint",
    "dna",
    "genome",
    "genetic",
    "race",
    "minzu",
];

/// Parts of a label, or of a head in somebody's workbook, that say the same in Chinese.
pub const BANNED_LABELS: [&str; 13] = [
    "民族",
    "族别",
    "宗教",
    "信仰",
    "教派",
    "指纹",
    "人脸",
    "虹膜",
    "声纹",
    "掌纹",
    "基因",
    "生物识别",
    "步态",
];

/// The banned word in a field's name or label, if there is one.
pub(crate) fn banned_word<'a>(name: &'a str, label: &str) -> Option<&'a str> {
    let in_name = name.split('_').find(|word| BANNED_WORDS.contains(word));
    let in_label = BANNED_LABELS.iter().find(|word| label.contains(**word)).copied();
    in_name.or(in_label)
}

/// True if a name or label says that a field holds an identity number.
pub(crate) fn says_identity(name: &str, label: &str) -> bool {
    let words = ["id_number", "identity_number", "id_card", "certificate_number"];
    let labels = ["身份证", "身份号", "证件号", "残疾证号"];
    words.iter().any(|word| name.contains(word)) || labels.iter().any(|word| label.contains(word))
}

/// Checks a name against `[a-z][a-z0-9_]*`.
pub(crate) fn check_name(faults: &Faults, name: &str, at: At) {
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    let fits = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if starts && fits && name.len() <= NAME_LENGTH_MAX {
        return;
    }
    let message = Message::new(format!("名称`{name}`不合规则"), format!("`{name}` is not a name"));
    let help = Message::new(
        format!("用小写字母开头，只含小写字母、数字和下划线，最长{NAME_LENGTH_MAX}个字符"),
        format!(
            "a small letter, then small letters, digits and underscores; at most \
             {NAME_LENGTH_MAX} characters"
        ),
    );
    faults.add(FaultKind::BadName, at, message, Some(help));
}

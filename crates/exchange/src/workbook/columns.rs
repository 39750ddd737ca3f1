//! Which row is the header and which column is which field.

use super::{MergedArea, Sheet, SheetRow, column_letters};
use std::collections::{BTreeMap, HashMap};
use taizhang_codebook::{BANNED_LABELS, FieldType};
use taizhang_diagnostics::nearest;
use taizhang_values::fold_width;

/// Rows at the top among which the header is looked for.
const HEADER_ROWS: usize = 30;

/// Rows one header may have.
const HEADER_DEPTH: usize = 3;

/// A field that an import fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportField {
    /// Name in the codebook.
    pub name: String,
    /// Heads that mean it, the first one being the head of our own workbooks.
    pub heads: Vec<String>,
    /// Type of its values.
    pub kind: FieldType,
    /// A row without it is refused.
    pub is_required: bool,
    /// Holds identity numbers: digits and check character are verified, nothing is echoed.
    pub is_identity: bool,
    /// Codes with their labels, for code fields.
    pub choices: Vec<(String, String)>,
    /// Names that may stand here (units, regions …); empty means any.
    pub names: Vec<String>,
}

impl ImportField {
    /// A field that takes any value of its type.
    #[must_use]
    pub fn new(name: &str, heads: &[&str], kind: FieldType) -> Self {
        Self {
            name: name.to_owned(),
            heads: heads.iter().map(|head| (*head).to_owned()).collect(),
            kind,
            is_required: false,
            is_identity: false,
            choices: Vec::new(),
            names: Vec::new(),
        }
    }
}

/// How a column was matched, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchKind {
    /// The head is one of the field's heads.
    Exact,
    /// The same but for spaces, width, brackets and marks.
    Normalised,
    /// One holds the other: a suggestion.
    Contains,
    /// Few characters differ: a suggestion.
    Near,
}

const CERTAIN: [MatchKind; 2] = [MatchKind::Exact, MatchKind::Normalised];

const ALL_KINDS: [MatchKind; 4] =
    [MatchKind::Exact, MatchKind::Normalised, MatchKind::Contains, MatchKind::Near];

/// One column of the sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnMatch {
    /// Column from 0.
    pub column: usize,
    /// Letters of the column.
    pub letters: String,
    /// Head as it stands in the sheet.
    pub head: String,
    /// The field it means.
    pub field: Option<String>,
    /// How it was matched; kept when the field was withdrawn because two heads are the same.
    pub kind: Option<MatchKind>,
    /// Must not be taken in: ethnicity, religion, biometrics.
    pub is_forbidden: bool,
}

/// The header of a sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderMatch {
    /// First header row in the sheet's rows, from 0.
    pub first_row: usize,
    /// Number of header rows.
    pub depth: usize,
    /// Columns that have a head.
    pub columns: Vec<ColumnMatch>,
}

impl HeaderMatch {
    /// The column of a field.
    #[must_use]
    pub fn column_of(&self, field: &str) -> Option<&ColumnMatch> {
        self.columns.iter().find(|column| column.field.as_deref() == Some(field))
    }

    fn certain(&self) -> usize {
        let certain =
            |kind: Option<MatchKind>| kind.is_some_and(|kind| kind <= MatchKind::Normalised);
        self.columns.iter().filter(|column| certain(column.kind)).count()
    }

    fn matched(&self) -> usize {
        self.columns.iter().filter(|column| column.kind.is_some()).count()
    }
}

/// Finds the header row or rows of a sheet and matches its columns with the fields; `None` when no
/// row has at least two columns that fit (one when there is one field).
#[must_use]
pub fn match_columns(sheet: &Sheet, fields: &[ImportField]) -> Option<HeaderMatch> {
    let index = HeadIndex::new(fields);
    let mut places: Vec<(usize, usize, usize)> = Vec::new();
    for first_row in 0..sheet.rows.len().min(HEADER_ROWS) {
        for depth in 1..=HEADER_DEPTH {
            let Some(rows) = sheet.rows.get(first_row..first_row + depth) else { break };
            let columns = index.match_heads(&heads(rows, &sheet.merged), &CERTAIN);
            let found = HeaderMatch { first_row, depth, columns };
            places.push((found.certain(), first_row, depth));
        }
    }
    // Sure matches decide first; only where they are most are the unsure ones looked for.
    let most = places.iter().map(|(certain, ..)| *certain).max().unwrap_or(0);
    let mut best: Option<HeaderMatch> = None;
    for (_, first_row, depth) in places.into_iter().filter(|(certain, ..)| *certain == most) {
        let Some(rows) = sheet.rows.get(first_row..first_row + depth) else { continue };
        let columns = index.match_heads(&heads(rows, &sheet.merged), &ALL_KINDS);
        let found = HeaderMatch { first_row, depth, columns };
        if best.as_ref().is_none_or(|best| found.matched() > best.matched()) {
            best = Some(found);
        }
        if most == 0 {
            break;
        }
    }
    best.filter(|header| header.matched() >= fields.len().min(2) && header.certain() >= 1)
}

/// Candidate heads of each column: its lowest label, group and label together, the group alone.
fn heads(rows: &[SheetRow], merged: &[MergedArea]) -> Vec<Vec<String>> {
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let own = |row: &SheetRow, column: usize| -> String {
        let text = row.cells.get(column).map(super::SheetCell::shown).unwrap_or_default();
        text.trim().to_owned()
    };
    // The label of the merged cell that covers this place from further left.
    let group = |row: &SheetRow, column: usize| -> String {
        let at = u32::try_from(column).unwrap_or(u32::MAX);
        let area = merged.iter().find(|area| {
            area.first_row + 1 == row.number && (area.first_column..=area.last_column).contains(&at)
        });
        let start = area.and_then(|area| usize::try_from(area.first_column).ok());
        start.map_or(String::new(), |start| own(row, start))
    };
    (0..width)
        .map(|column| {
            let mut labels: Vec<String> = Vec::new();
            for row in rows.iter().rev() {
                let mut label = own(row, column);
                // A group stands over labels of its own columns; alone it heads its first column.
                if label.is_empty() && !labels.is_empty() {
                    label = group(row, column);
                }
                if !label.is_empty() && labels.first() != Some(&label) {
                    labels.insert(0, label);
                }
            }
            let mut heads: Vec<String> = labels.last().cloned().into_iter().collect();
            if labels.len() > 1 {
                heads.push(labels.concat());
                heads.extend(labels.first().cloned());
            }
            heads
        })
        .collect()
}

/// Heads of all fields, ready to be looked up.
struct HeadIndex<'a> {
    exact: HashMap<&'a str, &'a str>,
    normalised: BTreeMap<String, &'a str>,
}

impl<'a> HeadIndex<'a> {
    fn new(fields: &'a [ImportField]) -> Self {
        let mut index = Self { exact: HashMap::new(), normalised: BTreeMap::new() };
        for field in fields {
            for head in &field.heads {
                index.exact.entry(head).or_insert(&field.name);
                index.normalised.entry(normalised(head)).or_insert(&field.name);
            }
        }
        index
    }

    /// Matches all columns: surer matches take their field first, each field once.
    fn match_heads(&self, heads: &[Vec<String>], kinds: &[MatchKind]) -> Vec<ColumnMatch> {
        let mut columns: Vec<ColumnMatch> = Vec::new();
        for (column, candidates) in heads.iter().enumerate() {
            let Some(head) = candidates.first() else { continue };
            columns.push(ColumnMatch {
                column,
                letters: column_letters(column),
                head: head.clone(),
                field: None,
                kind: None,
                is_forbidden: candidates.iter().any(|head| is_forbidden(head)),
            });
        }
        let mut taken: Vec<String> = Vec::new();
        for &kind in kinds {
            for column in &mut columns {
                if column.field.is_some() || column.is_forbidden {
                    continue;
                }
                let candidates = heads.get(column.column).map_or(&[][..], Vec::as_slice);
                // The group alone tells nothing of a column: under `其他` stands whatever is left.
                let candidates = candidates.get(..candidates.len().min(2)).unwrap_or(candidates);
                let free = |field: &&str| !taken.iter().any(|name| name == field);
                let found = candidates.iter().find_map(|head| self.lookup(head, kind, &free));
                if let Some(field) = found {
                    taken.push(field.to_owned());
                    column.field = Some(field.to_owned());
                    column.kind = Some(kind);
                }
            }
        }
        free_ambiguous(&mut columns);
        columns
    }

    fn lookup(
        &self,
        head: &str,
        kind: MatchKind,
        free: &impl Fn(&&str) -> bool,
    ) -> Option<&'a str> {
        let key = normalised(head);
        if key.is_empty() {
            return None;
        }
        match kind {
            MatchKind::Exact => self.exact.get(head).copied().filter(free),
            MatchKind::Normalised => self.normalised.get(&key).copied().filter(free),
            MatchKind::Contains => {
                let fits = |known: &str| {
                    let shorter = known.chars().count().min(key.chars().count());
                    shorter >= 2 && (known.contains(&key) || key.contains(known))
                };
                let found =
                    self.normalised.iter().filter(|(known, field)| fits(known) && free(field));
                let nearest_length = |known: &str| known.len().abs_diff(key.len());
                found.min_by_key(|(known, _)| nearest_length(known)).map(|(_, field)| *field)
            }
            MatchKind::Near => {
                let known = self.normalised.iter().filter(|(_, field)| free(field));
                let long = key.chars().count() >= 3;
                let near =
                    nearest(&key, known.map(|(known, _)| known.as_str())).filter(|_| long)?;
                self.normalised.get(near).copied()
            }
        }
    }
}

/// Columns with the same head as another mean nothing until the user says which is which.
fn free_ambiguous(columns: &mut [ColumnMatch]) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for column in columns.iter() {
        *counts.entry(column.head.clone()).or_default() += 1;
    }
    for column in columns {
        if counts.get(&column.head).is_some_and(|count| *count > 1) {
            column.field = None;
        }
    }
}

/// A head without spaces, brackets with their content, marks and width.
fn normalised(head: &str) -> String {
    let mut key = String::new();
    let mut depth = 0_usize;
    for character in fold_width(head).chars() {
        match character {
            '(' | '[' | '【' | '〔' => depth += 1,
            ')' | ']' | '】' | '〕' => depth = depth.saturating_sub(1),
            _ if depth > 0 || character.is_whitespace() => {}
            '*' | ':' | '/' | '\\' | '、' | '-' | '_' | '★' | '.' => {}
            _ => key.extend(character.to_lowercase()),
        }
    }
    key
}

/// The banned word that also stands in heads of another meaning: `民族乡`, `民族政策`.
const ETHNICITY: &str = "民族";

/// Heads of data that is never kept: ethnicity, religion, biometrics. What no ledger may have a
/// field for is not taken in either; heads of workbooks have some more words for it.
fn is_forbidden(head: &str) -> bool {
    const WORDS: [&str; 7] =
        ["面部识别", "生物特征", "dna", "ethnic", "religio", "biometric", "fingerprint"];
    let key = normalised(head);
    let banned = BANNED_LABELS.iter().filter(|word| **word != ETHNICITY).chain(&WORDS);
    key.ends_with(ETHNICITY)
        || key.contains("民族成")
        || banned.into_iter().any(|word| key.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_alone_tells_nothing_of_a_column() {
        let fields = [ImportField::new("other_cause", &["其他致贫原因"], FieldType::Text)];
        let found = |label: &str| {
            let heads = [vec![label.to_owned(), format!("其他{label}"), "其他".to_owned()]];
            HeadIndex::new(&fields).match_heads(&heads, &ALL_KINDS).remove(0).field
        };
        assert_eq!(found("是否党员"), None);
        assert_eq!(found("致贫原因").as_deref(), Some("other_cause"), "group and label are");
    }

    #[test]
    fn what_no_ledger_may_hold_is_not_taken_in() {
        for head in BANNED_LABELS.into_iter().chain(["民族成份", "家庭成员民族", " D N A "])
        {
            assert!(is_forbidden(head), "{head}");
        }
        for head in ["民族乡", "民族政策落实情况", "姓名", "家族病史"] {
            assert!(!is_forbidden(head), "{head}");
        }
    }
}

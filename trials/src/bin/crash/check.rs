//! What must be true of the data whenever the program is gone.

use crate::journal::{Attempt, Journal, Kind};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_service::Service;
use taizhang_store::{
    Act, Filter, NewRecord, Query, Reader, Record, RecordId, RegionCode, StoreError, Value, Values,
};
use trials::Outcome;

/// Findings to accept in one round at most.
const POOL_A_ROUND: u64 = 50;
/// Title of the finding that takes evidence.
const EVIDENCE_POOL: &str = "证据池";

/// Makes findings that wait for acceptance and one that takes evidence; gives the former.
pub fn fill(service: &Service, kills: u64) -> Outcome<Vec<RecordId>> {
    let village = service.caller_by_login("village", "trial")?;
    let act = Act {
        actor: None,
        verb: "trial.fill".to_owned(),
        at: service.now(),
        reason: None,
        source: "trial".to_owned(),
    };
    let finding = |number: u64, title: &str, state: &str| {
        let unit = village.unit.clone();
        let values: [(&str, Value); 9] = [
            ("number", format!("POOL-{number:06}").into()),
            ("title", title.into()),
            ("problem", "供水点无人管护".into()),
            ("source_level", "own".into()),
            ("person", (&village.user).into()),
            ("responsible_units", unit.map_or(Value::Null, |u| vec![u.to_string()].into())),
            ("result", "已明确管护员".into()),
            ("deadline_on", service.today().into()),
            ("due_on", service.today().into()),
        ];
        let values: Values =
            values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        NewRecord {
            region: RegionCode::parse("990101100201"),
            state: Some(state.to_owned()),
            flow_edition: Some(1),
            values,
        }
    };
    let ids = service.store().write(&act, |writer| {
        writer.insert("finding", finding(0, EVIDENCE_POOL, "working"))?;
        let pool = 1..=kills * POOL_A_ROUND;
        pool.map(|n| Ok(writer.insert("finding", finding(n, "待验收", "submitted"))?.id))
            .collect::<Result<Vec<RecordId>, StoreError>>()
    })?;
    Ok(ids)
}

/// Lines of the audit chain.
pub fn audit_lines(service: &Service) -> Outcome<u64> {
    Ok(service.store().audit_verify()?.lines)
}

/// Everything in the store that the trial looks at.
struct Seen {
    evidence: BTreeMap<String, Record>,
    evidence_links: BTreeMap<RecordId, Vec<RecordId>>,
    letters: BTreeMap<String, Record>,
    rows_of_letter: BTreeMap<RecordId, usize>,
    findings_of: BTreeMap<RecordId, Vec<Record>>,
    measures_of: BTreeMap<RecordId, usize>,
    batches: Vec<Record>,
    inspections: BTreeMap<RecordId, Record>,
    findings: BTreeMap<RecordId, Record>,
    acceptances: BTreeMap<RecordId, usize>,
}

impl Seen {
    fn read(reader: &Reader<'_>) -> Result<Self, StoreError> {
        let named = |records: Vec<Record>| -> BTreeMap<String, Record> {
            records.into_iter().map(|r| (r.text("file_name").to_owned(), r)).collect()
        };
        let evidence = all(reader, "evidence")?;
        let ids: Vec<RecordId> = evidence.iter().map(|record| record.id.clone()).collect();
        let findings = all(reader, "finding")?;
        let mut findings_of: BTreeMap<RecordId, Vec<Record>> = BTreeMap::new();
        for finding in &findings {
            if let Some(inspection) = finding.reference("inspection") {
                findings_of.entry(inspection.clone()).or_default().push(finding.clone());
            }
        }
        Ok(Self {
            evidence_links: linked(reader, &ids)?,
            evidence: named(evidence),
            letters: named(all(reader, "letter")?),
            rows_of_letter: counted(&all(reader, "letter_row")?, "letter"),
            measures_of: counted(&all(reader, "measure")?, "inspection"),
            batches: all(reader, "import_batch")?,
            inspections: by_id(all(reader, "inspection")?),
            acceptances: counted(&all(reader, "acceptance")?, "finding"),
            findings: by_id(findings),
            findings_of,
        })
    }

    /// Findings whose problem holds a mark.
    fn marked(&self, mark: &str) -> usize {
        let is_one = |finding: &&Record| finding.text("problem").starts_with(&format!("{mark}第"));
        self.findings.values().filter(is_one).count()
    }

    fn is_done(&self, attempt: &Attempt) -> bool {
        match attempt.kind {
            Kind::Evidence => self.evidence.contains_key(&attempt.key),
            Kind::Letter => self.letters.contains_key(&attempt.key),
            Kind::Confirm => self
                .letters
                .get(&attempt.key)
                .is_some_and(|letter| letter.text("status") == "confirmed"),
            Kind::Import => self.marked(&attempt.key) > 0,
            Kind::Accept => self.state_of(&attempt.key) == "checked",
        }
    }

    fn state_of(&self, id: &str) -> &str {
        let finding = RecordId::parse(id).and_then(|id| self.findings.get(&id));
        finding.and_then(|finding| finding.state.as_deref()).unwrap_or_default()
    }
}

fn by_id(records: Vec<Record>) -> BTreeMap<RecordId, Record> {
    records.into_iter().map(|record| (record.id.clone(), record)).collect()
}

fn counted(records: &[Record], field: &str) -> BTreeMap<RecordId, usize> {
    let mut counts = BTreeMap::new();
    for to in records.iter().filter_map(|record| record.reference(field)) {
        *counts.entry(to.clone()).or_default() += 1;
    }
    counts
}

fn linked(
    reader: &Reader<'_>,
    evidence: &[RecordId],
) -> Result<BTreeMap<RecordId, Vec<RecordId>>, StoreError> {
    let mut links = BTreeMap::new();
    for ids in evidence.chunks(500) {
        links.extend(reader.linked_many("evidence", "finding.evidence", ids)?);
    }
    Ok(links)
}

fn all(reader: &Reader<'_>, ledger: &str) -> Result<Vec<Record>, StoreError> {
    let (mut records, mut after) = (Vec::new(), None);
    loop {
        let query = Query::new(ledger).filter(Filter::All).limit(1000).after(after);
        let page = reader.list(&query)?;
        records.extend(page.records);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(records),
        }
    }
}

/// Compares the data with the journal; with `is_deep` also every line of the audit chain and
/// every stored file.
///
/// # Errors
/// The first things that do not fit.
pub fn check(service: &Service, journal: &Journal, is_deep: bool) -> Outcome<()> {
    let seen = service.store().read(Seen::read)?;
    let mut faults: Vec<String> = Vec::new();
    for attempt in journal.attempts().iter().filter(|attempt| attempt.is_acknowledged) {
        if !seen.is_done(attempt) {
            faults.push(format!("lost: {:?} {}", attempt.kind, attempt.key));
        }
        faults.extend(wrong(&seen, attempt));
    }
    faults.extend(half_letters(&seen));
    faults.extend(half_imports(&seen, journal));
    faults.extend(half_acceptances(&seen));
    if is_deep {
        faults.extend(bad_files(service, &seen));
        let audit = service.store().audit_verify()?;
        if !audit.is_sound() {
            faults.push(format!("audit chain: {:?}", audit.faults.first()));
        }
    }
    journal.note_broken(|attempt| seen.is_done(attempt));
    if faults.is_empty() {
        Ok(())
    } else {
        faults.truncate(10);
        Err(faults.join("\n").into())
    }
}

/// An acknowledged act that is there, but not as it was asked for.
fn wrong(seen: &Seen, attempt: &Attempt) -> Option<String> {
    let rows = || attempt.note.parse::<usize>().unwrap_or(0);
    let is_right = match attempt.kind {
        Kind::Evidence => seen.evidence.get(&attempt.key).is_some_and(|evidence| {
            let links = seen.evidence_links.get(&evidence.id).map_or(0, Vec::len);
            evidence.text("file") == attempt.note && links == 1
        }),
        Kind::Letter => seen
            .letters
            .get(&attempt.key)
            .is_some_and(|letter| seen.rows_of_letter.get(&letter.id) == Some(&rows())),
        Kind::Import => seen.marked(&attempt.key) == rows(),
        Kind::Confirm | Kind::Accept => true,
    };
    (!is_right).then(|| format!("wrong: {:?} {} {}", attempt.kind, attempt.key, attempt.note))
}

/// Every letter has all its rows, and is a draft without a ledger or confirmed with the whole.
fn half_letters(seen: &Seen) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, letter) in seen.letters.iter().filter(|(name, _)| name.starts_with("letter-")) {
        let expected =
            name.trim_end_matches(".txt").rsplit('-').next().and_then(|n| n.parse().ok());
        let expected: usize = expected.unwrap_or(0);
        let rows = seen.rows_of_letter.get(&letter.id).copied().unwrap_or(0);
        let inspection = letter.reference("inspection");
        let findings = inspection.and_then(|id| seen.findings_of.get(id)).map_or(0, Vec::len);
        let measures = inspection.and_then(|id| seen.measures_of.get(id)).copied().unwrap_or(0);
        let is_whole = match letter.text("status") {
            "draft" => inspection.is_none(),
            "confirmed" => findings == expected && measures % expected.max(1) == 0,
            _ => false,
        };
        if rows != expected || !is_whole {
            faults.push(format!("half letter {name}: {rows} rows, {findings} findings"));
        }
    }
    let led: BTreeSet<&RecordId> =
        seen.letters.values().filter_map(|letter| letter.reference("inspection")).collect();
    let alone = |inspection: &&Record| {
        inspection.text("title").starts_with("letter-") && !led.contains(&inspection.id)
    };
    faults.extend(seen.inspections.values().filter(alone).map(|i| format!("alone: {}", i.id)));
    faults
}

/// Every workbook is in whole or not at all, and its batch says which.
fn half_imports(seen: &Seen, journal: &Journal) -> Vec<String> {
    let mut faults = Vec::new();
    let mut whole = 0;
    for attempt in journal.attempts().iter().filter(|attempt| attempt.kind == Kind::Import) {
        let found = seen.marked(&attempt.key);
        whole += usize::from(found > 0);
        if found != 0 && found.to_string() != attempt.note {
            faults.push(format!("half import {}: {found} of {}", attempt.key, attempt.note));
        }
    }
    let confirmed = seen.batches.iter().filter(|batch| batch.text("status") == "confirmed").count();
    if confirmed != whole {
        faults.push(format!("{confirmed} batches are confirmed, the rows of {whole} are there"));
    }
    faults
}

/// A finding of the pool is accepted with one acceptance, or waits with none.
fn half_acceptances(seen: &Seen) -> Vec<String> {
    let pool = seen.findings.values().filter(|finding| finding.text("number").starts_with("POOL-"));
    let is_half = |finding: &&Record| {
        let count = seen.acceptances.get(&finding.id).copied().unwrap_or(0);
        match finding.state.as_deref() {
            Some("checked") => count != 1,
            _ => count != 0,
        }
    };
    pool.filter(is_half).map(|finding| format!("half acceptance {}", finding.id)).collect()
}

/// Every file that a record names opens with the bytes of its hash.
fn bad_files(service: &Service, seen: &Seen) -> Vec<String> {
    let letters = seen.letters.values().flat_map(|letter| {
        ["file", "text_file", "reading_file"].map(|field| letter.text(field).to_owned())
    });
    let evidence = seen.evidence.values().map(|evidence| evidence.text("file").to_owned());
    let batches = seen.batches.iter().map(|batch| batch.text("file").to_owned());
    let hashes: BTreeSet<String> =
        letters.chain(evidence).chain(batches).filter(|hash| !hash.is_empty()).collect();
    let files = service.store().files();
    let bad = |hash: &String| files.read_all(hash).err().map(|error| format!("{hash}: {error}"));
    hashes.iter().filter_map(bad).collect()
}

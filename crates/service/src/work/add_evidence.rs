//! Evidence: one file for one or several findings, streamed to disk and durable before its row.

use super::FINDING;
use super::facts::responsible_persons;
use super::faults::Faults;
use super::messages::ancestors;
use crate::{Caller, Service, ServiceError};
use std::io::Read;
use taizhang_codebook::Action;
use taizhang_store::{Filter, NewRecord, Query, Reader, Record, StoredFile, Writer};
use taizhang_values::{Date, RecordId, RegionCode, Value};

/// Largest upload in bytes (reliability §5: upload routes 50 MiB).
pub const EVIDENCE_BYTES_MAX: u64 = 50 * 1024 * 1024;

/// Days before its recording that a document may carry without a mark (reliability P27).
const BACKDATING_DAYS_MAX: i64 = 3;

/// Longest file name kept, in characters (reliability §5).
const FILE_NAME_CHARACTERS_MAX: usize = 120;

/// Most findings that one file is tied to at once.
const FINDINGS_MAX: usize = 200;

/// What is told with a file.
#[derive(Clone, Debug)]
pub struct AddEvidenceInput {
    /// The findings that it proves.
    pub findings: Vec<RecordId>,
    /// Name as uploaded; a path in it is dropped.
    pub file_name: String,
    /// Date on the document.
    pub dated_on: Option<Date>,
    /// What it shows.
    pub description: Option<String>,
    /// Code in the list `evidence_kind`.
    pub kind: Option<String>,
}

/// An evidence record and its bytes.
#[derive(Debug)]
pub struct EvidenceFile {
    /// The record.
    pub record: Record,
    /// Name to save it under.
    pub file_name: String,
    /// Type by content.
    pub media_type: String,
    /// The bytes, checked against their hash.
    pub bytes: Vec<u8>,
}

impl Service {
    /// Stores a file and ties it to its findings. It is on disk before this returns.
    ///
    /// # Errors
    /// `TooLarge` over 50 MiB, `Invalid` (`W0201` no finding, `W0202` no name, `W0203` unknown
    /// kind, `W0204` dated in the future, `W0205` empty file, `W0206` too many findings, `W0208` a
    /// finding that is handed in or ended), `Denied`, `NotFound`.
    pub fn add_evidence(
        &self,
        caller: &Caller,
        input: &AddEvidenceInput,
        content: &mut dyn Read,
    ) -> Result<Record, ServiceError> {
        let files = vec![(input.clone(), content)];
        let mut records = self.add_evidence_files(caller, files)?;
        records.pop().ok_or(ServiceError::NotFound)
    }

    /// Stores several files and ties each to its findings: all of them or none.
    ///
    /// # Errors
    /// As [`Service::add_evidence`].
    pub fn add_evidence_files(
        &self,
        caller: &Caller,
        files: Vec<(AddEvidenceInput, &mut dyn Read)>,
    ) -> Result<Vec<Record>, ServiceError> {
        // Rights first: bytes of somebody without them are not even read.
        self.store.read(|reader| {
            for (input, _) in &files {
                self.check_evidence(input, &plain_name(&input.file_name))?;
                for id in &input.findings {
                    self.finding_to_prove(reader, caller, id)?;
                }
            }
            Ok::<(), ServiceError>(())
        })?;
        let mut stored = Vec::new();
        for (input, content) in files {
            let file = self.store.files().put(content, EVIDENCE_BYTES_MAX)?;
            if file.size_bytes == 0 {
                let (zh, en) = ("文件是空的", "the file is empty");
                return Err(ServiceError::field("evidence", "file", "W0205", zh, en));
            }
            stored.push((input, file));
        }
        let act = self.act(caller, "evidence.add", None);
        let done: Result<Vec<Record>, ServiceError> = self.write_judged(&act, |writer| {
            stored.iter().map(|(input, file)| self.tie_file(writer, caller, input, file)).collect()
        });
        done.map(|records| self.all_shown(caller, records))
    }

    /// The record of a stored file, tied to its findings.
    fn tie_file(
        &self,
        writer: &Writer<'_>,
        caller: &Caller,
        input: &AddEvidenceInput,
        file: &StoredFile,
    ) -> Result<Record, ServiceError> {
        let mut regions = Vec::new();
        for id in &input.findings {
            let finding = self.finding_to_prove(writer, caller, id)?;
            regions.extend(finding.region);
        }
        let values = self.evidence_values(input, &plain_name(&input.file_name), file);
        let region = common_region(&regions);
        let record =
            writer.insert("evidence", NewRecord { region, values, ..NewRecord::default() })?;
        for id in &input.findings {
            writer.link(FINDING, "evidence", id, &record.id)?;
        }
        Ok(record)
    }

    /// A finding to which the caller may add evidence now. What is being judged is not added to by
    /// those who handed it in; those who look at it may add what they saw.
    fn finding_to_prove(
        &self,
        reader: &Reader<'_>,
        caller: &Caller,
        id: &RecordId,
    ) -> Result<Record, ServiceError> {
        let finding = self.finding_in(reader, caller, id)?;
        self.require_create_over(caller, "evidence", &finding)?;
        let judges = self.holds_step_role(caller, &finding, "accept")
            && !responsible_persons(&finding).contains(&caller.user);
        if !judges {
            self.require_in_hand(&finding, "W0208")?;
        }
        Ok(finding)
    }

    fn evidence_values(
        &self,
        input: &AddEvidenceInput,
        file_name: &str,
        file: &StoredFile,
    ) -> taizhang_store::Values {
        let size_bytes = i64::try_from(file.size_bytes).unwrap_or(i64::MAX);
        let earliest = self.today().saturating_sub(jiff::Span::new().days(BACKDATING_DAYS_MAX));
        let is_backdated = input.dated_on.is_some_and(|dated_on| dated_on < earliest);
        [
            ("file_name".to_owned(), Value::from(file_name)),
            ("file".to_owned(), file.hash.as_str().into()),
            ("size_bytes".to_owned(), size_bytes.into()),
            ("media_type".to_owned(), file.media_type.as_str().into()),
            ("dated_on".to_owned(), input.dated_on.into()),
            ("description".to_owned(), input.description.as_deref().into()),
            ("kind".to_owned(), input.kind.as_deref().into()),
            ("is_backdated".to_owned(), is_backdated.into()),
        ]
        .into()
    }

    fn check_evidence(
        &self,
        input: &AddEvidenceInput,
        file_name: &str,
    ) -> Result<(), ServiceError> {
        let mut faults = Faults::default();
        faults.check(
            input.findings.is_empty(),
            ("evidence", "finding"),
            "W0201",
            ("没有选问题", "no finding is chosen"),
        );
        faults.check(
            input.findings.len() > FINDINGS_MAX,
            ("evidence", "finding"),
            "W0206",
            ("一次最多关联 200 条问题", "at most 200 findings at once"),
        );
        faults.check(
            file_name.is_empty(),
            ("evidence", "file_name"),
            "W0202",
            ("没有文件名", "the file has no name"),
        );
        let unknown = |kind: &String| self.codebook().code_label("evidence_kind", kind).is_none();
        faults.check(
            input.kind.as_ref().is_some_and(unknown),
            ("evidence", "kind"),
            "W0203",
            ("没有这种材料类型", "unknown kind of evidence"),
        );
        faults.check(
            input.dated_on.is_some_and(|dated_on| dated_on > self.today()),
            ("evidence", "dated_on"),
            "W0204",
            ("材料日期不能晚于今天", "the document is dated in the future"),
        );
        faults.done()
    }

    /// An evidence file, for those who may read it or a finding that it proves.
    ///
    /// # Errors
    /// `NotFound` if the caller may see neither, `Internal` if the bytes no longer match the hash.
    pub fn evidence_file(
        &self,
        caller: &Caller,
        id: &RecordId,
    ) -> Result<EvidenceFile, ServiceError> {
        let record = self.store.read(|reader| {
            let record = reader.get("evidence", id)?.ok_or(ServiceError::NotFound)?;
            if self.may(caller, &record, Action::Read) {
                return Ok(record);
            }
            let rights =
                self.read_filter(caller, FINDING, Action::Read).ok_or(ServiceError::NotFound)?;
            let linked = Filter::Linked { relation: "evidence".to_owned(), to: id.clone() };
            let seen = reader.count(&Query::new(FINDING).filter(rights.and(linked)))?;
            if seen > 0 { Ok(record) } else { Err(ServiceError::NotFound) }
        })?;
        let bytes = self.store.files().read_all(record.text("file"))?;
        Ok(EvidenceFile {
            file_name: record.text("file_name").to_owned(),
            media_type: record.text("media_type").to_owned(),
            bytes,
            record,
        })
    }

    /// Takes a file away from a finding; file and record stay for the others and for history.
    ///
    /// # Errors
    /// `Denied` unless the caller may add evidence to it, `Invalid` `W0207` once the finding is
    /// handed in, `W0101` without a reason.
    pub fn detach_evidence(
        &self,
        caller: &Caller,
        finding: &RecordId,
        evidence: &RecordId,
        reason: &str,
    ) -> Result<(), ServiceError> {
        let mut faults = Faults::default();
        faults.check(
            reason.trim().is_empty(),
            ("evidence", "reason"),
            "W0101",
            ("请写明理由", "say why"),
        );
        faults.done()?;
        let act = self.act(caller, "evidence.detach", Some(reason));
        self.write_judged(&act, |writer| {
            let record = self.finding_in(writer, caller, finding)?;
            self.require_create_over(caller, "evidence", &record)?;
            self.require_in_hand(&record, "W0207")?;
            writer.unlink(FINDING, "evidence", finding, evidence)?;
            Ok(())
        })
    }
}

/// The last part of a path, without control characters, shortened from the front of its stem so
/// that the ending stays.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: Vec<char> = last.trim().chars().filter(|c| !c.is_control()).collect();
    let over = clean.len().saturating_sub(FILE_NAME_CHARACTERS_MAX);
    clean.into_iter().skip(over).collect::<String>().trim_start_matches('.').to_owned()
}

/// The smallest region that contains all.
fn common_region(regions: &[RegionCode]) -> Option<RegionCode> {
    let (first, rest) = regions.split_first()?;
    ancestors(first)
        .into_iter()
        .filter_map(|code| RegionCode::parse(&code))
        .find(|place| rest.iter().all(|region| region.is_under(place)))
}

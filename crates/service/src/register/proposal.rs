//! What villages propose, and what the township says of it.

use super::change::CHANGE;
use super::save::{ROOT, SaveRecord};
use crate::work::Faults;
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::{Action, FieldAccess, Ledger};
use taizhang_store::{Change, Cursor, Filter, NewRecord, Page, Query, Record, Values, Writer};
use taizhang_values::{RecordId, RegionCode, Value};

/// Ledger of proposals.
const PROPOSAL: &str = "proposal";

/// A decision on a proposal.
#[derive(Clone, Debug)]
pub struct DecideProposal {
    /// The proposal.
    pub proposal: RecordId,
    /// Version that the page showed.
    pub version: i64,
    /// It takes effect.
    pub is_accepted: bool,
    /// Opinion; needed when it does not.
    pub note: String,
}

/// A proposal, field by field.
#[derive(Clone, Debug)]
pub struct ProposalPage {
    /// The proposal.
    pub proposal: Record,
    /// The record as it stands; none for a new one.
    pub subject: Option<Record>,
    /// Fields with what was, what is and what is proposed.
    pub fields: Vec<ProposedField>,
    /// The caller may decide.
    pub may_decide: bool,
}

/// One field of a proposal.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposedField {
    /// Name.
    pub field: String,
    /// Value when it was proposed.
    pub base: Value,
    /// Value now: another one than `base` if somebody changed it meanwhile.
    pub current: Value,
    /// Proposed value; masked where the field is sensitive.
    pub proposed: Value,
    /// Somebody changed the field since.
    pub is_conflict: bool,
}

impl Service {
    pub(super) fn propose(
        &self,
        caller: &Caller,
        ledger: &Ledger,
        input: &SaveRecord,
        region: Option<RegionCode>,
    ) -> Result<Record, ServiceError> {
        let mut faults = Faults::default();
        faults.check(
            input.reason.trim().is_empty(),
            (PROPOSAL, "reason"),
            "G0201",
            ("请写明变更依据", "say what the change rests on"),
        );
        faults.done()?;
        let changes = serde_json::to_string(&input.values)
            .map_err(|error| ServiceError::Internal(error.to_string()))?;
        let household = if ledger.name == ROOT {
            input.id.as_ref().map_or(Value::Null, Value::from)
        } else {
            input.values.get(ROOT).cloned().unwrap_or_default()
        };
        let fields = input.values.keys().cloned().collect();
        let mut values = Values::from([
            ("subject_ledger".to_owned(), ledger.name.as_str().into()),
            ("subject".to_owned(), input.id.as_ref().map(RecordId::to_string).into()),
            ("household".to_owned(), household),
            ("base_version".to_owned(), input.version.into()),
            ("changes".to_owned(), changes.into()),
            ("fields".to_owned(), Value::List(fields)),
            ("proposal_status".to_owned(), "pending".into()),
            ("reason".to_owned(), input.reason.trim().into()),
            ("proposed_by".to_owned(), (&caller.user).into()),
            ("proposed_on".to_owned(), self.today().into()),
        ]);
        let act = self.act(caller, "proposal.make", None);
        self.store.write(&act, |writer| {
            if let (Some(id), Some(Value::Null)) = (&input.id, values.get("household"))
                && let Some(subject) = writer.get(&ledger.name, id)?
            {
                let household = subject.get(ROOT).clone();
                values.insert("household".to_owned(), household);
            }
            let record = NewRecord { region, values, ..NewRecord::default() };
            Ok(writer.insert(PROPOSAL, record)?)
        })
    }

    /// Accepts a proposal, which then is written and judged, or sends it back.
    ///
    /// # Errors
    /// `Invalid` `G0202` when it was decided already, `G0203` for one's own proposal, `G0204`
    /// without a reason for sending it back, `V0103` for a field that the caller does not see;
    /// `Conflict` field by field when the record changed in
    /// the same fields meanwhile; `Denied`, `NotFound`.
    pub fn decide_proposal(
        &self,
        caller: &Caller,
        input: &DecideProposal,
    ) -> Result<Record, ServiceError> {
        self.decide(caller, input)
            .map(|proposal| self.shown(caller, proposal))
            .map_err(|error| self.shown_refusal(caller, error))
    }

    fn decide(&self, caller: &Caller, input: &DecideProposal) -> Result<Record, ServiceError> {
        self.reachable(caller, PROPOSAL, &input.proposal, Action::Update)?;
        let proposal = self.whole(caller, PROPOSAL, &input.proposal)?;
        if !self.may_decide(caller, proposal.region.as_ref()) {
            return Err(self.denied("proposal.decide", proposal.region.as_ref()));
        }
        let mut faults = Faults::default();
        faults.check(
            proposal.text("proposal_status") != "pending",
            (PROPOSAL, "proposal_status"),
            "G0202",
            ("这条建议已经审核过", "this proposal was decided already"),
        );
        faults.check(
            proposal.reference("proposed_by") == Some(&caller.user),
            (PROPOSAL, "proposed_by"),
            "G0203",
            ("不能审核自己的建议", "nobody decides on his own proposal"),
        );
        faults.check(
            !input.is_accepted && input.note.trim().is_empty(),
            (PROPOSAL, "decision_note"),
            "G0204",
            ("退回要写明原因", "say why it is sent back"),
        );
        faults.done()?;
        let act = self.act(caller, "proposal.decide", Some(input.note.trim()));
        self.store.write(&act, |writer| {
            let status = if input.is_accepted { "accepted" } else { "refused" };
            let values = Values::from([
                ("proposal_status".to_owned(), status.into()),
                ("decided_by".to_owned(), (&caller.user).into()),
                ("decided_on".to_owned(), self.today().into()),
                ("decision_note".to_owned(), input.note.trim().into()),
            ]);
            let change = Change { values, ..Change::default() };
            let decided = writer.update(PROPOSAL, &input.proposal, input.version, change)?;
            if input.is_accepted {
                self.apply_proposal(caller, writer, &proposal)?;
            }
            Ok(decided)
        })
    }

    /// Writes what a proposal says, and judges what it touches.
    fn apply_proposal(
        &self,
        caller: &Caller,
        writer: &Writer<'_>,
        proposal: &Record,
    ) -> Result<(), ServiceError> {
        let values = self.proposed_values(writer, proposal)?;
        let ledger = self
            .codebook()
            .ledger(proposal.text("subject_ledger"))
            .ok_or(ServiceError::NotFound)?;
        let (id, place) = (RecordId::parse(proposal.text("subject")), &proposal.region);
        let current = match &id {
            Some(id) => writer.get(&ledger.name, id)?,
            None => None,
        };
        let (current, place) = (current.as_ref(), place.as_ref());
        let asked = (ledger.name.as_str(), &[Action::Read][..]);
        let values = self.writable(caller, asked, current, place, values)?;
        let save = SaveRecord {
            ledger: ledger.name.clone(),
            id,
            version: proposal.get("base_version").as_integer().unwrap_or(0),
            region: proposal.region.clone(),
            values,
            reason: proposal.text("reason").to_owned(),
        };
        let save = self.rebased(writer, save)?;
        let mut written = self.write_in(writer, ledger, &save, proposal.region.clone())?;
        if ledger.name == CHANGE {
            self.carry_out(caller, writer, &written.record, &save.values)?;
        } else {
            self.judge_saved(writer, &mut written)?;
        }
        Ok(())
    }

    /// A change that rests on an older version rests on the present one if nobody touched its
    /// fields since.
    fn rebased(
        &self,
        reader: &taizhang_store::Reader<'_>,
        save: SaveRecord,
    ) -> Result<SaveRecord, ServiceError> {
        let Some(id) = &save.id else { return Ok(save) };
        let Some(current) = reader.get(&save.ledger, id)? else {
            return Err(ServiceError::NotFound);
        };
        let history = reader.history(&save.ledger, id)?;
        let touched = history
            .iter()
            .filter(|version| version.version > save.version)
            .flat_map(|version| version.changed.iter())
            .any(|changed| save.values.contains_key(&changed.0));
        Ok(if touched { save } else { SaveRecord { version: current.version, ..save } })
    }

    fn proposed_values(
        &self,
        reader: &taizhang_store::Reader<'_>,
        proposal: &Record,
    ) -> Result<Values, ServiceError> {
        let clear = reader.for_judging(|reader| reader.get(PROPOSAL, &proposal.id))?;
        let clear = clear.ok_or(ServiceError::NotFound)?;
        serde_json::from_str(clear.text("changes"))
            .map_err(|error| ServiceError::Internal(format!("stored proposal: {error}")))
    }

    /// A proposal with what it would change; sensitive values are masked.
    ///
    /// # Errors
    /// `NotFound` if the caller may not see it.
    pub fn proposal_page(
        &self,
        caller: &Caller,
        id: &RecordId,
    ) -> Result<ProposalPage, ServiceError> {
        let proposal = self.whole(caller, PROPOSAL, id)?;
        let ledger = proposal.text("subject_ledger").to_owned();
        let subject_id = RecordId::parse(proposal.text("subject"));
        let subject = subject_id.as_ref().and_then(|id| self.whole(caller, &ledger, id).ok());
        let base_version = proposal.get("base_version").as_integer().unwrap_or(0);
        let (values, base) = self.store.read(|reader| {
            let values = self.proposed_values(reader, &proposal)?;
            let history = match &subject_id {
                Some(id) => reader.history(&ledger, id)?,
                None => Vec::new(),
            };
            let base = history.into_iter().find(|version| version.version == base_version);
            Ok::<_, ServiceError>((values, base.map(|version| version.record)))
        })?;
        let get = |record: &Option<Record>, field: &str| {
            record.as_ref().map_or(Value::Null, |record| record.get(field).clone())
        };
        let fields = values.into_iter().filter_map(|(field, proposed)| {
            let (base, current) = (get(&base, &field), get(&subject, &field));
            let is_conflict = base != current;
            let row = ProposedField { is_conflict, field, base, current, proposed };
            self.shown_change(caller, &ledger, subject.as_ref(), proposal.region.as_ref(), row)
        });
        let fields = fields.collect();
        let is_own = proposal.reference("proposed_by") == Some(&caller.user);
        let is_pending = proposal.text("proposal_status") == "pending";
        let may_decide = is_pending && !is_own && self.may_decide(caller, proposal.region.as_ref());
        let proposal = self.shown(caller, proposal);
        let subject = subject.map(|subject| self.shown(caller, subject));
        Ok(ProposalPage { proposal, subject, fields, may_decide })
    }

    /// A field of a proposal as the caller sees it; none if it is hidden from him.
    fn shown_change(
        &self,
        caller: &Caller,
        ledger: &str,
        subject: Option<&Record>,
        region: Option<&RegionCode>,
        row: ProposedField,
    ) -> Option<ProposedField> {
        let field = self.codebook().field(ledger, &row.field)?;
        let access = match subject {
            Some(subject) => self.sight(caller, ledger, Action::Read).access(subject, field),
            None => self.access_at(caller, (ledger, Action::Read), region, &row.field),
        };
        let mask = |value: &Value| crate::sight::mask(field.field_type, value);
        match access {
            FieldAccess::Hidden => None,
            FieldAccess::Full if field.sensitive.is_none() => Some(row),
            FieldAccess::Full if row.proposed == Value::Null => Some(row),
            FieldAccess::Full => Some(ProposedField { proposed: "****".into(), ..row }),
            FieldAccess::Masked | FieldAccess::Reveal => Some(ProposedField {
                base: mask(&row.base),
                current: mask(&row.current),
                proposed: mask(&row.proposed),
                ..row
            }),
        }
    }

    /// Proposals that the caller may see, those that wait first.
    ///
    /// # Errors
    /// Store errors only.
    pub fn proposals(
        &self,
        caller: &Caller,
        pending_only: bool,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, ServiceError> {
        let mut query = Query::new(PROPOSAL).sort("id", true).after(after).limit(limit);
        if pending_only {
            query = query.filter(Filter::eq("proposal_status", "pending"));
        }
        self.list_visible(caller, query)
    }
}

//! A finding that no letter brought: written by hand into the ledger.

use super::FINDING;
use super::assign::Assignment;
use super::edit_finding::NOT_BY_HAND;
use super::facts::issued_on_of;
use super::faults::Faults;
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_diagnostics::Place;
use taizhang_flow::{deadline_before_issue, state_due_on};
use taizhang_store::{NewRecord, Record, Values, Writer};
use taizhang_values::{Date, RecordId, RegionCode, Value};

/// The step that puts a row into the ledger.
const REGISTER: &str = "register";

/// Fields that are written down beside title and problem. Everything else is made here or changes
/// by its own act.
pub const PLAIN_FIELDS: [&str; 6] =
    ["category", "topic", "scope_kind", "cause", "source_kind", "source_level"];

/// A finding as it was written down.
#[derive(Clone, Debug)]
pub struct CreateFindingInput {
    /// Where it stands; not deeper than a village.
    pub region: Option<RegionCode>,
    /// The inspection that it belongs to, if any.
    pub inspection: Option<RecordId>,
    /// What is wrong, in a few words.
    pub title: String,
    /// What is wrong, in full.
    pub problem: String,
    /// Values by field, some of [`PLAIN_FIELDS`]; others are refused. An empty source is that of
    /// the inspection.
    pub values: Values,
    /// Who and until when.
    pub assignment: Assignment,
    /// Measures, one each.
    pub measures: Vec<String>,
}

impl Service {
    /// Writes a finding into the ledger; it enters the flow as registered.
    ///
    /// # Errors
    /// `Denied` without the right to make findings in the region; `NotFound` for an inspection that
    /// the caller may not see; `Invalid`: `W0220` no region, `W0221` no title, `W0222` no problem,
    /// `W0223` neither inspection nor source, `W0224` another field, `F0301` deadline before the
    /// letter, and as [`Service::assign`].
    pub fn create_finding(
        &self,
        caller: &Caller,
        input: &CreateFindingInput,
    ) -> Result<Record, ServiceError> {
        let inspection = match &input.inspection {
            Some(id) => Some(self.visible(caller, "inspection", id)?),
            None => None,
        };
        self.check_new_finding(input, inspection.as_ref())?;
        let region = input.region.clone().ok_or(ServiceError::NotFound)?;
        self.require_create(caller, FINDING, &region)?;
        let act = self.act(caller, "finding.create", None);
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            self.check_people(writer, &input.assignment)?;
            let finding = self.insert_finding(writer, input, inspection.as_ref(), &region)?;
            if let Some(units) = &input.assignment.responsible_units {
                self.set_units(writer, &finding.id, units)?;
            }
            for text in &input.measures {
                self.add_measure_in(writer, caller, std::slice::from_ref(&finding.id), text)?;
            }
            let people = [&input.assignment.leader, &input.assignment.person];
            let mut told: Vec<RecordId> = people
                .into_iter()
                .flatten()
                .filter(|user| **user != caller.user)
                .cloned()
                .collect();
            told.dedup();
            self.tell(writer, &told, "assigned", &finding, finding.get("due_on").as_date())?;
            Ok(finding)
        });
        done.map(|record| self.shown(caller, record))
    }

    /// True if the caller may write findings anywhere.
    #[must_use]
    pub fn may_create_findings(&self, caller: &Caller) -> bool {
        self.read_filter(caller, FINDING, Action::Create).is_some()
    }

    fn check_new_finding(
        &self,
        input: &CreateFindingInput,
        inspection: Option<&Record>,
    ) -> Result<(), ServiceError> {
        let mut faults = Faults::default();
        let has_source = !input.values.get("source_kind").is_none_or(Value::is_empty);
        let checks = [
            (input.region.is_none(), "region", "W0220", ("请选择属地", "choose the place")),
            (input.title.trim().is_empty(), "title", "W0221", ("请填问题标题", "fill in a title")),
            (
                input.problem.trim().is_empty(),
                "problem",
                "W0222",
                ("请填具体问题", "fill in the problem"),
            ),
            (
                inspection.is_none() && !has_source,
                "source_kind",
                "W0223",
                ("请选所属检查，或选问题来源", "choose an inspection or a source"),
            ),
        ];
        for (is_bad, field, code, words) in checks {
            faults.check(is_bad, (FINDING, field), code, words);
        }
        for field in input.values.keys() {
            let is_known = PLAIN_FIELDS.contains(&field.as_str());
            faults.check(!is_known, (FINDING, field), "W0224", NOT_BY_HAND);
        }
        if let Some(deadline_on) = input.assignment.deadline_on {
            let issued_on = inspection.and_then(issued_on_of);
            let place = Place::Field { ledger: FINDING.into(), field: "deadline_on".into() };
            let refusal = deadline_before_issue(deadline_on, issued_on);
            faults.extend(refusal.map(|refusal| refusal.at(place)));
        }
        faults.done()
    }

    fn insert_finding(
        &self,
        writer: &Writer<'_>,
        input: &CreateFindingInput,
        inspection: Option<&Record>,
        region: &RegionCode,
    ) -> Result<Record, ServiceError> {
        let calendar = self.calendar_in(writer)?;
        let context = self.flow_context(&calendar, Some(region))?;
        let flow = context.flow;
        let year = inspection.and_then(|inspection| inspection.get("year").as_integer());
        let year = year.unwrap_or_else(|| i64::from(self.today().year()));
        let serial = writer.next_serial(&format!("finding:{year}"))?;
        let state = flow.step(REGISTER).map_or(&flow.initial, |step| &step.to).clone();
        let deadline_on = input.assignment.deadline_on;
        let due_on = context
            .state(&state)
            .and_then(|state| state_due_on(&context, state, context.today(), deadline_on, None))
            .or(deadline_on);
        let mut values = self.new_values(input, inspection, deadline_on);
        values.insert("number".to_owned(), format!("{year}-{serial:04}").into());
        values.insert("due_on".to_owned(), due_on.into());
        let new = NewRecord {
            region: Some(region.clone()),
            state: Some(state),
            flow_edition: Some(flow.edition),
            values,
        };
        Ok(writer.insert(FINDING, new)?)
    }

    fn new_values(
        &self,
        input: &CreateFindingInput,
        inspection: Option<&Record>,
        deadline_on: Option<Date>,
    ) -> Values {
        let mut values = input.values.clone();
        for field in ["source_kind", "source_level"] {
            let is_missing = values.get(field).is_none_or(Value::is_empty);
            if let Some(inspection) = inspection.filter(|_| is_missing) {
                values.insert(field.to_owned(), inspection.get(field).clone());
            }
        }
        let assignment = &input.assignment;
        let units = assignment
            .responsible_units
            .as_ref()
            .map(|units| units.iter().map(ToString::to_string).collect::<Vec<String>>());
        let more = [
            ("title", Self::text_value(&input.title)),
            ("problem", Self::text_value(&input.problem)),
            ("inspection", inspection.map(|inspection| inspection.id.clone()).into()),
            ("lead_unit", assignment.lead_unit.clone().into()),
            ("responsible_units", units.unwrap_or_default().into()),
            ("leader", assignment.leader.clone().into()),
            ("person", assignment.person.clone().into()),
            ("deadline_on", deadline_on.into()),
            ("original_deadline_on", deadline_on.into()),
            ("is_long_term", assignment.is_long_term.unwrap_or(false).into()),
            ("state_since", self.now().into()),
            ("return_count", 0.into()),
            ("reopened_count", 0.into()),
            ("percent", 0.into()),
        ];
        values.extend(more.map(|(field, value)| (field.to_owned(), value)));
        values
    }
}

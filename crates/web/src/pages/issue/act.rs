//! The acts on one finding, from a form to the use case.

use crate::app::FormValues;
use crate::pages::batch::assignment;
use std::collections::BTreeMap;
use taizhang_service::work::{
    AcceptInput, AddStageGoalInput, AssignInput, CarryOutInput, ClaimInput, DecideExtensionInput,
    EditMeasureInput, ExtendToPeersInput, LogProgressInput, LookBackInput, MarkAbsentInput,
    PlanInput, ReopenInput, RequestExtensionInput, ReturnInput, Shown, SubmitInput, TakeStepInput,
    UpperConsentInput,
};
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_values::{Date, RecordId, RegionCode};

/// What came of an act.
pub(crate) struct Outcome {
    /// Note for the next page.
    pub(crate) note: &'static str,
    /// How many were touched.
    pub(crate) count: usize,
    /// True if the note offers to take it back.
    pub(crate) may_undo: bool,
}

/// One act as it came in.
pub(crate) struct Request {
    pub(crate) caller: Caller,
    pub(crate) finding: RecordId,
    pub(crate) act: String,
    pub(crate) part: String,
    pub(crate) form: FormValues,
}

const fn done(note: &'static str) -> Outcome {
    Outcome { note, count: 1, may_undo: false }
}

const fn undoable(note: &'static str) -> Outcome {
    Outcome { note, count: 1, may_undo: true }
}

impl Request {
    fn shown(&self) -> Shown {
        Shown { finding: self.finding.clone(), version: self.form.version() }
    }

    fn text(&self, name: &str) -> String {
        self.form.get(name).to_owned()
    }

    /// The record named behind the act.
    fn part_id(&self) -> Result<RecordId, ServiceError> {
        RecordId::parse(&self.part).ok_or(ServiceError::NotFound)
    }

    /// Runs the act.
    pub(crate) fn run(&self, service: &Service) -> Result<Outcome, ServiceError> {
        let caller = &self.caller;
        match (self.act.as_str(), self.part.as_str()) {
            ("steps", step) => self.step(service, step),
            ("assign", "") => {
                let assignment = assignment(&self.form)?;
                let findings = vec![self.shown()];
                service.assign(caller, &AssignInput { findings, assignment })?;
                Ok(undoable("assigned"))
            }
            ("undo", "") => {
                // The button of the note that follows an act knows no version yet.
                let mut shown = self.shown();
                if !self.form.has("version") {
                    shown.version = service.finding_page(caller, &self.finding)?.finding.version;
                }
                service.undo(caller, &shown)?;
                Ok(done("undone"))
            }
            ("remind", "") => {
                service.remind(caller, &self.finding)?;
                Ok(done("reminded"))
            }
            ("progress" | "measures" | "extensions" | "goals" | "peers" | "consent", "") => {
                self.add(service)
            }
            ("tie" | "detach", "") | ("measures" | "untie", _) => self.mend(service),
            ("extensions" | "goals" | "escalations", _) => self.decide(service),
            _ => Err(ServiceError::NotFound),
        }
    }

    fn add(&self, service: &Service) -> Result<Outcome, ServiceError> {
        let (caller, form) = (&self.caller, &self.form);
        match self.act.as_str() {
            "progress" => {
                let input = LogProgressInput {
                    finding: self.finding.clone(),
                    on: form.date("on")?,
                    text: self.text("text"),
                    percent: form.number("percent")?,
                };
                service.log_progress(caller, &input)?;
            }
            "measures" => self.measures(service)?,
            "extensions" => {
                let input = RequestExtensionInput {
                    shown: self.shown(),
                    reason: self.text("reason"),
                    new_deadline_on: form.date("new_deadline_on")?,
                };
                service.request_extension(caller, &input)?;
            }
            "goals" => {
                let (zh, en) = ("请填完成时限", "the goal needs a date");
                let missing = || ServiceError::field("stage_goal", "due_on", "P0009", zh, en);
                let input = AddStageGoalInput {
                    finding: self.finding.clone(),
                    goal: self.text("goal"),
                    due_on: form.date("due_on")?.ok_or_else(missing)?,
                    note: None,
                };
                service.add_stage_goal(caller, &input)?;
            }
            "peers" => {
                let regions = form.all("regions");
                let regions = regions.iter().filter_map(|code| RegionCode::parse(code)).collect();
                let input = ExtendToPeersInput { shown: self.shown(), regions };
                let count = service.extend_to_peers(caller, &input)?.len();
                return Ok(Outcome { note: "sent", count, may_undo: false });
            }
            _ => {
                let input = UpperConsentInput {
                    shown: self.shown(),
                    paper_number: self.text("upper_consent_paper"),
                    on: form.date("upper_consent_on")?,
                };
                service.upper_consent(caller, &input)?;
            }
        }
        Ok(done("saved"))
    }

    /// What was written beside the finding is written otherwise, tied or taken away.
    fn mend(&self, service: &Service) -> Result<Outcome, ServiceError> {
        let (caller, form) = (&self.caller, &self.form);
        match self.act.as_str() {
            "tie" => {
                let measures = form.ids("measures");
                if measures.is_empty() {
                    let (zh, en) = ("请选择措施", "choose a measure");
                    return Err(ServiceError::field("measure", "measures", "P0042", zh, en));
                }
                service.tie_measures(caller, &measures, &self.finding)?;
                return Ok(Outcome { note: "saved", count: measures.len(), may_undo: false });
            }
            "untie" => service.tie_measure(caller, &self.part_id()?, &self.finding, false)?,
            "detach" => {
                let (zh, en) = ("请选择材料", "choose a file");
                let missing = || ServiceError::field("evidence", "evidence", "P0043", zh, en);
                let file = form.id("evidence").ok_or_else(missing)?;
                service.detach_evidence(caller, &self.finding, &file, form.get("reason"))?;
            }
            _ => {
                let (measure, text) = (self.part_id()?, self.text("text"));
                let input = EditMeasureInput { measure, version: form.version(), text };
                service.edit_measure(caller, &input)?;
            }
        }
        Ok(done("saved"))
    }

    fn measures(&self, service: &Service) -> Result<(), ServiceError> {
        // The form calls the field by the name of the list.
        let (ledger, field) = ("measure".to_owned(), "measures".to_owned());
        let place = taizhang_diagnostics::Place::Field { ledger, field };
        let lines = self.form.lines("measures");
        match service.add_measures(&self.caller, &self.finding, &lines) {
            Err(ServiceError::Invalid(faults)) => Err(ServiceError::Invalid(
                faults.into_iter().map(|fault| fault.at(place.clone())).collect(),
            )),
            other => other.map(drop),
        }
    }

    fn decide(&self, service: &Service) -> Result<Outcome, ServiceError> {
        let (caller, form, id) = (&self.caller, &self.form, self.part_id()?);
        match self.act.as_str() {
            "extensions" => {
                let (zh, en) = ("请选择同意或不同意", "grant it or refuse it");
                let is_granted = match form.get("decision") {
                    "granted" => true,
                    "refused" => false,
                    _ => return Err(ServiceError::field("extension", "decision", "P0044", zh, en)),
                };
                let input = DecideExtensionInput {
                    extension: id,
                    version: form.version(),
                    is_granted,
                    note: self.text("note"),
                };
                service.decide_extension(caller, &input)?;
            }
            "goals" => {
                service.reach_stage_goal(caller, &id, form.version(), None)?;
            }
            _ => {
                let input = CarryOutInput {
                    escalation: id,
                    version: form.version(),
                    paper_number: self.text("paper_number"),
                    on: form.date("on")?,
                    note: self.text("note"),
                };
                service.carry_out_escalation(caller, &input)?;
            }
        }
        Ok(done("saved"))
    }

    fn step(&self, service: &Service, step: &str) -> Result<Outcome, ServiceError> {
        let (caller, form, shown) = (&self.caller, &self.form, self.shown());
        let new_deadline_on = form.date("new_deadline_on")?;
        match step {
            "claim" => {
                let (cause, self_check) = (self.text("cause"), form.some("self_check"));
                service.claim(caller, ClaimInput { shown, cause, self_check })?;
            }
            "mark_absent" => {
                let self_check = self.text("self_check");
                service.mark_absent(caller, &MarkAbsentInput { shown, self_check })?;
            }
            "plan" => {
                service.plan(caller, &self.plan()?)?;
            }
            "submit" => {
                service.submit(caller, &SubmitInput { shown, result: self.text("result") })?;
            }
            "accept" => {
                service.accept(caller, &self.acceptance(new_deadline_on)?)?;
                return Ok(done("step"));
            }
            "return" => {
                let reason = self.text("reason");
                service.return_finding(caller, ReturnInput { shown, reason, new_deadline_on })?;
                return Ok(done("step"));
            }
            "look_back" => {
                service.look_back(caller, &self.visit(new_deadline_on)?)?;
                return Ok(done("step"));
            }
            "reopen" => {
                let reason = self.text("reason");
                service.reopen(caller, ReopenInput { shown, reason, new_deadline_on })?;
                return Ok(done("step"));
            }
            // Closing has a page of its own.
            "close" => return Err(ServiceError::NotFound),
            _ => {
                let input = TakeStepInput {
                    shown,
                    step: step.to_owned(),
                    reason: form.some("reason"),
                    fields: BTreeMap::new(),
                    new_deadline_on,
                };
                service.take_step(caller, input)?;
            }
        }
        Ok(undoable("step"))
    }

    fn plan(&self) -> Result<PlanInput, ServiceError> {
        Ok(PlanInput {
            shown: Some(self.shown()),
            lead_unit: self.form.id("lead_unit"),
            deadline_on: self.form.date("deadline_on")?,
            is_long_term: self.form.is_ticked("is_long_term"),
            measures: self.form.lines("measures"),
        })
    }

    fn acceptance(&self, new_deadline_on: Option<Date>) -> Result<AcceptInput, ServiceError> {
        let form = &self.form;
        let (zh, en) = ("请选择验收结论", "choose the result");
        let is_passed = match form.get("result") {
            "passed" => true,
            "failed" => false,
            _ => return Err(ServiceError::field("acceptance", "result", "P0010", zh, en)),
        };
        Ok(AcceptInput {
            shown: self.shown(),
            is_passed,
            on: form.date("on")?,
            sample: self.text("sample"),
            sample_size: form.number("sample_size")?,
            sample_failed: form.number("sample_failed")?,
            is_on_site: form.is_ticked("is_on_site"),
            opinion: self.text("opinion"),
            new_deadline_on,
        })
    }

    fn visit(&self, new_deadline_on: Option<Date>) -> Result<LookBackInput, ServiceError> {
        let (zh, en) = ("请选择回头看结论", "choose the result");
        let is_holding = match self.form.get("result") {
            "holds" => true,
            "recurred" => false,
            _ => return Err(ServiceError::field("look_back", "result", "P0011", zh, en)),
        };
        Ok(LookBackInput {
            shown: self.shown(),
            is_holding,
            on: self.form.date("on")?,
            note: self.text("note"),
            new_deadline_on,
        })
    }
}

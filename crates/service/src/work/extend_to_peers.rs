//! Extending a finding to peers (举一反三): a child in every chosen township or village, each of
//! which answers whether the problem exists there.

use super::faults::Faults;
use super::{FINDING, Shown};
use crate::{Caller, Service, ServiceError};
use std::collections::BTreeSet;
use taizhang_codebook::StateKind;
use taizhang_flow::state_due_on;
use taizhang_store::{Change, Filter, NewRecord, Query, Reader, Record, Values, Writer};
use taizhang_values::{RecordId, RegionCode, Value};

/// Most regions at once.
const REGIONS_MAX: usize = 500;

/// Fields that a child takes from its parent.
const INHERITED: [&str; 14] = [
    "inspection",
    "position",
    "title",
    "problem",
    "category",
    "subcategory",
    "topic",
    "source_kind",
    "lead_unit",
    "deadline_raw",
    "deadline_kind",
    "deadline_on",
    "source_sentence",
    "keywords",
];

/// An extension to peers.
#[derive(Clone, Debug)]
pub struct ExtendToPeersInput {
    /// The parent as shown.
    pub shown: Shown,
    /// Townships or villages that have to look.
    pub regions: Vec<RegionCode>,
}

impl Service {
    /// Opens a child for each region; the parent cannot be closed before all of them are.
    ///
    /// # Errors
    /// `Invalid` `W0190` no or too many regions, `W0191` unknown region, `W0192` a region that has
    /// a child already or is the parent's own, `W0193` an ended parent, `W0194` a child as parent;
    /// `Denied`, `Conflict`, `NotFound`.
    pub fn extend_to_peers(
        &self,
        caller: &Caller,
        input: &ExtendToPeersInput,
    ) -> Result<Vec<Record>, ServiceError> {
        let act = self.act(caller, "finding.extend_to_peers", None);
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            let parent = self.finding_in(writer, caller, &input.shown.finding)?;
            self.require_step_role(caller, &parent, "plan")?;
            for region in &input.regions {
                self.require_create(caller, FINDING, region)?;
            }
            if parent.version != input.shown.version {
                writer.update(FINDING, &parent.id, input.shown.version, Change::default())?;
            }
            let siblings = children(writer, &parent.id)?;
            self.check_regions(writer, &parent, &siblings, &input.regions)?;
            let measures = writer.linked(FINDING, "measures", &parent.id)?;
            let mut made = Vec::with_capacity(input.regions.len());
            for (offset, region) in input.regions.iter().enumerate() {
                let serial = siblings.len() + offset + 1;
                let child = self.child(writer, &parent, region, serial)?;
                for measure in &measures {
                    writer.link(FINDING, "measures", &child.id, measure)?;
                }
                made.push(child);
            }
            Ok(made)
        });
        done.map(|records| self.all_shown(caller, records))
    }

    fn check_regions(
        &self,
        reader: &Reader<'_>,
        parent: &Record,
        siblings: &[Record],
        regions: &[RegionCode],
    ) -> Result<(), ServiceError> {
        let mut faults = Faults::default();
        faults.check(
            regions.is_empty() || regions.len() > REGIONS_MAX,
            (FINDING, "region"),
            "W0190",
            ("请选 1 到 500 个乡镇或村", "choose 1 to 500 townships or villages"),
        );
        faults.check(
            matches!(self.state_kind(parent), StateKind::Closed | StateKind::Void),
            (FINDING, "state"),
            "W0193",
            ("已经办结，不能再举一反三", "the finding has ended"),
        );
        faults.check(
            !parent.get("parent").is_empty(),
            (FINDING, "parent"),
            "W0194",
            ("下级问题不再往下派", "a child is not extended again"),
        );
        let mut taken: BTreeSet<&RegionCode> =
            siblings.iter().filter_map(|child| child.region.as_ref()).collect();
        taken.extend(parent.region.as_ref());
        for region in regions {
            let query = Query::new("region").filter(Filter::eq("code", region.as_str())).limit(1);
            let is_known = !reader.list(&query)?.records.is_empty();
            let (zh, en) = (format!("没有区划`{region}`"), format!("no region `{region}`"));
            faults.check(!is_known, (FINDING, "region"), "W0191", (&zh, &en));
            let (zh, en) =
                (format!("`{region}`已经在查"), format!("`{region}` has this finding already"));
            faults.check(!taken.insert(region), (FINDING, "region"), "W0192", (&zh, &en));
        }
        faults.done()
    }

    fn child(
        &self,
        writer: &Writer<'_>,
        parent: &Record,
        region: &RegionCode,
        serial: usize,
    ) -> Result<Record, ServiceError> {
        let flow = self.finding_flow()?;
        let state = flow.step("register").map_or(flow.initial.as_str(), |step| step.to.as_str());
        let units = units_of(writer, region)?;
        let unit_ids: Vec<String> = units.iter().map(ToString::to_string).collect();
        let calendar = self.calendar_in(writer)?;
        let context = self.flow_context(&calendar, Some(region))?;
        let deadline_on = parent.get("deadline_on").as_date();
        let today = self.today();
        let due_on = flow
            .state(state)
            .and_then(|state| state_due_on(&context, state, today, deadline_on, None));
        let mut values: Values = INHERITED
            .iter()
            .map(|field| ((*field).to_owned(), parent.get(field).clone()))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let own = [
            ("number", Value::from(format!("{}-{serial:02}", parent.text("number")))),
            ("parent", Value::from(&parent.id)),
            ("scope_kind", "common".into()),
            ("source_level", "own".into()),
            ("responsible_units", unit_ids.into()),
            ("original_deadline_on", deadline_on.into()),
            ("due_on", due_on.into()),
            ("state_since", self.now().into()),
        ];
        values.extend(own.map(|(field, value)| (field.to_owned(), value)));
        let child = writer.insert(
            FINDING,
            NewRecord {
                region: Some(region.clone()),
                state: Some(state.to_owned()),
                flow_edition: Some(flow.edition),
                values,
            },
        )?;
        self.set_units(writer, &child.id, &units)?;
        Ok(child)
    }
}

/// Children of a finding, also ended ones.
pub(crate) fn children(
    reader: &Reader<'_>,
    parent: &RecordId,
) -> Result<Vec<Record>, ServiceError> {
    let query = Query::new(FINDING)
        .filter(Filter::eq("parent", parent))
        .sort("number", false)
        .limit(super::facts::RELATED_MAX);
    Ok(reader.list(&query)?.records)
}

/// Units in use that sit exactly on a region.
fn units_of(reader: &Reader<'_>, region: &RegionCode) -> Result<Vec<RecordId>, ServiceError> {
    let is_out = Filter::Not(Box::new(Filter::eq("is_active", false)));
    let filter = Filter::eq("region", region.as_str()).and(is_out);
    let units = reader.list(&Query::new("unit").filter(filter).limit(20))?.records;
    Ok(units.into_iter().map(|unit| unit.id).collect())
}

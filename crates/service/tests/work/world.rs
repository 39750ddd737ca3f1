//! A small township: one clerk, one leader, one discipline officer, two villages, a county office;
//! and a way to push findings through the use cases by lines of text.

use crate::support::{TestHouse, open};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use taizhang_service::work::{
    AcceptInput, AddEvidenceInput, AssignInput, Assignment, ClaimInput, DecideExtensionInput,
    LogProgressInput, LookBackInput, MarkAbsentInput, PlanInput, ReopenInput,
    RequestExtensionInput, ReturnInput, Shown, SubmitInput, TakeStepInput, UpperConsentInput,
};
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_store::{Act, NewRecord, Record, Values, Writer};
use taizhang_values::{Date, RecordId, RegionCode, Timestamp, Value};

pub const TOWN: &str = "990101100";
pub const VILLAGES: [&str; 3] = ["990101100201", "990101100202", "990101100203"];

/// login, role, region, unit
const PEOPLE: [(&str, &str, &str, &str); 8] = [
    ("clerk", "township_clerk", TOWN, "office"),
    ("leader", "township_leader", TOWN, "town"),
    ("leader-two", "township_leader", TOWN, "town"),
    ("discipline", "township_discipline", TOWN, "discipline"),
    ("village", "village_committee", "990101100201", "village"),
    ("village-two", "village_committee", "990101100202", "village-two"),
    ("county", "county_office", "990101", "county"),
    ("elsewhere", "township_clerk", "990101101", "elsewhere"),
];

/// key, region
const UNITS: [(&str, &str); 7] = [
    ("office", TOWN),
    ("town", TOWN),
    ("discipline", TOWN),
    ("village", "990101100201"),
    ("village-two", "990101100202"),
    ("county", "990101"),
    ("elsewhere", "990101101"),
];

pub struct World {
    pub house: TestHouse,
    pub ids: BTreeMap<String, RecordId>,
    pub inspection: RecordId,
    serial: AtomicU32,
}

static SCHEMAS: AtomicU32 = AtomicU32::new(0);

/// Runs a check on a fresh world of each database.
pub fn for_each_database(check: impl Fn(&World)) {
    check(&World::new(None));
    let Some(server) = std::env::var("TAIZHANG_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
    else {
        println!("skipped on PostgreSQL: TAIZHANG_TEST_POSTGRES is not set");
        return;
    };
    let number = SCHEMAS.fetch_add(1, Ordering::Relaxed);
    let name = format!("tz_work_{}_{number}", std::process::id());
    let mut client = postgres::Client::connect(&server, postgres::NoTls).unwrap();
    client.batch_execute(&format!("CREATE SCHEMA {name}")).unwrap();
    let mark = if server.contains('?') { '&' } else { '?' };
    check(&World::new(Some(format!("{server}{mark}options=-c%20search_path%3D{name}"))));
    client.batch_execute(&format!("DROP SCHEMA {name} CASCADE")).unwrap();
}

fn values<const COUNT: usize>(pairs: [(&str, Value); COUNT]) -> Values {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn in_region(region: &str, values: Values) -> NewRecord {
    NewRecord { region: RegionCode::parse(region), values, ..NewRecord::default() }
}

pub fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub fn morning(day: &str) -> Timestamp {
    format!("{day}T01:00:00Z").parse().unwrap()
}

impl World {
    fn new(database_url: Option<String>) -> Self {
        let house = open(database_url);
        house.clock.set(morning("2026-03-02"));
        let act = act("test.seed");
        let mut ids = BTreeMap::new();
        let inspection = house
            .service
            .store()
            .write(&act, |writer| {
                seed_places(writer, &mut ids)?;
                seed_people(writer, &mut ids)?;
                let letter = values([
                    ("title", "巩固成果考核评估".into()),
                    ("source_kind", "assessment".into()),
                    ("source_level", "upper".into()),
                    ("issued_on", date("2026-03-01").into()),
                    ("received_on", date("2026-03-02").into()),
                ]);
                Ok::<_, ServiceError>(writer.insert("inspection", in_region(TOWN, letter))?.id)
            })
            .unwrap();
        Self { house, ids, inspection, serial: AtomicU32::new(0) }
    }

    pub fn service(&self) -> &Service {
        &self.house.service
    }

    pub fn caller(&self, login: &str) -> Caller {
        self.house.caller(login)
    }

    pub fn id(&self, name: &str) -> RecordId {
        self.ids[name].clone()
    }

    pub fn go_to(&self, day: &str) {
        self.house.clock.set(morning(day));
    }

    /// A registered finding of the first village, for which the person `village` is responsible.
    pub fn finding(&self, level: &str, deadline_on: &str) -> RecordId {
        self.finding_in(VILLAGES[0], level, deadline_on)
    }

    pub fn finding_in(&self, region: &str, level: &str, deadline_on: &str) -> RecordId {
        self.finding_of(region, level, deadline_on, "office", &["village"])
    }

    /// A registered finding in which units are named; if `village` is, the person `village` does
    /// it.
    pub fn finding_of(
        &self,
        region: &str,
        level: &str,
        deadline_on: &str,
        lead: &str,
        units: &[&str],
    ) -> RecordId {
        let unit = |key: &str| self.id(&format!("unit:{key}"));
        let is_named = units.contains(&"village");
        let units: Vec<RecordId> = units.iter().map(|key| unit(key)).collect();
        let unit_ids: Vec<String> = units.iter().map(ToString::to_string).collect();
        let number = self.serial.fetch_add(1, Ordering::Relaxed) + 1;
        let mut fields = values([
            ("inspection", (&self.inspection).into()),
            ("number", format!("2026-{number:03}").into()),
            ("title", "饮水安全管护不到位".into()),
            ("problem", "部分供水点无人管护".into()),
            ("source_level", level.into()),
            ("lead_unit", unit(lead).into()),
            ("person", is_named.then(|| self.id("village")).into()),
            ("responsible_units", unit_ids.into()),
        ]);
        if !deadline_on.is_empty() {
            fields.insert("deadline_on".to_owned(), date(deadline_on).into());
            fields.insert("original_deadline_on".to_owned(), date(deadline_on).into());
            fields.insert("due_on".to_owned(), date(deadline_on).into());
        }
        let new = NewRecord {
            state: Some("registered".to_owned()),
            flow_edition: Some(1),
            ..in_region(region, fields)
        };
        let insert = |writer: &Writer<'_>| {
            let finding = writer.insert("finding", new)?;
            for unit in &units {
                writer.link("finding", "units", &finding.id, unit)?;
            }
            Ok::<_, ServiceError>(finding.id)
        };
        self.service().store().write(&act("finding.register"), insert).unwrap()
    }

    pub fn record(&self, ledger: &str, id: &RecordId) -> Record {
        self.service().store().read(|reader| reader.get(ledger, id)).unwrap().unwrap()
    }

    pub fn shown(&self, id: &RecordId) -> Shown {
        Shown { finding: id.clone(), version: self.record("finding", id).version }
    }

    /// One act by its word, on the version that stands.
    pub fn act(
        &self,
        who: &str,
        verb: &str,
        id: &RecordId,
        words: &str,
    ) -> Result<(), ServiceError> {
        let said = Words(words);
        let caller = self.caller(who);
        let shown = self.shown(id);
        match verb {
            "claim" | "mark_absent" | "plan" | "progress" | "evidence" | "submit" => {
                self.work(&caller, verb, shown, said)
            }
            "accept" | "close" | "consent" | "return" | "look_back" | "reopen" => {
                self.judge(&caller, verb, shown, said)
            }
            "ask" | "grant" | "refuse" | "assign" => self.set_dates(&caller, verb, shown, said),
            "undo" => self.service().undo(&caller, &shown).map(drop),
            step => {
                let input = TakeStepInput {
                    shown,
                    step: step.to_owned(),
                    reason: said.has("reason").then(|| "需要长期坚持".to_owned()),
                    fields: BTreeMap::new(),
                    new_deadline_on: said.day("new="),
                };
                self.service().take_step(&caller, input).map(drop)
            }
        }
    }

    fn work(
        &self,
        caller: &Caller,
        verb: &str,
        shown: Shown,
        said: Words<'_>,
    ) -> Result<(), ServiceError> {
        let service = self.service();
        match verb {
            "claim" => {
                let cause = said.text("cause", "管护责任没有落实");
                service.claim(caller, ClaimInput { shown, cause, self_check: None }).map(drop)
            }
            "mark_absent" => {
                let self_check = said.text("checked", "逐户排查，未发现");
                service.mark_absent(caller, &MarkAbsentInput { shown, self_check }).map(drop)
            }
            "plan" => {
                let measure = said.has("measure").then(|| "明确管护员".to_owned());
                let input = PlanInput {
                    shown: Some(shown),
                    deadline_on: said.day("deadline="),
                    measures: measure.into_iter().collect(),
                    ..PlanInput::default()
                };
                service.plan(caller, &input).map(drop)
            }
            "progress" => service.log_progress(caller, &progress(&shown.finding)).map(drop),
            "evidence" => {
                let input = evidence(&shown.finding, said.day("dated="));
                service.add_evidence(caller, &input, &mut "收据".as_bytes()).map(drop)
            }
            _ => {
                let result = said.text("result", "已落实管护员");
                service.submit(caller, &SubmitInput { shown, result }).map(drop)
            }
        }
    }

    fn judge(
        &self,
        caller: &Caller,
        verb: &str,
        shown: Shown,
        said: Words<'_>,
    ) -> Result<(), ServiceError> {
        let service = self.service();
        let new_deadline_on = said.day("new=");
        match verb {
            "accept" => service.accept(caller, &acceptance(shown, said)).map(drop),
            "close" => service.close(caller, &shown).map(drop),
            "consent" => {
                let paper_number = said.text("paper", "县整改〔2026〕3号");
                let input = UpperConsentInput { shown, paper_number, on: None };
                service.upper_consent(caller, &input).map(drop)
            }
            "return" => {
                let reason = said.text("reason", "材料不全");
                service
                    .return_finding(caller, ReturnInput { shown, reason, new_deadline_on })
                    .map(drop)
            }
            "look_back" => {
                let input = LookBackInput {
                    shown,
                    is_holding: !said.has("recurred"),
                    on: None,
                    note: said.text("note", "随机走访"),
                    new_deadline_on,
                };
                service.look_back(caller, &input).map(drop)
            }
            _ => {
                let reason = said.text("reason", "反弹");
                service.reopen(caller, ReopenInput { shown, reason, new_deadline_on }).map(drop)
            }
        }
    }

    fn set_dates(
        &self,
        caller: &Caller,
        verb: &str,
        shown: Shown,
        said: Words<'_>,
    ) -> Result<(), ServiceError> {
        let service = self.service();
        match verb {
            "ask" => {
                let input = RequestExtensionInput {
                    shown,
                    reason: said.text("reason", "汛期道路中断"),
                    new_deadline_on: said.day("new="),
                };
                service.request_extension(caller, &input).map(drop)
            }
            "assign" => {
                let assignment = Assignment {
                    deadline_on: said.day("deadline="),
                    leader: said.has("leader").then(|| self.id("leader")),
                    ..Assignment::default()
                };
                let input = AssignInput { findings: vec![shown], assignment };
                service.assign(caller, &input).map(drop)
            }
            _ => {
                let extension = self.newest("extension", &shown.finding);
                let input = DecideExtensionInput {
                    extension: extension.id,
                    version: extension.version,
                    is_granted: verb == "grant",
                    note: said.text("note", "按程序办理"),
                };
                service.decide_extension(caller, &input).map(drop)
            }
        }
    }

    pub fn newest(&self, ledger: &str, finding: &RecordId) -> Record {
        let query = taizhang_store::Query::new(ledger)
            .filter(taizhang_store::Filter::eq("finding", finding));
        let page = self.service().store().read(|reader| reader.list(&query)).unwrap();
        page.records.into_iter().next().unwrap()
    }

    /// Takes a finding of the county as far as `working`.
    pub fn bring_to_county(&self, id: &RecordId, state: &str) {
        let way =
            [("claim", "cause", "county"), ("plan", "measure", "county"), ("start", "", "county")];
        for (verb, words, who) in way {
            self.act(who, verb, id, words).unwrap_or_else(|error| panic!("{verb}: {error:?}"));
        }
        assert_eq!(self.record("finding", id).state.as_deref(), Some(state));
    }

    /// A form that passes the finding as it stands.
    pub fn acceptance(&self, id: &RecordId) -> AcceptInput {
        acceptance(self.shown(id), Words("passed sample"))
    }

    /// Takes a finding as far as `working`, or on to `submitted`, `checked`, `closed`.
    pub fn bring_to(&self, id: &RecordId, state: &str) {
        let way = [
            ("registered", "leader", "claim", "cause"),
            ("claimed", "clerk", "plan", "measure"),
            ("planned", "village", "start", ""),
            ("working", "village", "progress", ""),
            ("working", "village", "evidence", ""),
            ("working", "village", "submit", "result"),
            ("submitted", "leader", "accept", "passed sample"),
            ("checked", "county", "close", ""),
        ];
        let start = self.record("finding", id).state.unwrap();
        for (from, who, verb, words) in way.into_iter().skip_while(|step| step.0 != start) {
            let here = self.record("finding", id).state.unwrap();
            if here == state {
                return;
            }
            assert_eq!(here, from, "on the way to {state}");
            self.act(who, verb, id, words).unwrap_or_else(|error| panic!("{verb}: {error:?}"));
        }
    }

    /// The outcome of an act in words: the state reached, or what it was refused for.
    pub fn outcome(&self, result: Result<(), ServiceError>, id: &RecordId) -> String {
        match result {
            Ok(()) => self.record("finding", id).state.unwrap_or_default(),
            Err(ServiceError::Invalid(faults)) => {
                let codes: Vec<&str> = faults.iter().map(|fault| fault.code.as_str()).collect();
                format!("refused {}", codes.join(" "))
            }
            Err(ServiceError::Denied { needed, .. }) => format!("denied {needed}"),
            Err(ServiceError::NotFound) => "not found".to_owned(),
            Err(ServiceError::Conflict(_)) => "conflict".to_owned(),
            Err(other) => format!("{other:?}"),
        }
    }
}

pub fn act(verb: &str) -> Act {
    Act {
        actor: None,
        verb: verb.to_owned(),
        at: morning("2026-03-02"),
        reason: None,
        source: "test".to_owned(),
    }
}

pub fn progress(finding: &RecordId) -> LogProgressInput {
    LogProgressInput {
        finding: finding.clone(),
        on: None,
        text: "召开专题会".to_owned(),
        percent: Some(60),
    }
}

pub fn evidence(finding: &RecordId, dated_on: Option<Date>) -> AddEvidenceInput {
    AddEvidenceInput {
        findings: vec![finding.clone()],
        file_name: "会议记录.txt".to_owned(),
        dated_on,
        description: None,
        kind: Some("minutes".to_owned()),
    }
}

fn acceptance(shown: Shown, said: Words<'_>) -> AcceptInput {
    let is_passed = said.has("passed");
    AcceptInput {
        shown,
        is_passed,
        on: None,
        sample: said.text("sample", "抽查三处供水点"),
        sample_size: Some(3),
        sample_failed: Some(i64::from(!is_passed)),
        is_on_site: true,
        opinion: said.text("opinion", "一处仍无人管护"),
        new_deadline_on: None,
    }
}

/// What is said with an act: words that stand for texts, and `key=date`.
#[derive(Clone, Copy)]
struct Words<'a>(&'a str);

impl Words<'_> {
    fn has(self, word: &str) -> bool {
        self.0.split_whitespace().any(|known| known == word)
    }

    fn text(self, word: &str, text: &str) -> String {
        if self.has(word) { text.to_owned() } else { String::new() }
    }

    fn day(self, key: &str) -> Option<Date> {
        self.0.split_whitespace().find_map(|word| word.strip_prefix(key)).map(date)
    }
}

fn seed_places(
    writer: &Writer<'_>,
    ids: &mut BTreeMap<String, RecordId>,
) -> Result<(), ServiceError> {
    let places = [("990101", "county"), (TOWN, "township"), ("990101101", "township")];
    let villages = VILLAGES.map(|code| (code, "village"));
    for (code, level) in places.into_iter().chain(villages) {
        let place = values([
            ("code", code.into()),
            ("name", format!("区划{code}").into()),
            ("level", level.into()),
            ("system", "local".into()),
            ("edition", "2026".into()),
        ]);
        writer.insert("region", NewRecord { values: place, ..NewRecord::default() })?;
    }
    for (key, region) in UNITS {
        let unit = values([("name", format!("单位{key}").into()), ("kind", "office".into())]);
        let unit = writer.insert("unit", in_region(region, unit))?;
        ids.insert(format!("unit:{key}"), unit.id);
    }
    Ok(())
}

fn seed_people(
    writer: &Writer<'_>,
    ids: &mut BTreeMap<String, RecordId>,
) -> Result<(), ServiceError> {
    for (login, role, region, unit) in PEOPLE {
        let unit = ids[&format!("unit:{unit}")].clone();
        let user = values([
            ("login", login.into()),
            ("name", format!("人员{login}").into()),
            ("unit", unit.into()),
            ("is_active", true.into()),
        ]);
        let user = writer.insert("user", in_region(region, user))?;
        let grant = values([("user", (&user.id).into()), ("role", role.into())]);
        writer.insert("grant", in_region(region, grant))?;
        ids.insert(login.to_owned(), user.id);
    }
    Ok(())
}

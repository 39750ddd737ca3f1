//! The scheduler: reminders, the overdue ladder, look-backs that fall due, requests that expire.
//!
//! Everything it makes is named by what it is for (finding, form, day), so that a second tick, a
//! restart in the middle or a clock that went back makes nothing twice. A clock that jumps is not
//! believed at once (reliability P6): the jump is put on record and nothing is escalated until the
//! clock has gone on steadily for a while, or an administrator says that it is right.

use super::FINDING;
use super::facts::responsible_persons;
use crate::paging::every;
use crate::{Caller, Service, ServiceError};
use jiff::Span;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use taizhang_codebook::StateKind;
use taizhang_flow::{DoneRung, Rung, rungs_due};
use taizhang_store::{Change, Filter, NewRecord, Query, Reader, Record, Values, Writer};
use taizhang_values::{Date, RecordId, Timestamp, Value};

/// Findings looked at in one transaction.
const BATCH: usize = 200;
/// A step back of the clock that is put on record, in seconds (P6).
const BACKWARD_SECONDS_MAX: i64 = 5;
/// A step forward that is put on record, in seconds (P6): also the longest pause between ticks.
const FORWARD_SECONDS_MAX: i64 = 3600;
/// How long the clock has to go on steadily after a jump before it is believed, in seconds.
const STEADY_SECONDS_MIN: i64 = 600;
/// A jump that is believed only by the word of an administrator, in seconds: 31 days.
const JUMP_SECONDS_MAX: i64 = 31 * 86_400;
/// The ladder is walked at most this often on one day, in seconds.
const WALK_SECONDS: i64 = 3600;

/// Days between progress entries.
const PROGRESS_DAYS_PARAMETER: &str = "rect.progress_days";
/// Kind of the message that asks for an entry.
const PROGRESS_DUE: &str = "progress_due";

const LAST_TICK: &str = "scheduler.last_tick";
const HELD_SINCE: &str = "scheduler.held_since";
const HELD_UNTIL_WORD: &str = "scheduler.held_until_word";
const LAST_WALK: &str = "scheduler.last_walk";

/// The last tick and when it was last stored. Between two storings it lives in memory only, so that
/// a tick a minute does not fill the audit.
#[derive(Debug, Default)]
pub(crate) struct TickMemory(Mutex<Option<(Timestamp, Timestamp)>>);

/// The last tick is stored this often, in seconds.
const STORE_SECONDS: i64 = 600;

/// What a tick did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TickReport {
    /// The clock jumped and is not believed yet; nothing was done.
    pub is_held: bool,
    /// Seconds by which the clock jumped since the last tick, if it did.
    pub jump_seconds: Option<i64>,
    /// Rungs of the ladder put on record.
    pub rungs: usize,
    /// Findings due today whose people were told.
    pub due_today: usize,
    /// Findings in work without an entry for too long, whose people were told.
    pub silent: usize,
    /// Look-backs opened.
    pub look_backs: usize,
    /// Extension requests that expired undecided.
    pub expired: usize,
}

impl Service {
    /// One round of the scheduler. Call it every minute; a round with nothing to do is one read.
    ///
    /// # Errors
    /// Store errors; the next tick goes on where this one stopped.
    pub fn tick(&self) -> Result<TickReport, ServiceError> {
        let mut report = self.believe_clock()?;
        if report.is_held || !self.is_walk_due()? {
            return Ok(report);
        }
        self.climb_ladders(&mut report)?;
        self.tell_due_today(&mut report)?;
        self.tell_silent(&mut report)?;
        self.open_look_backs(&mut report)?;
        self.expire_requests(&mut report)?;
        self.remember(&[(LAST_WALK, self.now().to_string())])?;
        Ok(report)
    }

    /// Says that the clock is right after a jump; the next tick works.
    ///
    /// # Errors
    /// `Denied` without the power `backup.run`.
    pub fn confirm_clock(&self, caller: &Caller) -> Result<(), ServiceError> {
        self.require_power(caller, "backup.run")?;
        let act = self.act(caller, "clock.confirm", None);
        self.store.write(&act, |writer| {
            writer.set_setting(HELD_SINCE, "")?;
            writer.set_setting(HELD_UNTIL_WORD, "")?;
            writer.audit("clock.confirm", "clock", "")?;
            Ok(())
        })
    }

    /// True while the clock jumped and is not believed: nothing is reminded or escalated.
    ///
    /// # Errors
    /// Store errors only.
    pub fn clock_is_held(&self) -> Result<bool, ServiceError> {
        let held = self.store.read(|reader| moment(reader, HELD_SINCE))?;
        Ok(held.is_some())
    }

    /// Compares the clock with the last tick.
    fn believe_clock(&self) -> Result<TickReport, ServiceError> {
        let now = self.now();
        let (last, held_since, needs_word) = self.store.read(|reader| {
            let word = reader.setting(HELD_UNTIL_WORD)?.is_some_and(|text| !text.is_empty());
            Ok::<_, ServiceError>((moment(reader, LAST_TICK)?, moment(reader, HELD_SINCE)?, word))
        })?;
        let remembered = self.ticks.get();
        let last = remembered.map(|(tick, _)| tick).or(last);
        let passed = last.map_or(0, |last| now.as_second() - last.as_second());
        if !(-BACKWARD_SECONDS_MAX..=FORWARD_SECONDS_MAX).contains(&passed) {
            self.hold(passed)?;
            let jump_seconds = Some(passed);
            return Ok(TickReport { is_held: true, jump_seconds, ..TickReport::default() });
        }
        let stored = remembered.map(|(_, stored)| stored);
        let is_old =
            stored.is_none_or(|stored| now.as_second() - stored.as_second() >= STORE_SECONDS);
        let mut settings = Vec::new();
        if is_old {
            settings.push((LAST_TICK, now.to_string()));
        }
        let is_held = held_since.is_some_and(|since| {
            needs_word || now.as_second() - since.as_second() < STEADY_SECONDS_MIN
        });
        if held_since.is_some() && !is_held {
            settings.push((HELD_SINCE, String::new()));
        }
        if !settings.is_empty() {
            self.remember(&settings)?;
        }
        self.ticks.set(now, stored.filter(|_| !is_old).unwrap_or(now));
        Ok(TickReport { is_held, ..TickReport::default() })
    }

    /// Puts a jump on record and holds everything that depends on the date.
    fn hold(&self, jump_seconds: i64) -> Result<(), ServiceError> {
        let now = self.now().to_string();
        let needs_word = jump_seconds > JUMP_SECONDS_MAX;
        let act = self.own_act("clock.jump");
        self.store.write(&act, |writer| {
            writer.set_setting(LAST_TICK, &now)?;
            writer.set_setting(HELD_SINCE, &now)?;
            writer.set_setting(HELD_UNTIL_WORD, if needs_word { "1" } else { "" })?;
            writer.audit("clock.jump", "clock", &format!("{jump_seconds} s"))?;
            Ok::<(), ServiceError>(())
        })?;
        self.ticks.set(self.now(), self.now());
        Ok(())
    }

    fn remember(&self, settings: &[(&str, String)]) -> Result<(), ServiceError> {
        let act = self.own_act("scheduler.tick");
        self.store.write(&act, |writer| {
            for (name, text) in settings {
                writer.set_setting(name, text)?;
            }
            Ok(())
        })
    }

    fn is_walk_due(&self) -> Result<bool, ServiceError> {
        let last = self.store.read(|reader| moment(reader, LAST_WALK))?;
        let now = self.now();
        Ok(last.is_none_or(|last| {
            let age = now.as_second() - last.as_second();
            !(0..WALK_SECONDS).contains(&age)
                || taizhang_values::shanghai_date(last) != self.today()
        }))
    }

    /// Ladders of all running findings whose first rung has come.
    fn climb_ladders(&self, report: &mut TickReport) -> Result<(), ServiceError> {
        let flow = self.finding_flow()?;
        let Some(first_day) = flow.escalation.iter().filter_map(|rung| rung.from_day).min() else {
            return Ok(());
        };
        let days_ahead = first_day.saturating_neg().clamp(-36_500, 36_500);
        let reach = self.today().saturating_add(Span::new().days(days_ahead));
        let running = self.states_of(&[StateKind::Open, StateKind::LongTerm])?;
        let filter = Filter::In("state".to_owned(), running)
            .and(Filter::AtMost("deadline_on".to_owned(), reach.into()));
        self.in_batches(&Query::new(FINDING).filter(filter), |findings| {
            let ids: Vec<RecordId> = findings.iter().map(|finding| finding.id.clone()).collect();
            // Most findings have nothing new: they are told apart without a write transaction.
            let is_idle = self
                .store
                .read(|reader| Ok::<_, ServiceError>(self.due_rungs(reader, &ids)?.is_empty()))?;
            if is_idle {
                return Ok(());
            }
            let act = self.own_act("escalation.raise");
            report.rungs += self.store.write(&act, |writer| {
                let due = self.due_rungs(writer, &ids)?;
                for (finding, rung) in &due {
                    self.raise(writer, finding, rung)?;
                }
                Ok::<_, ServiceError>(due.len())
            })?;
            Ok(())
        })
    }

    /// The rungs to climb now for these findings, with the findings as they stand now.
    fn due_rungs(
        &self,
        reader: &Reader<'_>,
        ids: &[RecordId],
    ) -> Result<Vec<(Record, Rung)>, ServiceError> {
        let flow = self.finding_flow()?;
        let today = self.today();
        let findings = reader.get_many(FINDING, ids)?;
        let done = done_rungs(reader, ids)?;
        let mut due = Vec::new();
        for (id, finding) in findings {
            let running =
                matches!(self.state_kind(&finding), StateKind::Open | StateKind::LongTerm);
            let Some(deadline_on) = finding.get("deadline_on").as_date().filter(|_| running) else {
                continue;
            };
            let known: Vec<DoneRung> = done
                .iter()
                .filter(|(finding, _)| *finding == id)
                .map(|(_, rung)| rung.clone())
                .collect();
            let ladder = self.codebook().ladder(flow, deadline_on, finding.region.as_ref());
            for rung in rungs_due(&ladder, deadline_on, today, &known) {
                due.push((finding.clone(), rung));
            }
        }
        Ok(due)
    }

    /// Puts one rung on record and tells those who have to act.
    fn raise(
        &self,
        writer: &Writer<'_>,
        finding: &Record,
        rung: &Rung,
    ) -> Result<(), ServiceError> {
        let deadline_on = finding.get("deadline_on").as_date();
        let is_reminder = deadline_on.is_some_and(|deadline_on| rung.due_on <= deadline_on);
        let mut values: Values = [
            ("finding".to_owned(), Value::from(&finding.id)),
            ("form".to_owned(), rung.form.as_str().into()),
            ("days_late".to_owned(), rung.days_late.into()),
            ("due_on".to_owned(), rung.due_on.into()),
            ("is_done".to_owned(), is_reminder.into()),
        ]
        .into();
        if is_reminder {
            values.insert("done_on".to_owned(), self.today().into());
        }
        if is_reminder && rung.is_missed {
            values.insert("note".to_owned(), "时限已过，未单独提醒".into());
        }
        let region = finding.region.clone();
        writer.insert("escalation", NewRecord { region, values, ..NewRecord::default() })?;
        let responsible: Vec<RecordId> = responsible_persons(finding).into_iter().collect();
        if is_reminder {
            if !rung.is_missed {
                self.tell(writer, &responsible, "near_due", finding, deadline_on)?;
            }
            return Ok(());
        }
        self.tell(writer, &responsible, "overdue", finding, deadline_on)?;
        let users = self.role_holders(writer, &rung.roles, finding)?;
        self.tell(writer, &users, "escalation", finding, Some(rung.due_on))
    }

    /// One message to the people of every running finding whose deadline is today.
    fn tell_due_today(&self, report: &mut TickReport) -> Result<(), ServiceError> {
        let running = self.states_of(&[StateKind::Open, StateKind::LongTerm])?;
        let today = self.today();
        let filter = Filter::In("state".to_owned(), running).and(Filter::eq("deadline_on", today));
        self.in_batches(&Query::new(FINDING).filter(filter), |findings| {
            let act = self.own_act("message.due_today");
            report.due_today += self.store.write(&act, |writer| {
                let mut told = 0;
                for finding in findings {
                    let users: Vec<RecordId> = responsible_persons(finding).into_iter().collect();
                    if !users.is_empty() && !was_told(writer, &finding.id, "due_today", today)? {
                        self.tell(writer, &users, "due_today", finding, Some(today))?;
                        told += 1;
                    }
                }
                Ok::<_, ServiceError>(told)
            })?;
            Ok(())
        })
    }

    /// One message a period to the people of every finding in work that had no progress entry for
    /// the days of the parameter (monthly entry, domain §3.1).
    fn tell_silent(&self, report: &mut TickReport) -> Result<(), ServiceError> {
        let today = self.today();
        let days = self.codebook().parameter(PROGRESS_DAYS_PARAMETER, today, None);
        let Some(days) = days.map(|days| days.value).filter(|days| *days > 0) else {
            return Ok(());
        };
        let since = today.saturating_sub(Span::new().days(days.min(3_660)));
        let since_moment = self.now().as_second() - days.min(3_660) * 86_400;
        let since_moment = Timestamp::from_second(since_moment).unwrap_or(Timestamp::UNIX_EPOCH);
        let flow = self.finding_flow()?;
        let is_work = |state: &&taizhang_codebook::State| {
            state.kind == StateKind::LongTerm
                || (state.kind == StateKind::Open && state.clock.is_none())
        };
        let states = flow.states.iter().filter(is_work).map(|state| Value::from(&*state.name));
        let filter = Filter::In("state".to_owned(), states.collect())
            .and(Filter::Less("state_since".to_owned(), since_moment.into()));
        self.in_batches(&Query::new(FINDING).filter(filter), |findings| {
            let silent = self.store.read(|reader| {
                let ids: Vec<Value> = findings.iter().map(|one| Value::from(&one.id)).collect();
                let among = || Filter::In("finding".to_owned(), ids.clone());
                let entries = among().and(Filter::Greater("on".to_owned(), since.into()));
                let mut heard = mentioned(reader, "progress", entries)?;
                let told = among()
                    .and(Filter::eq("kind", PROGRESS_DUE))
                    .and(Filter::Greater("created_at".to_owned(), since_moment.into()));
                heard.extend(mentioned(reader, "message", told)?);
                let is_silent = |finding: &&Record| {
                    !heard.contains(&finding.id) && !responsible_persons(finding).is_empty()
                };
                Ok::<Vec<&Record>, ServiceError>(findings.iter().filter(is_silent).collect())
            })?;
            if silent.is_empty() {
                return Ok(());
            }
            let act = self.own_act("message.progress_due");
            self.store.write(&act, |writer| {
                for finding in &silent {
                    let users: Vec<RecordId> = responsible_persons(finding).into_iter().collect();
                    self.tell(writer, &users, PROGRESS_DUE, finding, Some(today))?;
                }
                Ok::<(), ServiceError>(())
            })?;
            report.silent += silent.len();
            Ok(())
        })
    }

    /// A look-back for every closed finding whose day has come.
    fn open_look_backs(&self, report: &mut TickReport) -> Result<(), ServiceError> {
        let flow = self.finding_flow()?;
        let waits = |state: &&taizhang_codebook::State| {
            state.kind == StateKind::Closed && state.clock.is_some()
        };
        let states = flow.states.iter().filter(waits).map(|state| Value::from(state.name.as_str()));
        let filter = Filter::In("state".to_owned(), states.collect())
            .and(Filter::AtMost("look_back_on".to_owned(), self.today().into()));
        let roles = flow.step("look_back").map(|step| step.roles.clone()).unwrap_or_default();
        self.in_batches(&Query::new(FINDING).filter(filter), |findings| {
            let act = self.own_act("look_back.open");
            report.look_backs += self.store.write(&act, |writer| {
                let mut opened = 0;
                for finding in findings {
                    let due_on = finding.get("look_back_on").as_date();
                    if has_look_back(writer, &finding.id, due_on)? {
                        continue;
                    }
                    let values = [
                        ("finding".to_owned(), Value::from(&finding.id)),
                        ("due_on".to_owned(), due_on.into()),
                    ];
                    let region = finding.region.clone();
                    let note = NewRecord { region, values: values.into(), ..NewRecord::default() };
                    writer.insert("look_back", note)?;
                    let users = self.role_holders(writer, &roles, finding)?;
                    self.tell(writer, &users, "look_back", finding, due_on)?;
                    opened += 1;
                }
                Ok::<_, ServiceError>(opened)
            })?;
            Ok(())
        })
    }

    /// Requests whose new deadline passed before anybody decided.
    fn expire_requests(&self, report: &mut TickReport) -> Result<(), ServiceError> {
        let today = self.today();
        let filter = Filter::eq("decision", "pending")
            .and(Filter::Less("new_deadline_on".to_owned(), today.into()));
        self.in_batches(&Query::new("extension").filter(filter), |requests| {
            let act = self.own_act("extension.expire");
            report.expired += self.store.write(&act, |writer| {
                for request in requests {
                    let values = [
                        ("decision".to_owned(), Value::from("refused")),
                        ("decision_note".to_owned(), "到申请时限仍未审批，自动失效".into()),
                        ("decided_on".to_owned(), today.into()),
                    ];
                    let change = Change { values: values.into(), ..Change::default() };
                    writer.update("extension", &request.id, request.version, change)?;
                    let finding = request.reference("finding");
                    let finding = finding.map(|id| writer.get(FINDING, id)).transpose()?.flatten();
                    let asked_by = request.reference("asked_by").cloned();
                    if let (Some(finding), Some(asked_by)) = (finding, asked_by) {
                        self.tell(writer, &[asked_by], "extension", &finding, None)?;
                    }
                }
                Ok::<_, ServiceError>(requests.len())
            })?;
            Ok(())
        })
    }

    /// Hands the records of a query to `work` in batches. The order is that of the ids, which no
    /// work here changes, so that none is met twice or missed.
    fn in_batches(
        &self,
        query: &Query,
        mut work: impl FnMut(&[Record]) -> Result<(), ServiceError>,
    ) -> Result<(), ServiceError> {
        let mut query = query.clone().limit(BATCH);
        loop {
            let page = self.store.read(|reader| reader.list(&query))?;
            if !page.records.is_empty() {
                work(&page.records)?;
            }
            if page.next.is_none() {
                return Ok(());
            }
            query.after = page.next;
        }
    }
}

impl TickMemory {
    fn get(&self) -> Option<(Timestamp, Timestamp)> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, tick: Timestamp, stored: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((tick, stored));
    }
}

/// A stored moment; `None` if there is none or it cannot be read.
fn moment(reader: &Reader<'_>, setting: &str) -> Result<Option<Timestamp>, ServiceError> {
    Ok(reader.setting(setting)?.and_then(|text| text.parse().ok()))
}

/// Rungs on record for these findings.
fn done_rungs(
    reader: &Reader<'_>,
    ids: &[RecordId],
) -> Result<BTreeSet<(RecordId, DoneRung)>, ServiceError> {
    let ids = ids.iter().map(Value::from).collect();
    let query = Query::new("escalation").filter(Filter::In("finding".to_owned(), ids));
    let rung = |record: &Record| {
        let due_on = record.get("due_on").as_date()?;
        let rung = DoneRung { form: record.text("form").to_owned(), due_on };
        Some((record.reference("finding")?.clone(), rung))
    };
    Ok(every(reader, query)?.iter().filter_map(rung).collect())
}

/// Findings that the records of a ledger refer to.
fn mentioned(
    reader: &Reader<'_>,
    ledger: &str,
    filter: Filter,
) -> Result<BTreeSet<RecordId>, ServiceError> {
    let records = every(reader, Query::new(ledger).filter(filter))?;
    Ok(records.iter().filter_map(|one| one.reference("finding").cloned()).collect())
}

fn was_told(
    reader: &Reader<'_>,
    finding: &RecordId,
    kind: &str,
    due_on: Date,
) -> Result<bool, ServiceError> {
    let filter = Filter::eq("finding", finding)
        .and(Filter::eq("kind", kind))
        .and(Filter::eq("due_on", due_on));
    Ok(reader.count(&Query::new("message").filter(filter))? > 0)
}

fn has_look_back(
    reader: &Reader<'_>,
    finding: &RecordId,
    due_on: Option<Date>,
) -> Result<bool, ServiceError> {
    let filter = Filter::eq("finding", finding).and(Filter::eq("due_on", Value::from(due_on)));
    Ok(reader.count(&Query::new("look_back").filter(filter))? > 0)
}

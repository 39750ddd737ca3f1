//! What happened in the demonstration county before today: three letters, findings in every state.

use super::days_before;
use crate::letters::{ConfirmLetter, UploadLetter};
use crate::work::{
    AcceptInput, AddEvidenceInput, ClaimInput, LogProgressInput, LookBackInput, Shown, SubmitInput,
    TakeStepInput,
};
use crate::{Caller, FixedClock, Service, ServiceError};
use std::collections::BTreeMap;
use taizhang_store::{Record, Values};
use taizhang_values::{
    Date, RecordId, RegionCode, Timestamp, days_after, official_date, shanghai_date,
};

/// The township of the demonstration.
const TOWNSHIP: &str = "990101100";

/// How far a finding has come in the demonstration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    Registered,
    Claimed,
    Planned,
    Working,
    LongTerm,
    Submitted,
    Closed,
    LookedBack,
}

/// A letter of the demonstration.
struct Letter {
    file_name: &'static str,
    text: &'static str,
    source_kind: &'static str,
    source_level: &'static str,
    source_body: &'static str,
    title: &'static str,
    arrived_days_ago: i64,
    /// One entry a finding; none for a letter that still waits to be confirmed.
    progress: &'static [Progress],
}

use Progress::{Claimed, Closed, LongTerm, LookedBack, Planned, Registered, Submitted, Working};

const LETTERS: [Letter; 3] = [
    Letter {
        file_name: "石桥镇考核评估反馈问题整改方案.txt",
        text: include_str!("../../demo/assessment.txt"),
        source_kind: "assessment",
        source_level: "upper",
        source_body: "青禾县考核评估组",
        title: "2026年度巩固脱贫成果考核评估",
        arrived_days_ago: 54,
        progress: &[Working, LongTerm, Working, Working, Planned, Claimed, Submitted, Closed],
    },
    Letter {
        file_name: "县委第二巡察组反馈问题整改台账.txt",
        text: include_str!("../../demo/inspection.txt"),
        source_kind: "inspection",
        source_level: "upper",
        source_body: "青禾县委第二巡察组",
        title: "乡村振兴领域专项巡察",
        arrived_days_ago: 19,
        progress: &[Working, Working, Registered, LookedBack],
    },
    Letter {
        file_name: "衔接资金审计发现问题整改情况报告.txt",
        text: include_str!("../../demo/audit.txt"),
        source_kind: "audit",
        source_level: "upper",
        source_body: "青禾县审计局",
        title: "衔接推进乡村振兴补助资金审计",
        arrived_days_ago: 1,
        progress: &[],
    },
];

impl Service {
    pub(super) fn build_story(
        &self,
        clock: &FixedClock,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let teller = Teller {
            service: self,
            clock,
            now,
            clerk: self.caller_by_login("clerk", "demo")?,
            leader: self.caller_by_login("leader", "demo")?,
            county: self.caller_by_login("county", "demo")?,
            discipline: self.caller_by_login("discipline", "demo")?,
        };
        LETTERS.iter().try_for_each(|letter| teller.tell(letter))
    }
}

struct Teller<'a> {
    service: &'a Service,
    clock: &'a FixedClock,
    now: Timestamp,
    clerk: Caller,
    leader: Caller,
    county: Caller,
    discipline: Caller,
}

impl Teller<'_> {
    fn tell(&self, letter: &Letter) -> Result<(), ServiceError> {
        self.go_to(letter.arrived_days_ago);
        let text = dated(letter.text, shanghai_date(self.now));
        let input = UploadLetter {
            file_name: letter.file_name.to_owned(),
            region: RegionCode::parse(TOWNSHIP).ok_or(ServiceError::NotFound)?,
            received_on: Some(self.service.today()),
            source_kind: Some(letter.source_kind.to_owned()),
            source_level: Some(letter.source_level.to_owned()),
        };
        let uploaded = self.service.upload_letter(&self.clerk, &input, &mut text.as_bytes())?;
        if letter.progress.is_empty() {
            return Ok(());
        }
        let page = self.service.letter_page(&self.clerk, &uploaded.id)?;
        let values = Values::from([
            ("title".to_owned(), letter.title.into()),
            ("source_body".to_owned(), letter.source_body.into()),
        ]);
        let confirmed = self.service.confirm_letter(
            &self.clerk,
            &ConfirmLetter {
                letter: uploaded.id,
                version: page.letter.version,
                values,
                count_reason: Some("演示数据".to_owned()),
            },
        )?;
        for (id, progress) in confirmed.findings.iter().zip(letter.progress) {
            self.work(id, *progress, letter.arrived_days_ago)?;
        }
        Ok(())
    }

    /// Takes a finding through the flow up to a state.
    fn work(&self, id: &RecordId, goal: Progress, arrived: i64) -> Result<(), ServiceError> {
        if goal >= Claimed {
            self.go_to(arrived - 1);
            self.claim(id)?;
        }
        if goal >= Planned {
            self.go_to(arrived - 3);
            self.step(&self.clerk, id, "plan", None)?;
        }
        if goal >= Working {
            self.go_to(arrived - 4);
            self.step(&self.clerk, id, "start", None)?;
        }
        if goal == LongTerm {
            self.step(&self.leader, id, "hold_long_term", Some("需要长期坚持"))?;
        }
        if goal >= Working {
            self.go_to(arrived / 2);
            self.report_progress(id, goal)?;
        }
        if goal >= Submitted {
            self.go_to(6);
            self.hand_in(id)?;
        }
        if goal >= Closed {
            self.go_to(4);
            self.accept_and_close(id)?;
        }
        if goal == LookedBack {
            self.go_to(1);
            self.look_back(id)?;
        }
        Ok(())
    }

    fn claim(&self, id: &RecordId) -> Result<(), ServiceError> {
        let shown = self.shown(id)?;
        self.service.claim(
            &self.leader,
            ClaimInput {
                shown,
                cause: "日常监管不到位，责任压得不实，台账更新不及时。".to_owned(),
                self_check: None,
            },
        )?;
        Ok(())
    }

    fn step(
        &self,
        caller: &Caller,
        id: &RecordId,
        step: &str,
        reason: Option<&str>,
    ) -> Result<(), ServiceError> {
        let input = TakeStepInput {
            shown: self.shown(id)?,
            step: step.to_owned(),
            reason: reason.map(str::to_owned),
            fields: BTreeMap::new(),
            new_deadline_on: None,
        };
        self.service.take_step(caller, input)?;
        Ok(())
    }

    fn report_progress(&self, id: &RecordId, goal: Progress) -> Result<(), ServiceError> {
        let percent = match goal {
            Working | LongTerm => 60,
            _ => 100,
        };
        self.service.log_progress(
            &self.clerk,
            &LogProgressInput {
                finding: id.clone(),
                on: None,
                text: "已召开专题会议部署，责任单位正在逐项落实整改措施。".to_owned(),
                percent: Some(percent),
            },
        )?;
        let evidence = AddEvidenceInput {
            findings: vec![id.clone()],
            file_name: "整改工作会议记录.txt".to_owned(),
            dated_on: Some(self.service.today()),
            description: Some("专题会议记录".to_owned()),
            kind: Some("minutes".to_owned()),
        };
        let content = format!("会议记录（演示）\n日期：{}\n", self.service.today());
        self.service.add_evidence(&self.clerk, &evidence, &mut content.as_bytes())?;
        Ok(())
    }

    fn hand_in(&self, id: &RecordId) -> Result<(), ServiceError> {
        let shown = self.shown(id)?;
        let result = "整改措施已全部落实，相关制度已建立，佐证材料已归档。".to_owned();
        self.service.submit(&self.clerk, &SubmitInput { shown, result })?;
        Ok(())
    }

    fn accept_and_close(&self, id: &RecordId) -> Result<(), ServiceError> {
        let acceptance = AcceptInput {
            shown: self.shown(id)?,
            is_passed: true,
            on: None,
            sample: "抽查3个村的台账和现场各1处".to_owned(),
            sample_size: Some(3),
            sample_failed: Some(0),
            is_on_site: true,
            opinion: "资料齐全，与现场一致。".to_owned(),
            new_deadline_on: None,
        };
        self.service.accept(&self.county, &acceptance)?;
        let shown = self.shown(id)?;
        self.service.close(&self.county, &shown)?;
        Ok(())
    }

    fn look_back(&self, id: &RecordId) -> Result<(), ServiceError> {
        let input = LookBackInput {
            shown: self.shown(id)?,
            is_holding: true,
            on: None,
            note: "随机回访，未发现反弹。".to_owned(),
            new_deadline_on: None,
        };
        self.service.look_back(&self.discipline, &input)?;
        Ok(())
    }

    fn shown(&self, id: &RecordId) -> Result<Shown, ServiceError> {
        let found = self.service.store().read(|reader| reader.get("finding", id))?;
        let record: Record = found.ok_or(ServiceError::NotFound)?;
        Ok(Shown { finding: record.id, version: record.version })
    }

    fn go_to(&self, days_ago: i64) {
        self.clock.set(days_before(self.now, days_ago.max(0)));
    }
}

/// Replaces `{d-3}` by the date three days before `today`, written as in a letter.
fn dated(text: &str, today: Date) -> String {
    let mut output = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once("{d") {
        output.push_str(before);
        let (offset, after) = tail.split_once('}').unwrap_or(("0", tail));
        let days = offset.parse::<i64>().unwrap_or(0);
        let day = days_after(today, days);
        output.push_str(&official_date(day));
        rest = after;
    }
    output.push_str(rest);
    output
}

#[cfg(test)]
mod tests {
    use super::dated;
    use taizhang_values::parse_date;

    #[test]
    fn dates_of_the_letters_follow_today() {
        let today = parse_date("2026-03-01").unwrap();
        assert_eq!(
            dated("{d-1}、{d+0}、{d+31}", today),
            "2026年2月28日、2026年3月1日、2026年4月1日"
        );
    }
}

//! The people at work: each repeats one kind of act until the program is gone.

use crate::journal::{Journal, Kind};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use taizhang_exchange::{LedgerColumn, LedgerWorkbook};
use taizhang_values::Value;
use trials::Outcome;
use trials::http::{Answer, Browser};
use trials::page::{Form, form};
use trials::program::sign_in;
use trials::random::Random;

/// Password of the demonstration.
const PASSWORD: &str = "qinghe-demo-2026";
/// Township of the demonstration.
const TOWN: &str = "990101100";
/// Largest evidence file.
const EVIDENCE_BYTES_MAX: u64 = 400_000;

/// How long somebody without work waits for the end of the round.
const IDLE: std::time::Duration = std::time::Duration::from_millis(20);

/// One person.
pub struct Worker {
    kind: Kind,
    login: &'static str,
    random: Random,
    browser: Option<Browser>,
    serial: u64,
}

impl Worker {
    /// Everybody.
    pub fn crew(seed: u64) -> Vec<Self> {
        let people = [
            (Kind::Evidence, "village"),
            (Kind::Letter, "clerk"),
            (Kind::Import, "clerk"),
            (Kind::Accept, "leader"),
        ];
        let worker = |(number, (kind, login)): (u64, (Kind, &'static str))| Self {
            kind,
            login,
            random: Random::new(seed ^ (number + 1)),
            browser: None,
            serial: 0,
        };
        (0..).zip(people).map(worker).collect()
    }

    /// Works until the connection breaks after the kill. Sessions outlive the kill; a lost one is
    /// a fault.
    pub fn work(&mut self, address: &str, journal: &Journal, is_over: &AtomicBool) -> Outcome<()> {
        loop {
            let result = self.step(address, journal);
            match result {
                Ok(()) => {}
                Err(error) if is_gone(error.as_ref()) => {
                    if let Some(browser) = &mut self.browser {
                        browser.hang_up();
                    }
                    return Ok(());
                }
                Err(error) => return Err(format!("{:?}: {error}", self.kind).into()),
            }
            if is_over.load(Ordering::SeqCst) {
                return Ok(());
            }
        }
    }

    fn step(&mut self, address: &str, journal: &Journal) -> Outcome<()> {
        self.serial += 1;
        let mut browser = match self.browser.take() {
            Some(mut browser) => {
                browser.turn_to(address);
                browser
            }
            None => sign_in(address, self.login, PASSWORD)?,
        };
        let result = match self.kind {
            Kind::Evidence => self.add_evidence(&mut browser, journal),
            Kind::Accept => accept(&mut browser, journal),
            Kind::Import => self.import(&mut browser, journal),
            Kind::Letter | Kind::Confirm => self.take_letter_in(&mut browser, journal),
        };
        self.browser = Some(browser);
        result
    }

    fn add_evidence(&mut self, browser: &mut Browser, journal: &Journal) -> Outcome<()> {
        let list = browser.get("/issues?tab=open&text=%E8%AF%81%E6%8D%AE%E6%B1%A0")?;
        let rows = trials::page::links(&list.text());
        let is_row =
            |link: &&String| link.strip_prefix("/issues/").is_some_and(|id| id.len() == 26);
        let row = rows.iter().find(is_row).ok_or("no finding takes evidence")?.clone();
        let form = fetched(browser, &row, &format!("{row}/evidence"))?;
        let size = usize::try_from(1_000 + self.random.below(EVIDENCE_BYTES_MAX))?;
        let content = self.random.bytes(size);
        let name = format!("evidence-{}-{}.bin", self.serial, self.random.next());
        let hash = hexadecimal(&Sha256::digest(&content));
        let number = journal.ask(Kind::Evidence, &name, &hash);
        let answer = browser.upload(&form.action, &form.fields, &name, &content)?;
        done(&answer)?;
        journal.acknowledge(number);
        Ok(())
    }

    fn take_letter_in(&mut self, browser: &mut Browser, journal: &Journal) -> Outcome<()> {
        let rows = 2 + self.random.below(6);
        let name = format!("letter-{}-{}-{rows}.txt", self.serial, self.random.next());
        let form = fetched(browser, "/letters/new", "/letters")?;
        let form =
            form.with("region", TOWN).with("source_kind", "inspection").with("source_level", "own");
        let number = journal.ask(Kind::Letter, &name, &rows.to_string());
        let text = letter(rows, &name)?;
        let answer = browser.upload(&form.action, &form.fields, &name, text.as_bytes())?;
        done(&answer)?;
        journal.acknowledge(number);
        let letter = answer.location;
        let form = fetched(browser, &letter, &format!("{letter}/confirm"))?;
        let form = form.with("inspection_title", &name).with("source_kind", "inspection");
        let form = form.with("source_level", "own").with("count_reason", "试验");
        let number = journal.ask(Kind::Confirm, &name, &rows.to_string());
        let answer = browser.post(&form.action, &form.fields)?;
        done(&answer)?;
        journal.acknowledge(number);
        Ok(())
    }

    fn import(&mut self, browser: &mut Browser, journal: &Journal) -> Outcome<()> {
        let rows = 5 + self.random.below(40);
        let mark = format!("导入{}号{}共{rows}行", self.serial, self.random.next());
        let form = fetched(browser, "/import", "/import")?;
        let form = form.with("layout", "rectification_ledger").with("region", TOWN);
        let book = workbook(&mark, rows)?;
        let answer = browser.upload(&form.action, &form.fields, "trial.xlsx", &book)?;
        done(&answer)?;
        let batch = answer.location;
        let form = fetched(browser, &batch, &format!("{batch}/confirm"))?;
        let form = form.with("title", &mark).with("inspection_title", &mark);
        let form = form.with("source_kind", "inspection").with("source_level", "own");
        let number = journal.ask(Kind::Import, &mark, &rows.to_string());
        let answer = browser.post(&form.action, &form.fields)?;
        done(&answer)?;
        journal.acknowledge(number);
        Ok(())
    }
}

fn accept(browser: &mut Browser, journal: &Journal) -> Outcome<()> {
    let Some(finding) = journal.next_finding() else {
        std::thread::sleep(IDLE);
        return Ok(());
    };
    let address = format!("/issues/{finding}");
    let form = fetched(browser, &address, &format!("{address}/steps/accept"))?;
    let form = form.with("result", "passed").with("sample", "抽查三处").with("sample_size", "3");
    let form = form.with("sample_failed", "0").with("is_on_site", "yes");
    let number = journal.ask(Kind::Accept, finding.as_str(), "");
    let answer = browser.post(&form.action, &form.fields)?;
    done(&answer)?;
    journal.acknowledge(number);
    Ok(())
}

/// The form of a page that goes to `action`.
fn fetched(browser: &mut Browser, page: &str, action: &str) -> Outcome<Form> {
    let answer = browser.get(page)?;
    if answer.status != 200 {
        return Err(format!("{page}: {} {}", answer.status, answer.location).into());
    }
    form(&answer.text(), action).ok_or_else(|| format!("{page} has no form for {action}").into())
}

/// An act is acknowledged by the redirect after it.
fn done(answer: &Answer) -> Outcome<()> {
    if answer.status == 303 && !answer.location.starts_with("/sign-in") {
        return Ok(());
    }
    let text = answer.text();
    let fault = text.split("role=\"alert\"").nth(1).unwrap_or(&text);
    let fault: String = fault.chars().take(400).collect();
    Err(format!("refused: {} {} {fault}", answer.status, answer.location).into())
}

/// True if the connection broke, which is what a kill looks like from outside.
fn is_gone(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    error.downcast_ref::<std::io::Error>().is_some()
        || ["closed", "broke off", "status line"]
            .iter()
            .any(|word| error.to_string().contains(word))
}

fn letter(rows: u64, name: &str) -> Outcome<String> {
    let mut text = format!(
        "关于石桥镇专项检查发现问题整改情况的报告\n\n青禾县农业农村局：\n\n近期县里对我镇进行了检查（{name}），\
         指出问题{rows}个。现将整改情况报告如下。\n\n一、检查发现问题整改情况\n\n"
    );
    for row in 1..=rows {
        let head = CHINESE.get(usize::try_from(row)?).copied().unwrap_or("十");
        write!(
            text,
            "（{head}）关于第{row}处供水点管护不到位的问题。\n整改情况：已明确管护员。\n\
             责任单位：马塘村\n整改时限：立行立改\n\n"
        )?;
    }
    text.push_str("石桥镇人民政府\n2026年11月1日\n");
    Ok(text)
}

const CHINESE: [&str; 11] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];

fn workbook(mark: &str, rows: u64) -> Outcome<Vec<u8>> {
    use taizhang_codebook::FieldType;
    let column = |name: &str, head: &str| LedgerColumn::new(name, head, FieldType::Text);
    let book = LedgerWorkbook {
        sheet_name: "台账".to_owned(),
        title: "问题整改台账".to_owned(),
        columns: vec![
            column("number", "序号"),
            column("problem", "问题"),
            column("measure", "整改措施"),
            column("deadline_on", "整改时限"),
        ],
        ..LedgerWorkbook::default()
    };
    let row = |row: u64| -> Vec<Value> {
        vec![
            row.to_string().into(),
            format!("{mark}第{row}处供水点无人管护").into(),
            "明确管护员；按月巡查".into(),
            "2026-12-20".into(),
        ]
    };
    book.write((1..=rows).map(row)).map_err(|error| format!("{error:?}").into())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

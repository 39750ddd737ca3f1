//! Fifty people on the ledger at once, over a store of many findings.
//!
//! `load PROGRAM [--findings N] [--users N] [--seconds N] [--think-ms N] [--postgres] [--seed N]
//! [--keep DIR]` fills a store through the service, starts the program on it and reads pages over
//! kept-alive connections; prints the times by kind of page, the rate, memory and processor time.
#![expect(clippy::print_stdout, reason = "a measuring program prints its figures")]

use jiff::Span;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use taizhang_service::accounts::NewUser;
use taizhang_service::{OpenOptions, Service, SystemClock};
use taizhang_store::{Act, NewRecord, Query, Record, StoreError, Value, Values, Writer};
use taizhang_values::{RecordId, RegionCode};
use trials::Outcome;
use trials::http::{Browser, escaped};
use trials::page::links;
use trials::percentiles_ms;
use trials::postgres::Cluster;
use trials::program::{Place, sign_in};
use trials::random::Random;

/// Findings written in one transaction.
const BATCH: usize = 5_000;
/// Findings of one inspection.
const INSPECTION_ROWS: usize = 200;
/// Password of the people of the trial; the data are invented and live for minutes.
const PASSWORD: &str = "many-readers-77";

const STATES: [&str; 10] = [
    "registered",
    "claimed",
    "planned",
    "working",
    "working",
    "working",
    "submitted",
    "checked",
    "closed",
    "looked_back",
];

/// What findings are about: a word that is searched for, and a sentence with it.
const SUBJECTS: [(&str, &str); 24] = [
    ("饮水", "部分供水点无人管护，水费收缴台账不全，群众反映停水未及时修复。"),
    ("路灯", "三个村组的路灯损坏后无人报修，夜间出行不便。"),
    ("低保", "低保动态调整不及时，两户收入核算漏算务工收入。"),
    ("危房", "一户危房已鉴定未改造，仍有老人居住。"),
    ("医保", "参保缴费核对不细，三人重复参保。"),
    ("产业", "产业项目分红未按合同兑现，合作社账目不清。"),
    ("公示", "资金公示栏内容陈旧，未按季度更新。"),
    ("档案", "入户走访档案缺页，照片与记录不符。"),
    ("厕所", "改厕后粪液无人清运，部分闲置。"),
    ("垃圾", "垃圾收运不及时，沟渠有积存。"),
    ("就业", "公益岗位人员考勤流于形式，超龄仍在岗。"),
    ("教育", "雨露计划补助申请漏报，学籍信息未核对。"),
    ("资产", "扶持资金形成的资产未确权登记，出租未签合同。"),
    ("小额信贷", "贷款到期未还未及时跟踪，用途与合同不一致。"),
    ("防返贫", "监测对象风险消除不规范，帮扶措施单一。"),
    ("光伏", "光伏电站停运两个月，收益分配滞后。"),
    ("干部", "驻村干部在岗记录补签，请假手续不全。"),
    ("耕地", "流转耕地撂荒，协议未备案。"),
    ("道路", "通组道路破损未修，安全设施缺失。"),
    ("养老", "养老保险待遇停发不及时。"),
    ("残疾", "残疾人两项补贴对象核查不到位。"),
    ("搬迁", "搬迁点公共设施维护责任不清。"),
    ("通信", "部分自然村信号弱，网络资费政策未落实。"),
    ("积分", "积分超市兑换台账不全，物资未盘点。"),
];

/// Role, region it is held in, and how many of twenty people have it.
const PEOPLE: [(&str, &str, usize); 5] = [
    ("county_office", "990101", 2),
    ("county_supervision", "990101", 1),
    ("township_clerk", "990101100", 6),
    ("township_leader", "990101101", 5),
    ("village_committee", "990101100201", 6),
];

struct Options {
    program: PathBuf,
    findings: usize,
    users: usize,
    seconds: u64,
    think_ms: u64,
    postgres: bool,
    seed: u64,
    keep: Option<PathBuf>,
}

fn main() -> Outcome<()> {
    let options = options()?;
    let seed = options.seed;
    let folder = match &options.keep {
        Some(folder) => folder.clone(),
        None => std::env::temp_dir().join(format!("trial-load-{}", std::process::id())),
    };
    std::fs::create_dir_all(&folder)?;
    let cluster =
        if options.postgres { Some(Cluster::start(&folder.join("cluster"))?) } else { None };
    let place = Place {
        program: options.program.clone(),
        data: folder.join("data"),
        database: cluster.as_ref().map(Cluster::url),
    };
    println!(
        "load: {} findings, {} users, {} s, think {} ms, seed {seed}, {}",
        options.findings,
        options.users,
        options.seconds,
        options.think_ms,
        if options.postgres { "PostgreSQL" } else { "SQLite" }
    );
    if !place.data.join("filled").exists() || options.postgres {
        fill(&place, &options)?;
    }
    let result = measure(&place, &options);
    drop(cluster);
    if options.keep.is_none() {
        let _ = std::fs::remove_dir_all(&folder);
    }
    result
}

fn options() -> Outcome<Options> {
    let mut options = Options {
        program: PathBuf::new(),
        findings: 100_000,
        users: 50,
        seconds: 30,
        think_ms: 1_000,
        postgres: false,
        seed: Random::any_seed(),
        keep: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number =
            || words.next().and_then(|n| n.parse::<u64>().ok()).ok_or("a number is missing");
        match word.as_str() {
            "--findings" => options.findings = usize::try_from(number()?)?,
            "--users" => options.users = usize::try_from(number()?)?,
            "--seconds" => options.seconds = number()?,
            "--think-ms" => options.think_ms = number()?,
            "--seed" => options.seed = number()?,
            "--postgres" => options.postgres = true,
            "--keep" => options.keep = words.next().map(PathBuf::from),
            program => options.program = PathBuf::from(program),
        }
    }
    if options.program.is_file() { Ok(options) } else { Err("name the built program".into()) }
}

fn fill(place: &Place, options: &Options) -> Outcome<()> {
    let start = Instant::now();
    let open = OpenOptions {
        data_dir: place.data.clone(),
        database_url: place.database.clone(),
        ..OpenOptions::default()
    };
    let service = Service::open(&open, Arc::new(SystemClock))?;
    service.build_demo()?;
    add_people(&service, options.users)?;
    let act = Act {
        actor: None,
        verb: "trial.fill".to_owned(),
        at: service.now(),
        reason: None,
        source: "trial".to_owned(),
    };
    let filler = Filler::new(&service)?;
    let numbers: Vec<usize> = (0..options.findings).collect();
    for batch in numbers.chunks(BATCH) {
        service.store().write(&act, |writer| filler.write(writer, batch))?;
    }
    std::fs::write(place.data.join("filled"), "")?;
    println!("filled in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn add_people(service: &Service, count: usize) -> Outcome<()> {
    let roles: Vec<(&str, &str)> = PEOPLE
        .iter()
        .flat_map(|(role, region, share)| std::iter::repeat_n((*role, *region), *share))
        .collect();
    let operator = service.operator();
    for (number, (role, region)) in (0..count).zip(roles.into_iter().cycle()) {
        let login = format!("trial-{number}");
        let new = NewUser {
            login: login.clone(),
            name: format!("试用{number}"),
            unit: None,
            region: RegionCode::parse(region).ok_or("bad region")?,
        };
        service.operator_add_user(&new, role)?;
        let query = Query::new("user").filter(taizhang_store::Filter::eq("login", login.as_str()));
        let user = service.store().read(|reader| reader.list(&query))?.records;
        let user = user.first().ok_or("the account is not there")?;
        service.set_password(&operator, user, PASSWORD)?;
    }
    Ok(())
}

/// Makes findings that look like work: units, people, dates, measures.
struct Filler {
    today: taizhang_values::Date,
    units: Vec<Record>,
    people: Vec<Record>,
    villages: Vec<RegionCode>,
}

impl Filler {
    fn new(service: &Service) -> Outcome<Self> {
        let all = |ledger: &str| {
            let query = Query::new(ledger).limit(500);
            service.store().read(|reader| Ok::<_, StoreError>(reader.list(&query)?.records))
        };
        let regions = all("region")?;
        let villages = regions.iter().filter(|region| region.text("level") == "village");
        Ok(Self {
            today: service.today(),
            units: all("unit")?,
            people: all("user")?,
            villages: villages
                .filter_map(|region| RegionCode::parse(region.text("code")))
                .collect(),
        })
    }

    fn write(&self, writer: &Writer<'_>, numbers: &[usize]) -> Result<(), StoreError> {
        for rows in numbers.chunks(INSPECTION_ROWS) {
            let first = rows.first().copied().unwrap_or(0);
            let values = named([
                ("title", format!("检查{}", first / INSPECTION_ROWS).into()),
                ("source_kind", "inspection".into()),
                ("source_level", "own".into()),
                ("received_on", self.today.into()),
                ("year", 2026.into()),
            ]);
            let region = RegionCode::parse("990101");
            let inspection = NewRecord { region: region.clone(), values, ..NewRecord::default() };
            let inspection = writer.insert("inspection", inspection)?.id;
            let values = named([
                ("text", "明确管护人员，按月巡查".into()),
                ("origin", "letter".into()),
                ("inspection", (&inspection).into()),
            ]);
            let measure = NewRecord { region, values, ..NewRecord::default() };
            let measure = writer.insert("measure", measure)?.id;
            for number in rows {
                let finding = writer.insert("finding", self.finding(*number, &inspection))?;
                if number % 5 == 0 {
                    writer.link("finding", "measures", &finding.id, &measure)?;
                }
            }
        }
        Ok(())
    }

    fn finding(&self, number: usize, inspection: &RecordId) -> NewRecord {
        // One township has a third of all rows, so that its pages are not small.
        let mut villages = self.villages.iter().cycle().skip(number % 97);
        let village = if number.is_multiple_of(3) {
            self.villages.iter().cycle().nth(number % 5)
        } else {
            villages.next()
        };
        let state = STATES.iter().cycle().nth(number % 10).copied().unwrap_or("working");
        let offset = i64::try_from(number % 400).unwrap_or(0) - 20;
        let due_on = self.today.saturating_add(Span::new().days(offset));
        let due_on = (!matches!(state, "closed" | "looked_back")).then_some(due_on);
        let id = |records: &[Record]| records.iter().cycle().nth(number % 31).map(|r| r.id.clone());
        let unit = id(&self.units);
        let (word, sentence) =
            SUBJECTS.iter().cycle().nth(number % 97).copied().unwrap_or_default();
        let problem = format!("{sentence}涉及{}户，村民反映{}次。", number % 613, number % 7);
        let values = named([
            ("number", format!("T-{number:06}").into()),
            ("title", format!("第{number}项：{word}管理不到位").into()),
            ("problem", problem.into()),
            ("category", format!("类别{}", number % 12).into()),
            ("source_kind", "inspection".into()),
            ("source_level", "own".into()),
            ("inspection", inspection.into()),
            ("lead_unit", unit.clone().into()),
            ("responsible_units", unit.map_or(Value::Null, |u| vec![u.to_string()].into())),
            ("person", id(&self.people).into()),
            ("deadline_on", due_on.into()),
            ("due_on", due_on.into()),
        ]);
        NewRecord {
            region: village.cloned(),
            state: Some(state.to_owned()),
            flow_edition: Some(1),
            values,
        }
    }
}

fn named<const COUNT: usize>(pairs: [(&str, Value); COUNT]) -> Values {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

type Times = BTreeMap<&'static str, Vec<Duration>>;

fn measure(place: &Place, options: &Options) -> Outcome<()> {
    let server = place.serve()?;
    let mut browsers = Vec::new();
    for number in 0..options.users {
        browsers.push(sign_in(&server.address, &format!("trial-{number}"), PASSWORD)?);
    }
    let rest = server.memory_kib().0;
    let before = server.processor_seconds();
    let start = Instant::now();
    let end = start + Duration::from_secs(options.seconds);
    let think = Duration::from_millis(options.think_ms);
    let visits: Vec<Outcome<Times>> = std::thread::scope(|scope| {
        let threads: Vec<_> = browsers
            .into_iter()
            .zip(0..)
            .map(|(browser, number)| {
                let random = Random::new(options.seed.wrapping_add(number));
                scope.spawn(move || visit(browser, random, end, think))
            })
            .collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
            thread.join().unwrap_or_else(|_| Err("a visitor panicked".into()))
        };
        threads.into_iter().map(join).collect()
    });
    let elapsed = start.elapsed().as_secs_f64();
    let mut all = Times::new();
    for times in visits {
        for (kind, times) in times? {
            all.entry(kind).or_default().extend(times);
        }
    }
    report(&mut all, elapsed);
    let (now, peak) = server.memory_kib();
    let busy = server.processor_seconds() - before;
    println!(
        "memory {} MiB at rest, {} MiB now, {} MiB peak; processor {busy:.1} s of {elapsed:.1} s",
        rest / 1024,
        now / 1024,
        peak / 1024
    );
    print_machine();
    Ok(())
}

fn print_machine() {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("load average of the machine: {}", load.trim());
}

/// One person reads pages until the end.
fn visit(
    mut browser: Browser,
    mut random: Random,
    end: Instant,
    think: Duration,
) -> Outcome<Times> {
    let mut times = Times::new();
    let mut further = Vec::new();
    let mut rows = Vec::new();
    let think_ms = u64::try_from(think.as_millis())?;
    std::thread::sleep(Duration::from_millis(random.below(think_ms.max(1))));
    while Instant::now() < end {
        let (kind, path) = choose(&mut random, &further, &rows);
        let start = Instant::now();
        let answer = browser.get(&path)?;
        times.entry(kind).or_default().push(start.elapsed());
        if answer.status != 200 {
            return Err(format!("{path}: {}", answer.status).into());
        }
        let text = answer.text();
        if path.starts_with("/issues?") || path == "/issues" {
            let found = links(&text);
            let is_row =
                |link: &&String| link.strip_prefix("/issues/").is_some_and(|id| id.len() == 26);
            rows = found.iter().filter(is_row).cloned().collect();
            further = found.iter().filter(|link| link.contains("after=")).cloned().collect();
        }
        // Between half and one and a half of the mean, so that people do not march in step.
        std::thread::sleep(Duration::from_millis(think_ms / 2 + random.below(think_ms.max(1))));
    }
    Ok(times)
}

/// The next page: what people do with a ledger, by its share.
fn choose(random: &mut Random, further: &[String], rows: &[String]) -> (&'static str, String) {
    let path = |text: &str| text.to_owned();
    match random.below(100) {
        0..25 => ("ledger: first page", path("/issues")),
        25..35 => ("ledger: overdue", path("/issues?tab=overdue")),
        35..43 => ("ledger: near", path("/issues?tab=near")),
        43..51 => ("ledger: open", path("/issues?tab=open")),
        51..57 => ("ledger: sorted", path("/issues?sort=number")),
        57..59 => ("search: number", format!("/issues?text=T-0{:03}", random.below(1000))),
        59..61 => {
            let (word, _) = random.pick(&SUBJECTS).copied().unwrap_or_default();
            ("search: word", format!("/issues?text={}", escaped(word)))
        }
        61..62 => {
            let text = format!("涉及{}户，村民反映{}次", random.below(613), random.below(7));
            ("search: sentence", format!("/issues?text={}", escaped(&text)))
        }
        // What every row holds, and what none does.
        62..63 => ("search: everywhere", format!("/issues?text={}", escaped("村民"))),
        63..64 => ("search: nowhere", format!("/issues?text={}", escaped("养蜂"))),
        64..68 => ("ledger: region", path("/issues?region=990101100201")),
        68..83 => match random.pick(further) {
            Some(next) => ("ledger: next page", next.clone()),
            None => ("ledger: first page", path("/issues")),
        },
        83..90 => ("queue", path("/")),
        _ => match random.pick(rows) {
            Some(row) => ("finding", row.clone()),
            None => ("ledger: first page", path("/issues")),
        },
    }
}

fn report(all: &mut Times, seconds: f64) {
    let mut ledger: Vec<Duration> = Vec::new();
    let mut search: Vec<Duration> = Vec::new();
    let mut count = 0;
    println!(
        "{:<20} {:>7} {:>8} {:>8} {:>8} {:>8}",
        "page", "count", "p50 ms", "p95", "p99", "max"
    );
    for (kind, times) in all.iter_mut() {
        line(kind, times);
        count += times.len();
        if kind.starts_with("search") {
            search.extend(times.iter());
        }
        if kind.starts_with("ledger") || kind.starts_with("search") {
            ledger.extend(times.iter());
        }
    }
    line("all searches", &mut search);
    line("all ledger pages", &mut ledger);
    #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
    let rate = count as f64 / seconds;
    println!("{count} requests, {rate:.1} a second");
}

fn line(kind: &str, times: &mut [Duration]) {
    let [p50, p95, p99, most] = percentiles_ms(times, [50, 95, 99, 100]);
    let count = times.len();
    println!("{kind:<20} {count:>7} {p50:>8.1} {p95:>8.1} {p99:>8.1} {most:>8.1}");
}

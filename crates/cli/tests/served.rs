//! The real server as a child process, on both databases: it starts beside what a broken program
//! left, lets people in, shows and saves a record, and ends when it is asked to.
//!
//! `TAIZHANG_TEST_POSTGRES` names a server.

use std::path::PathBuf;
use std::sync::Arc;
use taizhang_service::accounts::NewUser;
use taizhang_service::{OpenOptions, Service, SystemClock};
use taizhang_store::{Act, NewRecord, Record, Values};
use taizhang_values::{RegionCode, Value};
use tempfile::TempDir;
use trials::http::Browser;
use trials::page::form;
use trials::program::{Place, sign_in};

const TOWN: &str = "990101100";
const VILLAGE: &str = "990101100201";
const PASSWORD: &str = "quiet river 42 stones";

/// A field of words that nothing masks.
const FIELD: &str = "risk_note";
const WORDS: &str = "房屋漏雨，已报修";

fn for_each_database(check: impl Fn(Option<String>)) {
    check(None);
    let Some(server) = std::env::var("TAIZHANG_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
    else {
        println!("skipped on PostgreSQL: TAIZHANG_TEST_POSTGRES is not set");
        return;
    };
    let name = format!("tz_served_{}", std::process::id());
    let mut client = postgres::Client::connect(&server, postgres::NoTls).unwrap();
    client.batch_execute(&format!("CREATE SCHEMA {name}")).unwrap();
    let mark = if server.contains('?') { '&' } else { '?' };
    check(Some(format!("{server}{mark}options=-c%20search_path%3D{name}")));
    client.batch_execute(&format!("DROP SCHEMA {name} CASCADE")).unwrap();
}

fn open(folder: &TempDir, database_url: Option<String>) -> Service {
    let data_dir = folder.path().join("data");
    let options = OpenOptions { data_dir, database_url, ..OpenOptions::default() };
    Service::open(&options, Arc::new(SystemClock)).unwrap()
}

/// A clerk of the township, and his first password.
fn add_clerk(service: &Service) -> String {
    let region = RegionCode::parse(TOWN).unwrap();
    let new = NewUser { login: "clerk".to_owned(), name: "周雯".to_owned(), unit: None, region };
    service.operator_add_user(&new, "township_clerk").unwrap()
}

fn insert<const COUNT: usize>(
    service: &Service,
    ledger: &str,
    values: [(&str, Value); COUNT],
) -> Record {
    let at = service.now();
    let (verb, source) = (format!("{ledger}.create"), "test".to_owned());
    let act = Act { actor: None, verb, at, reason: None, source };
    let values: Values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let new = NewRecord { region: RegionCode::parse(VILLAGE), values, ..NewRecord::default() };
    service.store().write(&act, |writer| writer.insert(ledger, new.clone())).unwrap()
}

fn stored(service: &Service, record: &Record) -> Record {
    let found = service.store().read(|reader| reader.get(&record.ledger, &record.id));
    found.unwrap().expect("it is there")
}

/// Signs in with a first password, takes another one and signs in with that.
fn come_in(address: &str, first: &str) -> Browser {
    let entry = Browser::new(address).get("/sign-in").unwrap();
    assert!(entry.status == 200 && entry.text().contains("name=\"password\""));
    assert!(sign_in(address, "clerk", "not this one").is_err());
    let mut browser = sign_in(address, "clerk", first).unwrap();
    let page = browser.get("/password").unwrap().text();
    let change = form(&page, "/password").expect("a form for the new password");
    let change = change.with("old_password", first).with("new_password", PASSWORD);
    let answer = browser.post("/password", &change.with("again", PASSWORD).fields).unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text());
    sign_in(address, "clerk", PASSWORD).unwrap()
}

/// Changes one field of a household by its page, as a person does, and looks at the page again.
fn save_by_the_page(browser: &mut Browser, household: &Record) {
    let address = format!("/records/{}/edit?ledger=household", household.id);
    let page = browser.get(&address).unwrap();
    assert_eq!(page.status, 200, "{}", page.text());
    let edited = form(&page.text(), &address).expect("a form that goes where it came from");
    assert!(edited.fields.iter().any(|(name, _)| name == FIELD), "{:?}", edited.fields);
    let edited = edited.with(FIELD, WORDS).with("change_reason", "核实");
    let answer = browser.post(&address, &edited.fields).unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text());
    let shown = browser.get(&format!("/records/{}?ledger=household", household.id)).unwrap();
    assert!(shown.text().contains(WORDS), "what was saved is shown");
}

#[test]
fn the_served_program_lets_in_saves_and_ends_when_asked() {
    for_each_database(|database| {
        let folder = tempfile::tempdir().unwrap();
        let service = open(&folder, database.clone());
        let first = add_clerk(&service);
        let household = insert(&service, "household", [("household_no", "0001".into())]);
        // What a program leaves that does not live to end its run.
        let as_of = Value::from(service.today());
        let status = Value::from("running");
        let values = [("title", "全部规则".into()), ("as_of", as_of), ("check_status", status)];
        let run = insert(&service, "check_run", values);
        drop(service);

        let program = PathBuf::from(env!("CARGO_BIN_EXE_taizhang"));
        let data = folder.path().join("data");
        let place = Place { program, data, database: database.clone() };
        let server = place.serve().unwrap();
        let mut browser = come_in(&server.address, &first);
        save_by_the_page(&mut browser, &household);
        let status = server.end().unwrap();
        assert_eq!(status.code(), Some(0), "{status}");

        let service = open(&folder, database);
        assert_eq!(stored(&service, &household).values[FIELD].as_text(), Some(WORDS));
        assert_eq!(stored(&service, &run).values["check_status"].as_text(), Some("failed"));
    });
}

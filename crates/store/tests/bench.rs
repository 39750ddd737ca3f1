//! What every test needs: a small codebook, a fresh store on each database, acts and records.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use taizhang_codebook::{
    Codebook, EditMode, Field, FieldType, Ledger, Relation, RelationKind, SensitiveClass,
    SnapshotPart,
};
use taizhang_diagnostics::Message;
use taizhang_store::{
    Act, Database, KeyRing, NewRecord, Reader, Record, RecordId, RegionCode, Store, StoreError,
    StoreOptions, Timestamp, Value, Values, Writer,
};
use taizhang_values::RegionLevel;

/// The codebook of the tests, one ledger a paragraph: fields as `name type`, `!` required,
/// `u` unique, `i` indexed, `s` searched, `~class` sensitive; `>` begins a relation.
pub const CODEBOOK: &str = "
region
  code region !u
  name text !
  parent region i
unit village
  name text !i
  parent ref:unit
  is_active boolean
user village
  login text !u
  name text
  unit ref:unit i
  phone text ~phone
  id_number text u~identity
  illness text ~health
finding village
  number text !us
  title text !s
  problem long_text s
  topic code i
  due_on date i
  closed_on date i
  percent percent
  return_count integer
  amount_fen money
  state_since instant
  is_long_term boolean
  lead_unit ref:unit i
  parent ref:finding i
  responsible_units texts
  reason text
  > measures links measure
  > evidence links evidence
  > children many finding parent
  > lead one unit lead_unit
measure village
  code text ^former_codes
  former_codes texts
  area decimal
  started_month month +
  text long_text !
  > findings links finding
evidence village
  file_name text !
";

pub fn codebook(text: &str) -> Codebook {
    let mut ledgers: BTreeMap<String, Ledger> = BTreeMap::new();
    let mut current: Option<Ledger> = None;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if !line.starts_with(' ') {
            ledgers.extend(current.take().map(|ledger| (ledger.name.clone(), ledger)));
            current = Some(ledger(words[0], words.get(1).is_some()));
        } else if words[0] == ">" {
            let kind = match words[2] {
                "links" => RelationKind::Links,
                "many" => RelationKind::Many,
                _ => RelationKind::One,
            };
            current.as_mut().unwrap().relations.push(Relation {
                name: words[1].to_owned(),
                label: Message::default(),
                kind,
                ledger: words[3].to_owned(),
                by: words.get(4).map(|&by| by.to_owned()),
            });
        } else {
            current.as_mut().unwrap().fields.push(field(&words));
        }
    }
    ledgers.extend(current.take().map(|ledger| (ledger.name.clone(), ledger)));
    Codebook { name: "test".to_owned(), ledgers, ..Codebook::default() }
}

fn ledger(name: &str, has_home: bool) -> Ledger {
    Ledger {
        name: name.to_owned(),
        label: Message::default(),
        home: has_home.then_some(RegionLevel::Village),
        edit: EditMode::Direct,
        purpose: Message::default(),
        flow: None,
        title_field: None,
        nest: None,
        snapshot: SnapshotPart::Whole,
        fields: Vec::new(),
        relations: Vec::new(),
    }
}

fn field(words: &[&str]) -> Field {
    let marks = words.get(2).copied().unwrap_or("");
    let (marks, former) = marks.split_once('^').unwrap_or((marks, ""));
    let (plain, class) = marks.split_once('~').unwrap_or((marks, ""));
    let (kind, ledger) = words[1].split_once(':').unwrap_or((words[1], ""));
    let field_type = match kind {
        "ref" => FieldType::Reference,
        other => serde_json::from_value(serde_json::json!(other)).unwrap(),
    };
    let sensitive: Option<SensitiveClass> =
        (!class.is_empty()).then(|| serde_json::from_value(serde_json::json!(class)).unwrap());
    Field {
        name: words[0].to_owned(),
        label: Message::default(),
        field_type,
        codes: None,
        ledger: (!ledger.is_empty()).then(|| ledger.to_owned()),
        is_required: plain.contains('!'),
        is_unique: plain.contains('u'),
        is_indexed: plain.contains('i'),
        is_searched: plain.contains('s'),
        former: (!former.is_empty()).then(|| former.to_owned()),
        sensitive,
        holds: None,
        since: None,
        until: None,
        length_max: None,
        minimum: None,
        maximum: None,
        synonyms: Vec::new(),
        hint: None,
    }
}

/// A fresh store, and the way to open it again.
pub struct Bench {
    pub store: Store,
    pub database: Database,
    pub keys: KeyRing,
    pub directory: tempfile::TempDir,
}

impl Bench {
    pub fn options(&self) -> StoreOptions {
        StoreOptions {
            database: self.database.clone(),
            files_dir: self.files_dir(),
            keys: self.keys.clone(),
        }
    }

    pub fn files_dir(&self) -> PathBuf {
        self.directory.path().join("files")
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.database, Database::Postgres(_))
    }

    /// Runs SQL past the store, as somebody with a shell would; triggers are off.
    pub fn tamper(&self, sql: &str) {
        match &self.database {
            Database::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                let triggers: Vec<String> = connection
                    .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
                    .unwrap()
                    .query_map([], |row| row.get(0))
                    .unwrap()
                    .map(Result::unwrap)
                    .collect();
                for trigger in triggers {
                    connection.execute_batch(&format!("DROP TRIGGER \"{trigger}\"")).unwrap();
                }
                connection
                    .execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF")
                    .unwrap();
                connection.execute_batch(sql).unwrap();
            }
            Database::Postgres(url) => {
                let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
                let settings =
                    "SET session_replication_role = replica; SET synchronous_commit = off";
                client.batch_execute(settings).unwrap();
                client.batch_execute(sql).unwrap();
            }
        }
    }

    /// One whole number from SQL past the store.
    pub fn number(&self, sql: &str) -> i64 {
        match &self.database {
            Database::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.query_row(sql, [], |row| row.get(0)).unwrap()
            }
            Database::Postgres(url) => {
                let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
                client.query_one(sql, &[]).unwrap().get(0)
            }
        }
    }

    pub fn execute(&self, sql: &str) {
        match &self.database {
            Database::Sqlite(path) => {
                rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
            }
            Database::Postgres(url) => {
                let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
                client.batch_execute(sql).unwrap();
            }
        }
    }

    pub fn read<T>(&self, work: impl FnOnce(&Reader<'_>) -> Result<T, StoreError>) -> T {
        self.store.read(work).unwrap()
    }

    pub fn write<T>(
        &self,
        verb: &str,
        work: impl FnOnce(&Writer<'_>) -> Result<T, StoreError>,
    ) -> T {
        self.store.write(&act(verb), work).unwrap()
    }

    pub fn insert(&self, ledger: &str, new: NewRecord) -> Record {
        self.write("test.insert", |w| w.insert(ledger, new))
    }
}

/// Drops a test's schema when it goes out of scope.
struct Dropped {
    server: String,
    name: String,
}

impl Drop for Dropped {
    fn drop(&mut self) {
        if let Ok(mut client) = postgres::Client::connect(&self.server, postgres::NoTls) {
            let _ = client.batch_execute(&format!("DROP SCHEMA {} CASCADE", self.name));
        }
    }
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

fn server_url() -> Option<String> {
    let url = std::env::var("TAIZHANG_TEST_POSTGRES").ok().filter(|url| !url.is_empty());
    if url.is_none() {
        println!("skipped on PostgreSQL: TAIZHANG_TEST_POSTGRES is not set");
    }
    url
}

/// The server's URL with a schema of the test's own, which costs a tenth of a database.
fn with_schema(server: &str, name: &str) -> String {
    let mark = if server.contains('?') { '&' } else { '?' };
    format!("{server}{mark}application_name={name}&options=-c%20search_path%3D{name}")
}

/// Runs a check on a fresh store of each database.
pub fn for_each_database(check: impl Fn(&Bench)) {
    for_each_database_with(&codebook(CODEBOOK), check);
}

pub fn for_each_database_with(codebook: &Codebook, check: impl Fn(&Bench)) {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(directory.path().join("taizhang.sqlite"));
    check(&open(database, directory, codebook));
    if let Some(server) = server_url() {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("tz_test_{}_{number}", std::process::id());
        let mut client = postgres::Client::connect(&server, postgres::NoTls).unwrap();
        client.batch_execute(&format!("CREATE SCHEMA {name}")).unwrap();
        let url = with_schema(&server, &name);
        let _dropped = Dropped { server, name };
        check(&open(Database::Postgres(url), tempfile::tempdir().unwrap(), codebook));
    }
}

fn open(database: Database, directory: tempfile::TempDir, codebook: &Codebook) -> Bench {
    let keys = KeyRing::random().unwrap();
    let options = StoreOptions {
        database: database.clone(),
        files_dir: directory.path().join("files"),
        keys: keys.clone(),
    };
    let store = Store::open(options, Arc::new(codebook.clone())).unwrap();
    Bench { store, database, keys, directory }
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn act(verb: &str) -> Act {
    act_at(verb, "2026-11-22T02:00:00Z")
}

pub fn act_at(verb: &str, moment: &str) -> Act {
    Act {
        actor: Some(RecordId::from_parts(1, 1)),
        verb: verb.to_owned(),
        at: at(moment),
        reason: None,
        source: "test".to_owned(),
    }
}

pub fn values<const COUNT: usize>(pairs: [(&str, Value); COUNT]) -> Values {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

pub fn region(code: &str) -> Option<RegionCode> {
    Some(RegionCode::parse(code).unwrap())
}

/// A finding with number and title, in a village of the invented county.
pub fn finding(number: &str) -> NewRecord {
    NewRecord {
        region: region("990101102203"),
        state: Some("received".to_owned()),
        flow_edition: Some(1),
        values: values([("number", number.into()), ("title", "资金拨付不及时".into())]),
    }
}

pub fn finding_with<const COUNT: usize>(number: &str, more: [(&str, Value); COUNT]) -> NewRecord {
    let mut new = finding(number);
    new.values.extend(values(more));
    new
}

/// Numbers from a seed, so that a failure can be repeated.
pub struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn number(&mut self, range: std::ops::RangeInclusive<i64>) -> i64 {
        let mixed = taizhang_values::next_random(&mut self.0);
        let width = u64::try_from(range.end() - range.start() + 1).unwrap();
        range.start() + i64::try_from(mixed % width).unwrap()
    }
}

//! Text search: the index finds what the rows hold, no more and no less.

use crate::bench::{
    Bench, CODEBOOK, Random, act, codebook, finding_with, for_each_database,
    for_each_database_with, values,
};
use std::sync::Arc;
use taizhang_store::{Change, Database, Filter, Query, Record, Store, StoreOptions};

/// Characters that meet often, that fold their case or must not, and that SQL or JSON know.
const CHARACTERS: [&str; 16] = [
    "水",
    "安",
    "全",
    "安全",
    "A",
    "a",
    "é",
    "É",
    "%",
    "_",
    "\\",
    "\"",
    "\n",
    "\u{1f}",
    "\u{1F600}",
    "K",
];

fn random_text(random: &mut Random, length: i64) -> String {
    (0..random.number(0..=length)).map(|_| CHARACTERS[random.number(0..=15) as usize]).collect()
}

/// Numbers of the records that a filter finds, by list, by count and by grouped count.
fn found(bench: &Bench, filter: Filter) -> Vec<String> {
    let query = Query::new("finding").filter(filter).sort("number", false).limit(1000);
    let page = bench.read(|reader| reader.list(&query));
    let numbers: Vec<String> = page.records.iter().map(|r| r.text("number").to_owned()).collect();
    assert_eq!(bench.read(|reader| reader.count(&query)), numbers.len() as u64);
    let groups = bench.read(|reader| reader.count_by(&query, "state"));
    assert_eq!(groups.iter().map(|(_, count)| count).sum::<u64>(), numbers.len() as u64);
    let further = [Filter::Greater("number".to_owned(), "5".into()), Filter::Or(vec![])];
    let each = bench.read(|reader| reader.count_by_each(&query, "state", &further));
    let greater = numbers.iter().filter(|number| number.as_str() > "5").count() as u64;
    let sum = |at: usize| each.iter().map(|(_, _, each)| each[at]).sum::<u64>();
    assert_eq!((sum(0), sum(1)), (greater, 0));
    let all: Vec<_> = each.iter().map(|(value, count, _)| (value.clone(), *count)).collect();
    assert_eq!(all, groups);
    numbers
}

/// Compares the index with the plain filter, which an `Or` leaves as it is.
fn compare(bench: &Bench, texts: &[String]) -> usize {
    let all = ["number", "title", "problem"].map(str::to_owned);
    let mut hits = 0;
    for text in texts {
        for fields in [&all[..], &all[1..2], &all[2..]] {
            let search = Filter::AnyContains(fields.to_vec(), text.clone());
            let plain = Filter::Or(vec![search.clone()]);
            let numbers = found(bench, plain);
            assert_eq!(found(bench, search.clone()), numbers, "{fields:?} {text:?}");
            let not_open = search.and(Filter::eq("state", "received"));
            assert_eq!(found(bench, not_open), numbers, "{fields:?} {text:?}");
            hits += numbers.len();
        }
    }
    hits
}

fn questions(random: &mut Random, count: usize) -> Vec<String> {
    (0..count).map(|_| random_text(random, 4)).filter(|text| !text.is_empty()).collect()
}

/// Random inserts, edits and deletions.
fn work(bench: &Bench, random: &mut Random, count: i64) {
    let mut records: Vec<Record> = Vec::new();
    for number in 0..count {
        let new = finding_with(
            &format!("{number}-{}", random_text(random, 2)),
            [
                ("title", format!("题{}", random_text(random, 8)).into()),
                ("problem", random_text(random, 30).into()),
            ],
        );
        records.push(bench.insert("finding", new));
        let chosen = random.number(0..=records.len() as i64 - 1) as usize;
        match random.number(0..=3) {
            0 => {
                let change = Change {
                    values: values([("problem", random_text(random, 30).into())]),
                    ..Change::default()
                };
                let record = &records[chosen];
                let updated = bench.store.write(&act("t.edit"), |w| {
                    w.update("finding", &record.id, record.version, change)
                });
                records[chosen] =
                    updated.unwrap_or_else(|error: taizhang_store::StoreError| panic!("{error}"));
            }
            1 => {
                let record = records.swap_remove(chosen);
                let gone: Result<(), taizhang_store::StoreError> = bench
                    .store
                    .write(&act("t.delete"), |w| w.delete("finding", &record.id, record.version));
                gone.unwrap();
            }
            _ => {}
        }
    }
}

#[test]
fn search_finds_exactly_what_the_rows_hold() {
    for_each_database(|bench| {
        let seed = 20261122;
        let mut random = Random::new(seed);
        work(bench, &mut random, 150);
        let hits = compare(bench, &questions(&mut random, 60));
        assert!(hits > 500, "seed {seed}: only {hits} hits, the texts do not meet");
    });
}

#[test]
fn common_text_is_found_beyond_the_bound_of_candidates() {
    for_each_database(|bench| {
        let written: Result<(), taizhang_store::StoreError> =
            bench.store.write(&act("t.add"), |writer| {
                for number in 0..5100 {
                    let problem = format!("饮水{number}");
                    let new = finding_with(&format!("{number:04}"), [("problem", problem.into())]);
                    writer.insert("finding", new)?;
                }
                Ok(())
            });
        written.unwrap();
        let count = |text: &str| {
            let filter = Filter::Contains("problem".to_owned(), text.to_owned());
            bench.read(|r| r.count(&Query::new("finding").filter(filter)))
        };
        assert_eq!(
            [count("饮水"), count("水"), count("饮水209"), count("水饮")],
            [5100, 5100, 11, 0]
        );
    });
}

/// The codebook with or without searched fields.
fn marked(is_searched: bool) -> taizhang_codebook::Codebook {
    let mut codebook = codebook(CODEBOOK);
    for field in codebook.ledgers.get_mut("finding").unwrap().fields.iter_mut() {
        field.is_searched &= is_searched;
    }
    codebook
}

#[test]
fn index_that_comes_later_holds_the_rows_that_were_there() {
    for_each_database_with(&marked(false), |bench| {
        let mut random = Random::new(7);
        work(bench, &mut random, 60);
        let texts = questions(&mut random, 20);
        for codebook in [marked(true), codebook(CODEBOOK), marked(false), marked(true)] {
            let options = StoreOptions {
                database: bench.database.clone(),
                files_dir: bench.directory.path().join("files"),
                keys: bench.keys.clone(),
            };
            let store = Store::open(options, Arc::new(codebook)).unwrap();
            let search = |text: &String, is_plain: bool| {
                let filter = Filter::Contains("problem".to_owned(), text.clone());
                let filter = if is_plain { Filter::Or(vec![filter]) } else { filter };
                let query = Query::new("finding").filter(filter).limit(1000);
                let page: Result<_, taizhang_store::StoreError> = store.read(|r| r.list(&query));
                page.unwrap().records
            };
            for text in &texts {
                assert_eq!(search(text, false), search(text, true), "{text:?}");
            }
            // What this opening writes, the next must find, with the index or without.
            let new = finding_with(
                &format!("later {}", random.number(0..=1_000_000_000)),
                [("problem", texts.concat().into())],
            );
            let made: Result<Record, taizhang_store::StoreError> =
                store.write(&act("t.add"), |writer| writer.insert("finding", new));
            made.unwrap();
        }
    });
}

#[test]
fn sealed_fields_reach_no_search_index() {
    let mut codebook = codebook(CODEBOOK);
    for field in codebook.ledgers.get_mut("user").unwrap().fields.iter_mut() {
        field.is_searched = true;
    }
    for_each_database_with(&codebook, |bench| {
        let user = taizhang_store::NewRecord {
            values: values([("login", "甲".into()), ("phone", "13900000000".into())]),
            ..taizhang_store::NewRecord::default()
        };
        bench.insert("user", user);
        if let Database::Sqlite(path) = &bench.database {
            let connection = rusqlite::Connection::open(path).unwrap();
            let terms = "CREATE VIRTUAL TABLE temp.terms USING \
                         fts5vocab('main', 'store_search_user', 'row')";
            connection.execute_batch(terms).unwrap();
            let count = |sql: &str| connection.query_row(sql, [], |r| r.get::<_, i64>(0)).unwrap();
            // The one character of the login; a digit of the phone would be another term.
            assert_eq!(count("SELECT count(*) FROM temp.terms"), 1);
        }
    });
}

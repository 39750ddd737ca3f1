//! Lists: filters, order, paging, counts.

use crate::bench::{Bench, finding_with, for_each_database, region, values};
use std::collections::BTreeSet;
use taizhang_store::{Cursor, Filter, NewRecord, Query, StoreError, Value};
use taizhang_values::{RegionCode, parse_date};

fn date(text: &str) -> Value {
    parse_date(text).unwrap().into()
}

/// Six findings in two townships.
fn sample(bench: &Bench) {
    let rows = [
        ("1", "990101102203", "received", "funds", Some("2026-12-01"), Some(10)),
        ("2", "990101102203", "working", "funds", Some("2026-11-01"), None),
        ("3", "990101102999", "working", "assets", None, Some(50)),
        ("4", "990101103001", "closed", "assets", Some("2026-12-01"), Some(100)),
        ("5", "990101103001", "closed", "", None, None),
        ("6", "990102100001", "received", "style", Some("2027-01-01"), Some(0)),
    ];
    for (number, place, state, topic, due_on, percent) in rows {
        let mut new = finding_with(
            number,
            [
                ("title", format!("问题{number}").into()),
                ("problem", format!("100%_{number} Alpha\\").into()),
                ("topic", topic.into()),
                ("due_on", due_on.map(|day| parse_date(day).unwrap()).into()),
                ("percent", percent.into()),
                ("responsible_units", vec![format!("单位{number}"), "民政局".to_owned()].into()),
            ],
        );
        new.region = region(place);
        new.state = Some(state.to_owned());
        bench.insert("finding", new);
    }
}

/// Numbers of the findings that pass, in order.
fn numbers(bench: &Bench, query: &Query) -> String {
    let page = bench.read(|r| r.list(query));
    let numbers: Vec<&str> = page.records.iter().map(|record| record.text("number")).collect();
    numbers.join(" ")
}

fn name(text: &str) -> String {
    text.to_owned()
}

#[test]
fn filters_choose_the_same_rows_on_both_databases() {
    for_each_database(|bench| {
        sample(bench);
        let under = |code: &str| Filter::Under(RegionCode::parse(code).unwrap());
        let not = |filter: Filter| Filter::Not(Box::new(filter));
        let cases = [
            (Filter::All, "1 2 3 4 5 6"),
            (Filter::eq("state", "working"), "2 3"),
            (not(Filter::eq("topic", "funds")), "3 4 5 6"),
            (Filter::Eq(name("topic"), Value::Null), "5"),
            (Filter::In(name("topic"), vec!["funds".into(), "style".into()]), "1 2 6"),
            (Filter::In(name("topic"), vec![Value::Null, "style".into()]), "5 6"),
            (Filter::In(name("topic"), vec!["fu\0nds".into(), "style\0".into()]), "1 2 6"),
            (Filter::In(name("topic"), vec!["no\0funds".into(), "\0style\0x".into()]), ""),
            (Filter::In(name("topic"), vec![]), ""),
            (Filter::Less(name("due_on"), date("2026-12-01")), "2"),
            (Filter::AtMost(name("due_on"), date("2026-12-01")), "1 2 4"),
            (Filter::Greater(name("percent"), 10.into()), "3 4"),
            (Filter::AtLeast(name("percent"), 10.into()), "1 3 4"),
            (not(Filter::AtLeast(name("percent"), 10.into())), "2 5 6"),
            (Filter::Less(name("percent"), Value::Null), ""),
            (Filter::IsEmpty(name("due_on")), "3 5"),
            (not(Filter::IsEmpty(name("due_on"))), "1 2 4 6"),
            (Filter::Contains(name("problem"), name("100%_3")), "3"),
            (Filter::Contains(name("problem"), name("1%")), ""),
            (Filter::Contains(name("problem"), name("aLPHA\\")), "1 2 3 4 5 6"),
            (Filter::AnyContains(vec![name("title"), name("number")], name("6")), "6"),
            (Filter::AnyContains(vec![], name("6")), ""),
            (Filter::ListHas(name("responsible_units"), name("单位4")), "4"),
            (Filter::ListHas(name("responsible_units"), name("单位")), ""),
            (under("990101102"), "1 2 3"),
            (under("990101"), "1 2 3 4 5"),
            (under(""), "1 2 3 4 5 6"),
            (under("990109"), ""),
            (Filter::And(vec![under("990101"), Filter::eq("state", "closed")]), "4 5"),
            (Filter::And(vec![]), "1 2 3 4 5 6"),
            (Filter::Or(vec![]), ""),
            (Filter::Or(vec![Filter::eq("number", "1"), Filter::eq("state", "closed")]), "1 4 5"),
        ];
        for (filter, expected) in cases {
            let query = Query::new("finding").filter(filter.clone()).sort("number", false);
            assert_eq!(numbers(bench, &query), expected, "{filter:?}");
            let count = bench.read(|r| r.count(&query));
            assert_eq!(count, expected.split_whitespace().count() as u64, "{filter:?}");
        }
    });
}

#[test]
fn missing_values_stand_last_in_both_directions() {
    for_each_database(|bench| {
        sample(bench);
        let cases = [
            (vec![("due_on", false)], "2 1 4 6 3 5"),
            (vec![("due_on", true)], "6 4 1 2 5 3"),
            (vec![("topic", false), ("due_on", true)], "4 3 1 2 6 5"),
            (vec![("due_on", false), ("number", true)], "2 4 1 6 5 3"),
            (vec![], "6 5 4 3 2 1"),
            (vec![("id", false)], "1 2 3 4 5 6"),
            (vec![("updated_at", true)], "6 5 4 3 2 1"),
        ];
        for (sort, expected) in cases {
            let mut query = Query::new("finding");
            for (field, descending) in &sort {
                query = query.sort(field, *descending);
            }
            assert_eq!(numbers(bench, &query), expected, "{sort:?}");
        }
    });
}

#[test]
fn pages_forward_and_back_visit_each_row_once() {
    for_each_database(|bench| {
        sample(bench);
        let sorts: [&[(&str, bool)]; 7] = [
            &[],
            &[("due_on", false)],
            &[("due_on", true)],
            &[("percent", true)],
            &[("topic", false), ("percent", true)],
            &[("state", true), ("due_on", false), ("number", false)],
            &[("region", false)],
        ];
        for sort in sorts {
            let mut query = Query::new("finding");
            for (field, descending) in sort {
                query = query.sort(field, *descending);
            }
            let whole = numbers(bench, &query);
            for limit in 1..=7 {
                walk(bench, &query.clone().limit(limit), &whole);
            }
        }
    });
}

/// Walks all pages forward and all the way back; both ways show the whole list once.
fn walk(bench: &Bench, query: &Query, whole: &str) {
    let mut forward = Vec::new();
    let mut query = query.clone();
    let mut last;
    loop {
        let page = bench.read(|r| r.list(&query));
        forward.extend(page.records.iter().map(|record| record.text("number").to_owned()));
        assert_eq!(page.previous.is_some(), query.after.is_some());
        last = page.previous.clone();
        match page.next {
            // A mark survives its way through an address.
            Some(next) => query.after = Some(Cursor::from_text(next.as_str())),
            None => {
                let on_last = page.records.iter().map(|record| record.text("number").to_owned());
                let on_last: Vec<String> = on_last.collect();
                assert_eq!(forward.join(" "), whole, "{query:?}");
                let mut back = on_last;
                while let Some(mark) = last {
                    query.after = Some(mark);
                    let page = bench.read(|r| r.list(&query));
                    assert!(page.next.is_some());
                    let before: Vec<String> = page
                        .records
                        .iter()
                        .map(|record| record.text("number").to_owned())
                        .collect();
                    back.splice(0..0, before);
                    last = page.previous;
                }
                assert_eq!(back.join(" "), whole, "{query:?}");
                return;
            }
        }
    }
}

#[test]
fn marks_of_other_lists_are_refused() {
    for_each_database(|bench| {
        sample(bench);
        let by_due = Query::new("finding").sort("due_on", false).limit(2);
        let mark = bench.read(|r| r.list(&by_due)).next.unwrap();
        let flipped = {
            let mut text = mark.as_str().to_owned().into_bytes();
            let place = text.len() / 2;
            text[place] = if text[place] == b'A' { b'B' } else { b'A' };
            Cursor::from_text(std::str::from_utf8(&text).unwrap())
        };
        let cases = [
            (Query::new("finding").sort("due_on", true), mark.clone()),
            (Query::new("finding"), mark.clone()),
            (Query::new("unit"), mark.clone()),
            (by_due.clone(), Cursor::from_text("")),
            (by_due.clone(), Cursor::from_text("%' OR 1=1 --")),
            (by_due.clone(), Cursor::from_text(&"A".repeat(100_000))),
        ];
        for (query, mark) in cases {
            let result: Result<_, StoreError> =
                bench.store.read(|r| r.list(&query.clone().after(Some(mark.clone()))));
            assert!(matches!(result, Err(StoreError::BadCursor)), "{query:?} {result:?}");
        }
        // A flipped mark is refused or leads to some place of the same list, never to a fault.
        let result: Result<_, StoreError> =
            bench.store.read(|r| r.list(&by_due.clone().after(Some(flipped.clone()))));
        assert!(matches!(result, Ok(_) | Err(StoreError::BadCursor)), "{result:?}");
    });
}

#[test]
fn values_are_counted_by_group() {
    for_each_database(|bench| {
        sample(bench);
        let cases = [
            ("topic", "assets 2, funds 2, style 1,  1"),
            ("state", "closed 2, received 2, working 2"),
            ("due_on", "2026-12-01 2,  2, 2026-11-01 1, 2027-01-01 1"),
            ("is_long_term", " 6"),
        ];
        for (field, expected) in cases {
            let groups = bench.read(|r| r.count_by(&Query::new("finding"), field));
            let told: Vec<String> =
                groups.iter().map(|(value, count)| format!("{value} {count}")).collect();
            assert_eq!(told.join(", "), expected, "{field}");
        }
        let open = Query::new("finding").filter(Filter::eq("state", "working"));
        assert_eq!(bench.read(|r| r.count_by(&open, "topic")).len(), 2);
    });
}

#[test]
fn questions_that_cannot_be_answered_say_so() {
    for_each_database(|bench| {
        let cases = [
            Query::new("finding").sort("responsible_units", false),
            Query::new("finding").sort("colour", false),
            Query::new("user").sort("phone", false),
            Query::new("user").filter(Filter::eq("illness", "x")),
            Query::new("user").filter(Filter::Less(name("phone"), "1".into())),
            Query::new("finding").filter(Filter::eq("percent", "x")),
            Query::new("finding").filter(Filter::Contains(name("percent"), name("1"))),
            Query::new("finding").filter(Filter::ListHas(name("title"), name("1"))),
            Query::new("nothing"),
        ];
        for query in cases {
            let result: Result<_, StoreError> = bench.store.read(|r| r.list(&query));
            assert!(result.is_err(), "{query:?}");
        }
        let deep = (0..100).fold(Filter::All, |inner, _| Filter::Not(Box::new(inner)));
        let result: Result<_, StoreError> =
            bench.store.read(|r| r.list(&Query::new("finding").filter(deep.clone())));
        assert!(matches!(result, Err(StoreError::BadQuery(_))));
    });
}

#[test]
fn long_filters_are_answered_or_refused() {
    for_each_database(|bench| {
        sample(bench);
        let many = |count: i64| {
            Filter::Or((1..=count).map(|n| Filter::eq("number", n.to_string())).collect())
        };
        let query = Query::new("finding").filter(many(5000));
        assert_eq!(bench.read(|r| r.count(&query)), 6);
        let all = (1..=20_000).map(|n| Value::Text(n.to_string())).collect();
        let query = Query::new("finding").filter(Filter::In(name("number"), all));
        assert_eq!(bench.read(|r| r.count(&query)), 6);
        let long = Filter::Contains(name("title"), "问".repeat(100_000));
        let result: Result<_, StoreError> =
            bench.store.read(|r| r.count(&Query::new("finding").filter(long)));
        assert!(matches!(result, Err(StoreError::BadQuery(_))));
    });
}

#[test]
fn linked_records_are_filtered_by_relation() {
    for_each_database(|bench| {
        sample(bench);
        let all = bench.read(|r| r.list(&Query::new("finding").sort("number", false))).records;
        let measure = bench.insert(
            "measure",
            NewRecord { values: values([("text", "整改".into())]), ..NewRecord::default() },
        );
        bench.write("finding.plan", |w| {
            w.link("finding", "measures", &all[0].id, &measure.id)?;
            w.link("finding", "measures", &all[3].id, &measure.id)
        });
        let by_measure = Filter::Linked { relation: name("measures"), to: measure.id.clone() };
        let query = Query::new("finding").filter(by_measure).sort("number", false);
        assert_eq!(numbers(bench, &query), "1 4");
        let by_finding = Filter::Linked { relation: name("findings"), to: all[3].id.clone() };
        let query = Query::new("measure").filter(by_finding);
        assert_eq!(bench.read(|r| r.count(&query)), 1);
        let ids: Vec<_> = all.iter().map(|record| record.id.clone()).collect();
        let many = bench.read(|r| r.linked_many("finding", "measures", &ids));
        let with_links: BTreeSet<_> = many.keys().cloned().collect();
        assert_eq!(with_links, BTreeSet::from([ids[0].clone(), ids[3].clone()]));
        assert_eq!(bench.read(|r| r.get_many("finding", &ids)).len(), 6);
    });
}

#[test]
fn regions_themselves_are_found_under_a_region() {
    for_each_database(|bench| {
        for code in ["990101", "990101102", "990101102203", "990102"] {
            let new = NewRecord {
                values: values([("code", code.into()), ("name", "某地".into())]),
                ..NewRecord::default()
            };
            bench.insert("region", new);
        }
        let under = Filter::Under(RegionCode::parse("990101").unwrap());
        assert_eq!(bench.read(|r| r.count(&Query::new("region").filter(under))), 3);
    });
}

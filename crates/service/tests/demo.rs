//! The demonstration county, which is also the longest walk through the use cases.

use crate::support::demo_house;
use taizhang_service::report::MakeReport;
use taizhang_store::{Act, Change, Filter, Query, StoreError, Values};
use taizhang_values::Value;

#[test]
fn demo_tells_its_story_through_the_use_cases() {
    let house = demo_house();
    let store = house.service.store();
    let by_state = store.read(|reader| reader.count_by(&Query::new("finding"), "state")).unwrap();
    let states: Vec<String> =
        by_state.iter().map(|(state, count)| format!("{state} {count}")).collect();
    let expected = [
        "claimed 1",
        "closed 1",
        "long_term 1",
        "looked_back 1",
        "planned 1",
        "registered 1",
        "submitted 1",
        "working 5",
    ];
    let mut sorted = states.clone();
    sorted.sort();
    assert_eq!(sorted, expected);
}

#[test]
fn report_binds_every_number_and_lints_clean() {
    let house = demo_house();
    let clerk = house.caller("clerk");
    let inspections = house.service.inspections(&clerk, None, 10).unwrap().records;
    for template in house.service.codebook().report_templates.keys() {
        for inspection in &inspections {
            let input = MakeReport {
                template: template.clone(),
                inspection: inspection.id.clone(),
                issuer: None,
                date: None,
            };
            let (record, faults) = house.service.make_report(&clerk, &input).unwrap();
            assert!(faults.is_empty(), "{template}: {faults:?}");
            let stored = house.service.report(&clerk, &record.id).unwrap();
            for binding in stored.report.bindings.iter().filter(|bound| bound.whole.is_empty()) {
                assert_eq!(binding.value, binding.rows.len().to_string(), "{}", binding.indicator);
            }
            let faults = house.service.report_faults(&stored.report);
            assert!(faults.is_empty(), "{template}: {faults:#?}");
        }
    }
    let all = house.service.store().read(|r| r.count(&Query::new("report").filter(Filter::All)));
    assert!(all.unwrap() > 0);
}

#[test]
fn report_to_nobody_shows_the_gap() {
    let house = demo_house();
    let service = &house.service;
    let clerk = house.caller("clerk");
    let (template, _) = service
        .codebook()
        .report_templates
        .iter()
        .find(|(_, template)| template.addressee.is_some())
        .unwrap();
    let inspection = service.inspections(&clerk, None, 10).unwrap().records.remove(0);
    let act = Act {
        actor: None,
        verb: "test.clear".to_owned(),
        at: service.now(),
        reason: None,
        source: "test".to_owned(),
    };
    let nobody = Values::from([("source_body".to_owned(), Value::Null)]);
    let done: Result<(), StoreError> = service.store().write(&act, |writer| {
        let change = Change { values: nobody.clone(), ..Change::default() };
        writer.update("inspection", &inspection.id, inspection.version, change)?;
        Ok(())
    });
    done.unwrap();
    let input = MakeReport {
        template: template.clone(),
        inspection: inspection.id.clone(),
        issuer: None,
        date: None,
    };
    let (record, faults) = service.make_report(&clerk, &input).unwrap();
    assert_eq!(faults.len(), 1, "{faults:?}");
    let report = service.report(&clerk, &record.id).unwrap().report;
    assert_eq!(report.addressee.as_deref(), Some("【主送机关】"));
}

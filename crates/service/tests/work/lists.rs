//! Queue, ledger, finding page and bulk acts.

use super::world::{VILLAGES, World, date, for_each_database};
use taizhang_diagnostics::Language;
use taizhang_service::ServiceError;
use taizhang_service::work::{
    BulkAct, BulkInput, FindingAct, LedgerFilter, LedgerTab, QueueCounts, QueueSection,
};
use taizhang_store::Record;
use taizhang_values::{RecordId, RegionCode};

fn working(world: &World, deadline: &str) -> RecordId {
    let finding = world.finding("own", deadline);
    world.bring_to(&finding, "working");
    finding
}

#[test]
fn queue_counts_what_is_due_for_the_person() {
    for_each_database(|world| {
        for deadline in ["2026-05-18", "2026-05-20", "2026-05-21", "2026-05-27", "2026-05-28"] {
            working(world, deadline);
        }
        let waiting = world.finding("own", "2026-06-30");
        world.bring_to(&waiting, "submitted");
        world.go_to("2026-05-20");
        let counts = |login: &str| {
            world.service().queue(&world.caller(login), QueueSection::DueToday).unwrap().counts
        };
        let village =
            QueueCounts { due_today: 1, overdue: 1, week: 2, to_approve: 0, started: 0, all: 5 };
        assert_eq!(counts("village"), village, "the waiting row is not theirs to move");
        assert_eq!(counts("leader").to_approve, 1);
        assert_eq!(counts("village-two"), QueueCounts::default());
        let rows = |login: &str, section| {
            world.service().queue(&world.caller(login), section).unwrap().rows
        };
        let overdue = rows("village", QueueSection::Overdue);
        assert_eq!(overdue.len(), 1);
        assert_eq!(overdue[0].light.words().zh, "超期 2 天");
        let waiting = rows("leader", QueueSection::ToApprove);
        assert_eq!(waiting[0].light.words().zh, "超期 65 天");
    });
}

#[test]
fn ledger_tabs_count_rows_and_pages_hold_them_all() {
    for_each_database(|world| {
        for deadline in ["2026-05-18", "2026-05-19", "2026-05-22", "2026-06-30", ""] {
            let finding = world.finding("own", deadline);
            if deadline == "2026-05-19" {
                world.bring_to(&finding, "working");
            }
        }
        let closed = world.finding("own", "2026-05-01");
        world.bring_to(&closed, "closed");
        world.go_to("2026-05-20");
        let clerk = world.caller("clerk");
        let list = world.service().ledger_list(&clerk, &LedgerFilter::default()).unwrap();
        let counts: Vec<String> =
            list.tabs.iter().map(|(tab, count)| format!("{} {count}", tab.name())).collect();
        let expected = [
            "all 6",
            "open 5",
            "overdue 2",
            "near 1",
            "waiting 0",
            "long_term 0",
            "closed 1",
            "void 0",
        ];
        assert_eq!(counts, expected);
        for tab in LedgerTab::ALL {
            let mut filter = LedgerFilter { tab, size: 2, ..LedgerFilter::default() };
            let mut seen = Vec::new();
            let total = loop {
                let page = world.service().ledger_list(&clerk, &filter).unwrap();
                seen.extend(page.rows.iter().map(|row| row.record.id.clone()));
                if page.next.is_none() {
                    break page.total;
                }
                filter = filter.from_mark(page.next);
            };
            let unique: std::collections::BTreeSet<_> = seen.iter().collect();
            assert_eq!((seen.len(), unique.len()), (total as usize, total as usize), "{tab:?}");
        }
        let stranger = world.caller("elsewhere");
        let list = world.service().ledger_list(&stranger, &LedgerFilter::default()).unwrap();
        assert_eq!((list.total, list.rows.len()), (0, 0));
    });
}

#[test]
fn ledger_filters_choose_rows() {
    for_each_database(|world| {
        let first = world.finding_in(VILLAGES[0], "own", "2026-05-20");
        world.finding_in(VILLAGES[1], "upper", "2026-06-20");
        let unit = world.id("unit:village").to_string();
        let person = world.id("village").to_string();
        let cases = [
            ("", 2),
            ("source_level=upper", 1),
            ("region=990101100201", 1),
            ("region=990101100", 2),
            ("text=2026-001", 1),
            ("text=供水点", 2),
            ("text=道路", 0),
            ("due_from=2026-06-01", 1),
            ("due_to=2026-06-01", 1),
            ("state=registered", 2),
            ("state=working", 0),
            ("returned=1", 0),
            (&format!("unit={unit}"), 2),
            (&format!("person={person}"), 2),
            ("after=nonsense", 2),
            ("sort=-number", 2),
        ];
        for (address, expected) in cases {
            let pairs = address.split('&').filter_map(|pair| pair.split_once('='));
            let filter = LedgerFilter::parse(pairs);
            let list = world.service().ledger_list(&world.caller("clerk"), &filter).unwrap();
            assert_eq!(list.total, expected, "{address}");
            assert_eq!(list.rows.len() as u64, expected, "{address}");
        }
        let row = world.service().ledger_list(&world.caller("clerk"), &LedgerFilter::default());
        let row = &row.unwrap().rows[0];
        assert_eq!(row.record.id, first);
        assert_eq!(row.lead_unit.as_deref(), Some("单位office"));
        assert_eq!(row.units, ["单位village"]);
    });
}

#[test]
fn finding_page_offers_what_the_person_may_do() {
    for_each_database(|world| {
        let finding = working(world, "2026-05-20");
        let page =
            |login: &str| world.service().finding_page(&world.caller(login), &finding).unwrap();
        let village = page("village");
        assert_eq!(
            village.acts,
            [
                FindingAct::EditMeasures,
                FindingAct::LogProgress,
                FindingAct::AddEvidence,
                FindingAct::ReachStageGoal,
                FindingAct::RequestExtension
            ]
        );
        let steps: Vec<(&str, usize)> =
            village.steps.iter().map(|offer| (offer.step.as_str(), offer.refusals.len())).collect();
        // hold_long_term: role; submit: evidence and progress are missing
        assert_eq!(steps, [("hold_long_term", 1), ("submit", 2)]);
        assert_eq!(village.measures.len(), 1);
        assert_eq!(village.history[0].verb, "finding.start");
        assert_eq!(village.undo, Some(("finding.start".to_owned(), village.finding.version)));
        assert!(page("clerk").acts.contains(&FindingAct::Assign));
        assert!(page("clerk").undo.is_none());
        let by_stranger = world.service().finding_page(&world.caller("elsewhere"), &finding);
        assert!(by_stranger.is_err());
    });
}

#[test]
fn bulk_act_tells_each_result_apart() {
    for_each_database(|world| {
        let one = working(world, "2026-05-20");
        let stale = working(world, "2026-05-20");
        let closed = world.finding("own", "2026-05-20");
        world.bring_to(&closed, "closed");
        let mut shown: Vec<_> =
            [&one, &stale, &closed].iter().map(|finding| world.shown(finding)).collect();
        shown[1].version -= 1;
        let input = BulkInput {
            findings: shown,
            act: BulkAct::ChangeDeadline {
                new_deadline_on: date("2026-07-01"),
                reason: "汛期".to_owned(),
            },
        };
        let by_clerk = world.service().bulk(&world.caller("clerk"), &input).unwrap();
        let is_denied = |outcome: &Result<Record, ServiceError>| {
            matches!(outcome, Err(ServiceError::Denied { .. }))
        };
        assert!(by_clerk.iter().all(|row| is_denied(&row.outcome)), "deadlines are the leader's");
        let rows = world.service().bulk(&world.caller("leader"), &input).unwrap();
        let outcomes: Vec<String> = rows
            .into_iter()
            .map(|row| world.outcome(row.outcome.map(drop), &row.finding))
            .collect();
        assert_eq!(outcomes, ["working", "conflict", "refused F0316"]);
        assert_eq!(world.record("finding", &one).get("deadline_on").to_string(), "2026-07-01");
        let page = world.service().finding_page(&world.caller("clerk"), &one).unwrap();
        assert_eq!(page.extensions[0].text("decision"), "granted");
        let input = BulkInput {
            findings: vec![world.shown(&one), world.shown(&closed)],
            act: BulkAct::Remind,
        };
        let rows = world.service().bulk(&world.caller("clerk"), &input).unwrap();
        let outcomes: Vec<bool> = rows.iter().map(|row| row.outcome.is_ok()).collect();
        assert_eq!(outcomes, [true, false]);
        let messages = world.service().unread_messages(&world.caller("village")).unwrap();
        assert_eq!(messages.iter().filter(|m| m.text("kind") == "near_due").count(), 1);
    });
}

#[test]
fn conditions_of_a_list_are_told_in_words() {
    for_each_database(|world| {
        let unit = world.id("unit:office").to_string();
        let filter = LedgerFilter::parse([
            ("tab", "overdue"),
            ("text", "饮水"),
            ("state", "claimed"),
            ("unit", unit.as_str()),
            ("region", VILLAGES[0]),
            ("due_to", "2026-05-01"),
            ("sort", "-number"),
        ]);
        let told = |language| -> String {
            let caller = world.caller("clerk");
            let words = world.service().filter_words(&caller, &filter, language).unwrap();
            words.iter().map(|(name, value)| format!("{name}={value};")).collect()
        };
        let unit =
            world.service().store().read(|reader| reader.get("unit", &world.id("unit:office")));
        let unit = unit.unwrap().unwrap().text("name").to_owned();
        let region = RegionCode::parse(VILLAGES[0]).unwrap();
        let place = world.service().region_name(&region).unwrap();
        assert_eq!(
            told(Language::Zh),
            format!("分类=超期;文字=饮水;状态=认领分析;单位={unit};属地={place};到期=—2026-05-01;")
        );
        assert!(told(Language::En).starts_with("Tab=Late;Text=饮水;"), "{}", told(Language::En));
        let all = LedgerFilter::parse([("sort", "number"), ("size", "20")]);
        let caller = world.caller("clerk");
        assert!(world.service().filter_words(&caller, &all, Language::Zh).unwrap().is_empty());
    });
}

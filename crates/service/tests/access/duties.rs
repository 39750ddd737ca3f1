//! Nobody judges his own work, nobody gives himself a right, administrators see no casework,
//! and a right that was taken away is gone with the next call.

use crate::support::{TestHouse, demo_house};
use crate::work::world::{World, for_each_database};
use std::sync::{Arc, LazyLock, Mutex, mpsc};
use std::time::Duration;
use taizhang_codebook::Codebook;
use taizhang_service::accounts::{NewGrant, NewUser, SignIn};
use taizhang_service::demo::DEMO_PASSWORD;
use taizhang_service::work::{LedgerFilter, QueueSection};
use taizhang_service::{Caller, Clock, Service, ServiceError};
use taizhang_store::{Act, Change, Filter, Query, Record, StoreError, Values};
use taizhang_values::{RecordId, RegionCode, Timestamp, Value};

/// One county for the tests that change nothing that another of them looks at.
static HOUSE: LazyLock<TestHouse> = LazyLock::new(demo_house);

/// Puts somebody among those responsible for a finding, as `field`.
fn make_responsible(world: &World, finding: &RecordId, field: &str, value: Value) {
    let record = world.record("finding", finding);
    let act = Act {
        actor: None,
        verb: "test.assign".to_owned(),
        at: world.service().now(),
        reason: None,
        source: "test".to_owned(),
    };
    let values = Values::from([(field.to_owned(), value)]);
    let change = Change { values, ..Change::default() };
    let done: Result<Record, StoreError> = world
        .service()
        .store()
        .write(&act, |w| w.update("finding", finding, record.version, change));
    done.unwrap();
}

#[test]
fn nobody_accepts_or_closes_what_he_is_responsible_for() {
    crate::work::world::for_each_database(|world| {
        let me = |login: &str| Value::from(world.id(login));
        let unit = |name: &str| Value::from(vec![world.id(&format!("unit:{name}")).to_string()]);
        let cases: [(&str, &str, Value, &str, &str); 6] = [
            ("submitted", "leader", me("leader"), "leader", "refused F0111"),
            ("submitted", "person", me("leader"), "leader", "refused F0111"),
            ("submitted", "responsible_units", unit("town"), "leader", "refused F0112"),
            ("submitted", "responsible_units", unit("discipline"), "discipline", "refused F0112"),
            ("submitted", "responsible_units", unit("village"), "leader", "checked"),
            ("checked", "responsible_units", unit("county"), "county", "refused F0112"),
        ];
        for (state, field, value, who, expected) in cases {
            let finding = world.finding("own", "2026-12-31");
            world.bring_to(&finding, state);
            make_responsible(world, &finding, field, value);
            let verb = if state == "submitted" { "accept" } else { "close" };
            let result = world.act(who, verb, &finding, "passed sample opinion");
            let outcome = world.outcome(result, &finding);
            assert_eq!(outcome, expected, "{who} {verb}s with {field}");
        }
    });
}

#[test]
fn nobody_accepts_what_he_handed_in_whatever_his_roles() {
    crate::work::world::for_each_database(|world| {
        let finding = world.finding("own", "2026-12-31");
        world.bring_to(&finding, "working");
        for verb in ["progress", "evidence"] {
            world.act("village", verb, &finding, "").unwrap();
        }
        let mut both = world.caller("leader");
        both.grants.extend(world.caller("village").grants);
        let shown = world.shown(&finding);
        let result = "已落实管护员".to_owned();
        let input = taizhang_service::work::SubmitInput { shown, result };
        world.service().submit(&both, &input).unwrap();
        let result = world.act("leader", "accept", &finding, "passed sample");
        assert_eq!(world.outcome(result, &finding), "refused F0113");
        let result = world.act("leader-two", "accept", &finding, "passed sample");
        assert_eq!(world.outcome(result, &finding), "checked");
    });
}

#[test]
fn nobody_gives_himself_a_right() {
    let security = HOUSE.caller("security");
    let region = security.grants[0].region.clone();
    for role in ["county_office", "security_admin", "audit_admin", "county_supervision"] {
        let input = grant(&security.user, role, &region);
        let refused = HOUSE.service.give_grant(&security, &input);
        assert!(matches!(refused, Err(ServiceError::Denied { .. })), "{role}: {refused:?}");
    }
    for login in ["admin", "audit", "county", "clerk", "leader", "village"] {
        let caller = HOUSE.caller(login);
        let input = grant(&caller.user, "county_office", &region);
        let refused = HOUSE.service.give_grant(&caller, &input);
        assert!(matches!(refused, Err(ServiceError::Denied { .. })), "{login}: {refused:?}");
        let input = grant(&HOUSE.caller("team").user, "county_office", &region);
        let refused = HOUSE.service.give_grant(&caller, &input);
        assert!(matches!(refused, Err(ServiceError::Denied { .. })), "{login}: {refused:?}");
    }
}

fn grant(user: &RecordId, role: &str, region: &RegionCode) -> NewGrant {
    let (user, role, region) = (user.clone(), role.to_owned(), region.clone());
    NewGrant { user, role, region, unit: None, since: None, until: None }
}

#[test]
fn administrators_see_no_casework_by_any_way() {
    let clerk = HOUSE.caller("clerk");
    let service = &HOUSE.service;
    let all = service.ledger_list(&clerk, &LedgerFilter::default()).unwrap();
    let finding = all.rows[0].record.id.clone();
    let letter = service.letters(&clerk, None, 1).unwrap().records[0].id.clone();
    let inspection = service.inspections(&clerk, None, 1).unwrap().records[0].id.clone();
    for login in ["admin", "security", "audit"] {
        let caller = HOUSE.caller(login);
        let list = service.ledger_list(&caller, &LedgerFilter::default());
        assert!(matches!(list, Err(ServiceError::Denied { .. })), "{login}");
        for section in QueueSection::ALL {
            let queue = service.queue(&caller, section);
            assert!(matches!(queue, Err(ServiceError::Denied { .. })), "{login}");
        }
        let export = service.export_ledger(&caller, &LedgerFilter::default());
        assert!(matches!(export, Err(ServiceError::Denied { .. })), "{login}");
        assert!(matches!(service.finding_page(&caller, &finding), Err(ServiceError::NotFound)));
        assert!(matches!(service.letter_page(&caller, &letter), Err(ServiceError::NotFound)));
        assert!(matches!(service.inspection(&caller, &inspection), Err(ServiceError::NotFound)));
        assert!(service.letters(&caller, None, 50).unwrap().records.is_empty(), "{login}");
        assert!(service.inspections(&caller, None, 50).unwrap().records.is_empty(), "{login}");
        assert!(service.reports(&caller, None, 50).unwrap().records.is_empty(), "{login}");
        assert!(service.imports(&caller, None, 50).unwrap().records.is_empty(), "{login}");
    }
}

#[test]
fn each_administrator_is_refused_the_others_acts() {
    let service = &HOUSE.service;
    let region = RegionCode::parse("990101").unwrap();
    let new = NewUser {
        login: "somebody-new".to_owned(),
        name: "新人".to_owned(),
        unit: None,
        region: region.clone(),
    };
    let filter = taizhang_store::AuditFilter::default();
    let is_denied =
        |result: Result<(), ServiceError>| matches!(result, Err(ServiceError::Denied { .. }));
    for login in ["security", "audit", "county", "clerk"] {
        let caller = HOUSE.caller(login);
        assert!(
            is_denied(service.create_user(&caller, &new).map(drop)),
            "{login} makes an account"
        );
    }
    for login in ["admin", "security", "county", "clerk"] {
        let caller = HOUSE.caller(login);
        assert!(
            is_denied(service.audit_lines(&caller, &filter, None, 5).map(drop)),
            "{login} audits"
        );
    }
    let audit = HOUSE.caller("audit");
    assert!(!service.audit_lines(&audit, &filter, None, 5).unwrap().is_empty());
}

#[test]
fn nobody_comes_by_a_second_administrators_office() {
    let house = demo_house();
    let service = &house.service;
    let (admin, security) = (house.caller("admin"), house.caller("security"));
    for login in ["security", "audit"] {
        let target = house.caller(login).user;
        let refused = service.reset_password(&admin, &target);
        assert!(matches!(refused, Err(ServiceError::Denied { .. })), "{login}: {refused:?}");
        let still = SignIn {
            login: login.to_owned(),
            password: DEMO_PASSWORD.to_owned(),
            address: "10.0.0.3".to_owned(),
            device: None,
        };
        assert!(service.sign_in(&still).is_ok(), "{login} keeps the password");
    }
    service.reset_password(&admin, &house.caller("clerk").user).unwrap();
    let region = security.grants[0].region.clone();
    let code = |result: Result<Record, ServiceError>| match result {
        Ok(_) => "given".to_owned(),
        Err(ServiceError::Invalid(faults)) => faults[0].code.clone(),
        Err(other) => format!("{other:?}"),
    };
    let new = |login: &str| {
        let (login, name) = (login.to_owned(), "某人".to_owned());
        let new = NewUser { login, name, unit: None, region: region.clone() };
        service.create_user(&admin, &new).unwrap()
    };
    let (fresh, first) = new("fresh");
    let give = |user: &RecordId, role: &str| {
        code(service.give_grant(&security, &grant(user, role, &region)))
    };
    let cases = [
        (&admin.user, "audit_admin", "S0209"),
        (&admin.user, "security_admin", "S0209"),
        (&house.caller("audit").user, "system_admin", "S0209"),
        (&house.caller("county").user, "audit_admin", "given"),
        (&house.caller("county").user, "system_admin", "S0209"),
        (&fresh.id, "audit_admin", "S0210"),
        (&fresh.id, "county_office", "given"),
    ];
    for (user, role, expected) in cases {
        assert_eq!(give(user, role), expected, "{role}");
    }
    let caller = house.caller("fresh");
    service.change_password(&caller, &first, "quite-another-word-7").unwrap();
    assert_eq!(give(&fresh.id, "audit_admin"), "given");
}

#[test]
fn a_unit_outside_the_givers_power_is_named_by_no_right_and_no_account() {
    let house = demo_house();
    let service = &house.service;
    let town = house.caller("clerk").grants[0].region.clone();
    let units = service.units(&house.caller("county")).unwrap();
    let of = |fits: &dyn Fn(&RegionCode) -> bool| {
        let found = units.iter().find(|unit| unit.region.as_ref().is_some_and(fits));
        found.unwrap().id.clone()
    };
    let (inside, above) = (of(&|code| *code == town), of(&|code| code.as_str().len() == 6));
    let narrow = |login: &str| {
        let mut caller = house.caller(login);
        for grant in &mut caller.grants {
            grant.region = town.clone();
        }
        caller
    };
    let leader = house.caller("leader").user;
    let code = |result: Result<(), ServiceError>| match result {
        Ok(()) => "done".to_owned(),
        Err(ServiceError::Invalid(faults)) => faults[0].code.clone(),
        Err(other) => format!("{other:?}"),
    };
    let nowhere = RecordId::from_parts(1, 1);
    for (place, unit, expected) in
        [(0, &above, "S0211"), (1, &nowhere, "S0211"), (2, &inside, "done")]
    {
        let unit = Some(unit.clone());
        let right = NewGrant { unit: unit.clone(), ..grant(&leader, "township_clerk", &town) };
        let given = service.give_grant(&narrow("security"), &right).map(drop);
        assert_eq!(code(given), expected, "a right");
        let login = format!("unit-{place}");
        let new = NewUser { login, name: "某人".to_owned(), unit, region: town.clone() };
        assert_eq!(code(service.create_user(&narrow("admin"), &new).map(drop)), expected);
    }
}

#[test]
fn refusal_names_those_who_can_give_the_right() {
    let village = HOUSE.caller("village");
    let region = RegionCode::parse("990101").unwrap();
    let refused = HOUSE.service.give_grant(&village, &grant(&village.user, "helper", &region));
    let Err(ServiceError::Denied { needed, granters }) = refused else { panic!("{refused:?}") };
    assert_eq!(needed, "grants.manage");
    assert_eq!(granters, ["安全管理员"]);
}

/// What the person of a session may see: number of findings, or the refusal.
fn seen(house: &TestHouse, token: &str) -> String {
    match house.service.session(token) {
        Err(error) => format!("{error:?}"),
        Ok(session) => match house.service.ledger_list(&session.caller, &LedgerFilter::default()) {
            Ok(list) if list.total > 0 => "rows".to_owned(),
            Ok(_) => "no rows".to_owned(),
            Err(error) => format!("{error:?}").chars().take(6).collect(),
        },
    }
}

fn sign_in(house: &TestHouse, login: &str) -> String {
    let input = SignIn {
        login: login.to_owned(),
        password: DEMO_PASSWORD.to_owned(),
        address: "10.0.0.9".to_owned(),
        device: None,
    };
    house.service.sign_in(&input).unwrap().token
}

#[test]
fn right_taken_away_is_gone_with_the_next_call() {
    let house = demo_house();
    let service = &house.service;
    let (admin, security) = (house.caller("admin"), house.caller("security"));
    let clerk = sign_in(&house, "clerk");
    let leader = sign_in(&house, "leader");
    assert_eq!(
        (seen(&house, &clerk), seen(&house, &leader)),
        ("rows".to_owned(), "rows".to_owned())
    );
    let grants = service.grants(&security, &house.caller("clerk").user).unwrap();
    assert_eq!(grants.len(), 1);
    service.take_grant(&security, &grants[0].id, grants[0].version, "调岗").unwrap();
    assert_eq!(seen(&house, &clerk), "Denied");
    let user = house.caller("leader").user;
    let version =
        service.store().read(|reader| reader.get("user", &user)).unwrap().unwrap().version;
    service.set_user_active(&admin, &user, version, false).unwrap();
    assert_eq!(seen(&house, &leader), "NotSignedIn");
    service.set_user_active(&admin, &user, version + 1, true).unwrap();
    assert_eq!(seen(&house, &leader), "NotSignedIn", "an old session does not come back to life");
}

#[test]
fn grant_holds_from_its_first_to_its_last_day() {
    let house = demo_house();
    let service = &house.service;
    let security = house.caller("security");
    let region = RegionCode::parse("990101100").unwrap();
    let day = |text: &str| Some(text.parse().unwrap());
    let cases = [
        (None, None, true),
        (day("2026-11-20"), day("2026-11-20"), true),
        (day("2026-11-21"), None, false),
        (None, day("2026-11-19"), false),
    ];
    for (number, (since, until, holds)) in cases.into_iter().enumerate() {
        let new = NewUser {
            login: format!("dated-{number}"),
            name: "有期".to_owned(),
            unit: None,
            region: region.clone(),
        };
        let (user, _) = service.create_user(&house.caller("admin"), &new).unwrap();
        let input = NewGrant { since, until, ..grant(&user.id, "township_clerk", &region) };
        service.give_grant(&security, &input).unwrap();
        let caller: Caller = house.caller(&new.login);
        let rows = service.ledger_list(&caller, &LedgerFilter::default());
        assert_eq!(rows.is_ok_and(|list| list.total > 0), holds, "{since:?} to {until:?}");
    }
    let query = Query::new("grant").filter(Filter::All).limit(100);
    let grants = service.store().read(|reader| reader.list(&query)).unwrap().records;
    assert!(grants.len() >= cases.len());
}

/// A clock that lets something happen when it is first asked.
struct Meddler {
    now: Timestamp,
    act: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Clock for Meddler {
    fn now(&self) -> Timestamp {
        let act = self.act.lock().unwrap().take();
        if let Some(act) = act {
            act();
        }
        self.now
    }
}

#[test]
fn an_office_given_while_a_password_is_reset_is_not_known_to_the_resetter() {
    for_each_database(|world| {
        let service = world.service();
        let region = RegionCode::parse("990101").unwrap();
        for (login, role) in [("admin", "system_admin"), ("security", "security_admin")] {
            let (login, name) = (login.to_owned(), "某人".to_owned());
            let new = NewUser { login, name, unit: None, region: region.clone() };
            service.operator_add_user(&new, role).unwrap();
        }
        let (admin, security) = (world.caller("admin"), world.caller("security"));
        let target = world.caller("clerk").user;
        let codebook = Arc::new(Codebook::embedded("rural").unwrap());
        let made = |clock| Service::new(service.store().clone(), Arc::clone(&codebook), clock);
        let other = made(world.house.clock.clone());
        let input = grant(&target, "audit_admin", &region);
        let (sender, given) = mpsc::channel();
        let (waited, go_on) = mpsc::channel();
        let meddle = move || {
            std::thread::spawn(move || {
                let result = other.give_grant(&security, &input).is_ok();
                let _ = waited.send(());
                sender.send(result).unwrap();
            });
            // Within a transaction the grant waits for its end; nobody waits for the grant then.
            let _ = go_on.recv_timeout(Duration::from_millis(1_500));
        };
        let clock = Meddler { now: service.now(), act: Mutex::new(Some(Box::new(meddle))) };
        let meddled = made(Arc::new(clock));
        let is_reset = meddled.reset_password(&admin, &target).is_ok();
        let is_given = given.recv_timeout(Duration::from_secs(30)).unwrap();
        assert!(is_reset != is_given, "reset {is_reset}, given {is_given}");
    });
}

//! Two people at once: exactly one of them wins.

use super::world::{World, for_each_database};
use taizhang_service::ServiceError;
use taizhang_service::work::{AcceptInput, Shown};

fn form(shown: Shown) -> AcceptInput {
    AcceptInput {
        shown,
        is_passed: true,
        on: None,
        sample: "抽查三处".to_owned(),
        sample_size: None,
        sample_failed: None,
        is_on_site: true,
        opinion: String::new(),
        new_deadline_on: None,
    }
}

fn race(world: &World) {
    let finding = world.finding("own", "2026-05-20");
    world.bring_to(&finding, "submitted");
    let shown = world.shown(&finding);
    let outcomes: Vec<Result<_, ServiceError>> = std::thread::scope(|scope| {
        let accept = |login: &'static str| {
            let (service, caller, shown) =
                (world.service().clone(), world.caller(login), shown.clone());
            scope.spawn(move || service.accept(&caller, &form(shown)))
        };
        let threads = [accept("leader"), accept("leader-two"), accept("discipline")];
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let winners = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(winners, 1, "{outcomes:?}");
    for outcome in outcomes.into_iter().filter_map(Result::err) {
        assert!(matches!(outcome, ServiceError::Conflict(_)), "{outcome:?}");
    }
    let page = world.service().finding_page(&world.caller("clerk"), &finding).unwrap();
    assert_eq!(page.acceptances.len(), 1);
}

#[test]
fn of_three_who_accept_at_once_one_wins() {
    for_each_database(|world| {
        for _ in 0..10 {
            race(world);
        }
    });
}

//! Signing in, guessing, sessions and passwords.

use crate::support::{NOW, TestHouse, demo_directory, demo_house, options_in};
use taizhang_service::accounts::{NewUser, SignIn};
use taizhang_service::demo::DEMO_PASSWORD;
use taizhang_service::{FixedClock, Service, ServiceError};
use taizhang_values::{RegionCode, Timestamp};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// Moves the clock to so many seconds after the start.
fn wait_until(house: &TestHouse, seconds: i64) {
    let start: Timestamp = NOW.parse().unwrap();
    house.clock.set(Timestamp::from_second(start.as_second() + seconds).unwrap());
}

fn attempt(login: &str, password: &str, address: &str, device: Option<&str>) -> SignIn {
    SignIn {
        login: login.to_owned(),
        password: password.to_owned(),
        address: address.to_owned(),
        device: device.map(str::to_owned),
    }
}

/// The answer in a word; what the outside can tell apart.
fn answer(house: &TestHouse, input: &SignIn) -> String {
    match house.service.sign_in(input) {
        Ok(_) => "in".to_owned(),
        Err(ServiceError::SignInFailed) => "failed".to_owned(),
        Err(ServiceError::Throttled { .. }) => "throttled".to_owned(),
        Err(other) => format!("{other:?}"),
    }
}

#[test]
fn ten_wrong_passwords_throttle_and_time_opens_again() {
    let house = demo_house();
    let wrong = attempt("clerk", "wrong-password-1", "10.0.0.1", None);
    let mut failed = 0;
    let mut at = 0;
    // Patient guessing: each time as soon as an attempt is taken.
    while failed < 10 {
        assert!(at < HOUR, "{failed} tries taken within an hour");
        match answer(&house, &wrong).as_str() {
            "failed" => failed += 1,
            "throttled" => at += 1,
            other => panic!("{other}"),
        }
        wait_until(&house, at);
    }
    assert!(at >= 2 + 4 + 8 + 16, "ten tries took {at} s only");
    let right = attempt("clerk", DEMO_PASSWORD, "10.0.0.2", None);
    assert_eq!(answer(&house, &right), "throttled", "the right password is not tried either");
    let Err(ServiceError::Throttled { until }) = house.service.sign_in(&right) else { panic!() };
    let start: Timestamp = NOW.parse().unwrap();
    wait_until(&house, at + 10 * MINUTE);
    assert_eq!(answer(&house, &right), "throttled");
    wait_until(&house, until.as_second() - start.as_second());
    assert_eq!(answer(&house, &right), "in");
}

#[test]
fn lock_lasts_its_time_although_the_window_moves_on() {
    /// Minutes of the wrong tries, then minutes of the right one with its answer.
    type Case<'a> = (&'a [i64], &'a [(i64, &'a str)]);
    let cases: [Case<'_>; 4] = [
        (&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], &[(16, "throttled"), (23, "throttled"), (25, "in")]),
        (&[0, 1, 2, 3, 4, 5, 6, 7, 8, 16], &[(17, "in")]),
        (&[0, 2, 4, 6, 8, 10, 12, 13, 14, 30, 31], &[(32, "in")]),
        (&[0, 2, 4, 6, 8, 10, 12, 13, 14, 15], &[(28, "throttled"), (31, "in")]),
    ];
    for (wrong, right) in cases {
        let house = demo_house();
        for minute in wrong {
            wait_until(&house, minute * MINUTE);
            answer(&house, &attempt("clerk", "wrong-password-1", "10.0.0.1", None));
        }
        for (minute, expected) in right {
            wait_until(&house, minute * MINUTE);
            let right = attempt("clerk", DEMO_PASSWORD, "10.0.0.2", None);
            assert_eq!(answer(&house, &right), *expected, "{wrong:?}, then at {minute}");
        }
    }
}

#[test]
fn guesses_sent_at_once_are_no_more_than_those_sent_one_by_one() {
    let house = demo_house();
    let wrong = attempt("clerk", "wrong-password-1", "10.0.0.1", None);
    let taken: usize = std::thread::scope(|scope| {
        let guess = || usize::from(answer(&house, &wrong) == "failed");
        let threads: Vec<_> = (0..24).map(|_| scope.spawn(guess)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert!((5..=10).contains(&taken), "{taken} of 24 guesses at once were taken");
}

#[test]
fn patient_guessing_gets_at_most_forty_tries_an_hour() {
    let house = demo_house();
    let mut taken = 0;
    for second in (0..HOUR).step_by(2) {
        wait_until(&house, second);
        let wrong = attempt("clerk", "wrong-password-1", &format!("10.0.{}.1", second % 50), None);
        taken += usize::from(answer(&house, &wrong) == "failed");
    }
    assert!((10..=40).contains(&taken), "{taken} tries from fifty addresses in an hour");
}

#[test]
fn hasty_guessing_is_refused_after_a_few_tries() {
    let house = demo_house();
    let answers: Vec<String> = (0..50)
        .map(|n| answer(&house, &attempt("clerk", &format!("guess-number-{n}"), "10.0.0.1", None)))
        .collect();
    let taken = answers.iter().filter(|answer| *answer == "failed").count();
    assert!((5..=10).contains(&taken), "{taken} of 50 hasty tries were taken");
    assert_eq!(answers[49], "throttled");
}

#[test]
fn one_address_cannot_try_many_names() {
    let house = demo_house();
    let names = ["clerk", "leader", "county", "village", "nobody-1", "nobody-2", "team", "water"];
    let answers: Vec<String> = names
        .iter()
        .cycle()
        .take(40)
        .map(|name| answer(&house, &attempt(name, "wrong-password-1", "10.0.0.7", None)))
        .collect();
    let taken = answers.iter().filter(|answer| *answer == "failed").count();
    assert!(taken <= 10, "{taken} tries from one address were taken");
    let other = attempt("discipline", DEMO_PASSWORD, "10.0.0.8", None);
    assert_eq!(answer(&house, &other), "in", "another address is not touched");
}

#[test]
fn known_device_keeps_working_while_others_guess() {
    let house = demo_house();
    let first = attempt("clerk", DEMO_PASSWORD, "10.0.0.1", None);
    let device = house.service.sign_in(&first).unwrap().device;
    for n in 0..30 {
        answer(&house, &attempt("clerk", &format!("guess-number-{n}"), "10.9.9.9", None));
    }
    assert_eq!(answer(&house, &attempt("clerk", DEMO_PASSWORD, "10.0.0.1", None)), "throttled");
    let known = attempt("clerk", DEMO_PASSWORD, "10.0.0.1", Some(&device));
    assert_eq!(answer(&house, &known), "in");
    let stranger = attempt("clerk", DEMO_PASSWORD, "10.0.0.1", Some("no-such-device"));
    assert_eq!(answer(&house, &stranger), "throttled", "an invented device opens nothing");
    let borrowed = attempt("leader", "wrong-password-1", "10.0.0.1", Some(&device));
    let answers: Vec<String> = (0..20).map(|_| answer(&house, &borrowed)).collect();
    assert_eq!(answers[19], "throttled", "one's device does not help against another's account");
}

#[test]
fn guessing_on_a_known_device_is_throttled_too() {
    let house = demo_house();
    let first = attempt("clerk", DEMO_PASSWORD, "10.0.0.1", None);
    let device = house.service.sign_in(&first).unwrap().device;
    let wrong = attempt("clerk", "wrong-password-1", "10.0.0.1", Some(&device));
    let answers: Vec<String> = (0..20).map(|_| answer(&house, &wrong)).collect();
    assert_eq!(answers[19], "throttled");
}

#[test]
fn known_and_unknown_names_get_the_same_answers() {
    let house = demo_house();
    for n in 0..15 {
        let known = attempt("clerk", "wrong-password-1", &format!("10.1.0.{n}"), None);
        let unknown = attempt("nobody", "wrong-password-1", &format!("10.2.0.{n}"), None);
        assert_eq!(answer(&house, &known), answer(&house, &unknown), "attempt {n}");
    }
    let disabled = house.caller("leader").user;
    let version = house
        .service
        .store()
        .read(|reader| reader.get("user", &disabled))
        .unwrap()
        .unwrap()
        .version;
    house.service.set_user_active(&house.caller("admin"), &disabled, version, false).unwrap();
    let closed = attempt("leader", DEMO_PASSWORD, "10.3.0.1", None);
    assert_eq!(answer(&house, &closed), "failed", "a closed account answers like a wrong password");
}

/// A session is used at these seconds after sign-in; the word says whether it still holds.
#[test]
fn sessions_end_when_idle_and_for_good_after_half_a_day() {
    let busy: Vec<(i64, bool)> =
        (1..=26).map(|n| (n * 29 * MINUTE, n * 29 * MINUTE < 12 * HOUR)).collect();
    let cases: [(&str, Vec<(i64, bool)>); 4] = [
        ("idle just short of the limit", vec![(29 * MINUTE + 59, true)]),
        ("idle at the limit", vec![(30 * MINUTE, false)]),
        ("once idle, gone for ever", vec![(31 * MINUTE, false), (32 * MINUTE, false)]),
        ("busy all day", busy),
    ];
    let house = demo_house();
    let mut start = 0;
    for (name, uses) in cases {
        wait_until(&house, start);
        let token = house
            .service
            .sign_in(&attempt("clerk", DEMO_PASSWORD, "10.0.0.1", None))
            .unwrap()
            .token;
        for (seconds, holds) in uses {
            wait_until(&house, start + seconds);
            let session = house.service.session(&token);
            assert_eq!(session.is_ok(), holds, "{name} at {seconds} s: {session:?}");
        }
        start += 48 * HOUR;
    }
}

#[test]
fn session_tokens_are_long_random_and_worth_nothing_after_signing_out() {
    let house = demo_house();
    let input = attempt("clerk", DEMO_PASSWORD, "10.0.0.1", None);
    let (one, other) =
        (house.service.sign_in(&input).unwrap(), house.service.sign_in(&input).unwrap());
    assert_ne!(one.token, other.token);
    assert_eq!(one.token.len(), 64, "256 bits in hexadecimal");
    let csrf = |token: &str| house.service.session(token).unwrap().csrf;
    assert_ne!(csrf(&one.token), csrf(&other.token));
    house.service.sign_out(&one.token).unwrap();
    assert!(matches!(house.service.session(&one.token), Err(ServiceError::NotSignedIn)));
    assert!(house.service.session(&other.token).is_ok());
    for token in [one.device.as_str(), other.device.as_str(), &csrf(&other.token), "", "0"] {
        let refused = house.service.session(token);
        assert!(matches!(refused, Err(ServiceError::NotSignedIn)), "{token:?} is no session");
    }
}

#[test]
fn changing_the_password_ends_all_sessions_and_the_old_password() {
    let house = demo_house();
    let old = attempt("clerk", DEMO_PASSWORD, "10.0.0.1", None);
    let tokens: Vec<String> = (0..3).map(|_| house.service.sign_in(&old).unwrap().token).collect();
    let caller = house.caller("clerk");
    let refused = house.service.change_password(&caller, "not-the-old-one", "青禾-rain-2027");
    assert!(matches!(refused, Err(ServiceError::SignInFailed)), "{refused:?}");
    assert!(tokens.iter().all(|token| house.service.session(token).is_ok()));
    house.service.change_password(&caller, DEMO_PASSWORD, "青禾-rain-2027").unwrap();
    for token in &tokens {
        assert!(matches!(house.service.session(token), Err(ServiceError::NotSignedIn)));
    }
    assert_eq!(answer(&house, &old), "failed");
    assert_eq!(answer(&house, &attempt("clerk", "青禾-rain-2027", "10.0.0.1", None)), "in");
}

#[test]
fn open_session_does_not_serve_to_guess_the_password() {
    let house = demo_house();
    let caller = house.caller("clerk");
    let guess =
        |password: &str| match house.service.change_password(&caller, password, "青禾-rain-2027")
        {
            Err(ServiceError::SignInFailed) => "failed",
            Err(ServiceError::Throttled { .. }) => "throttled",
            other => panic!("{other:?}"),
        };
    let answers: Vec<&str> = (0..20).map(|n| guess(&format!("guess-number-{n}"))).collect();
    assert_eq!((answers[0], answers[19]), ("failed", "throttled"));
    assert_eq!(guess(DEMO_PASSWORD), "throttled", "the right one is not tried either");
}

#[test]
fn signing_in_and_failing_to_are_on_record_without_what_was_typed() {
    let house = demo_house();
    answer(&house, &attempt("clerk", "wrong-password-1", "10.0.0.1", None));
    answer(&house, &attempt("my-own-password", "x", "10.0.0.1", None));
    assert_eq!(answer(&house, &attempt("clerk", DEMO_PASSWORD, "10.0.0.1", None)), "in");
    let filter = taizhang_store::AuditFilter::default();
    let lines = house.service.audit_lines(&house.caller("audit"), &filter, None, 3).unwrap();
    let user = format!("user/{}", house.caller("clerk").user);
    let told: Vec<(&str, &str)> =
        lines.iter().map(|line| (line.verb.as_str(), line.object.as_str())).collect();
    assert!(told.contains(&("user.sign_in", &user)), "{told:?}");
    assert!(told.contains(&("user.sign_in_failed", &user)), "{told:?}");
    assert!(!format!("{lines:?}").contains("my-own-password"));
}

#[test]
fn session_of_a_future_that_never_came_is_over() {
    let house = demo_house();
    wait_until(&house, 48 * HOUR);
    let token =
        house.service.sign_in(&attempt("clerk", DEMO_PASSWORD, "10.0.0.1", None)).unwrap().token;
    wait_until(&house, 48 * HOUR - 10 * MINUTE);
    assert!(house.service.session(&token).is_ok(), "a clock set right by minutes hurts nobody");
    wait_until(&house, 0);
    assert!(matches!(house.service.session(&token), Err(ServiceError::NotSignedIn)));
}

#[test]
fn weak_passwords_are_refused_and_long_and_chinese_ones_are_not_cut() {
    let house = demo_house();
    let caller = house.caller("clerk");
    let long: String = "春种一粒粟秋收万颗子".chars().cycle().take(200).collect();
    for weak in ["short", "123456789", "password-2026", "clerk-clerk-1", "taizhang-2026"] {
        let refused = house.service.change_password(&caller, DEMO_PASSWORD, weak);
        assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{weak}: {refused:?}");
    }
    house.service.change_password(&caller, DEMO_PASSWORD, &long).unwrap();
    let cut: String = long.chars().take(199).collect();
    assert_eq!(answer(&house, &attempt("clerk", &cut, "10.0.0.1", None)), "failed");
    assert_eq!(answer(&house, &attempt("clerk", &long, "10.0.0.1", None)), "in");
}

#[test]
fn first_password_must_be_changed_and_is_then_forgotten() {
    let house = demo_house();
    let admin = house.caller("admin");
    let new = NewUser {
        login: "newcomer".to_owned(),
        name: "新同志".to_owned(),
        unit: None,
        region: RegionCode::parse("990101100").unwrap(),
    };
    let (user, first) = house.service.create_user(&admin, &new).unwrap();
    let input = attempt("newcomer", &first, "10.0.0.1", None);
    let signed_in = house.service.sign_in(&input).unwrap();
    assert!(signed_in.must_change_password);
    assert!(house.service.session(&signed_in.token).unwrap().must_change_password);
    let caller = house.caller("newcomer");
    let same = house.service.change_password(&caller, &first, &first);
    assert!(same.is_err(), "the first password cannot be kept");
    house.service.change_password(&caller, &first, "山里的-rain-77").unwrap();
    let again = house.service.sign_in(&attempt("newcomer", "山里的-rain-77", "10.0.0.1", None));
    assert!(!again.unwrap().must_change_password);
    assert_eq!(answer(&house, &input), "failed");
    let second = house.service.reset_password(&admin, &user.id).unwrap();
    assert_ne!(first, second);
    let reset = house.service.sign_in(&attempt("newcomer", &second, "10.0.0.1", None)).unwrap();
    assert!(reset.must_change_password, "a reset password is a first password again");
}

#[test]
fn change_of_key_seals_phones_anew_and_everybody_still_signs_in() {
    let directory = demo_directory();
    let options = options_in(directory.path());
    let now: Timestamp = NOW.parse().unwrap();
    let open = || Service::open(&options, std::sync::Arc::new(FixedClock::new(now))).unwrap();
    let service = open();
    let admin = service.caller_by_login("admin", "test").unwrap();
    let user = service.caller_by_login("clerk", "test").unwrap().user;
    let version = service.user(&admin, &user).unwrap().version;
    service.set_user_phone(&admin, &user, version, "13900001111").unwrap();
    drop(service);
    let rotate = |is_new_key| Service::rotate_keys(&options, is_new_key, now).unwrap();
    let (first, rest, second) = (rotate(true), rotate(false), rotate(true));
    assert!(first > 1, "phones and numbers of the register are sealed too");
    assert_eq!((rest, second), (0, first));
    let service = open();
    assert_eq!(service.user(&admin, &user).unwrap().text("phone"), "139****1111");
    service.sign_in(&attempt("clerk", DEMO_PASSWORD, "10.0.0.1", None)).unwrap();
    assert_eq!(service.store().audit_verify().unwrap().faults, []);
}

//! The rules of a renewal: single flight, floor, latch, order, outcomes.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base::{Error, Kind, Redacted};
use channel::tokens::{FetchFailure, Marker, Reason, RefreshMode, RefreshOutcome, SkipReason, TokenEvent, TokenStore};
use tokio::task::JoinSet;

use crate::support::{EPOCH_MS, Fixture, Host, Setup, asked, ok, seconds, transient};

#[tokio::test(start_paused = true)]
async fn a_hundred_triggers_at_once_make_one_request_and_share_its_outcome() {
    let fixture = Fixture::new("old", vec![ok("new")]);
    fixture.script.gate.forget_permits(tokio::sync::Semaphore::MAX_PERMITS);
    let mut asking = JoinSet::new();
    for n in 0..100 {
        let manager = fixture.manager.clone();
        let reason = match n % 4 {
            0 => Reason::Expired,
            1 => Reason::Proactive,
            2 => Reason::ConnectFailed(10_001),
            _ => asked("manual"),
        };
        asking.spawn(async move { manager.refresh(reason).await });
    }
    seconds(5).await;
    fixture.script.gate.add_permits(1);
    let outcomes = asking.join_all().await;
    assert!(outcomes.iter().all(|outcome| *outcome == RefreshOutcome::Success), "{outcomes:?}");
    assert_eq!((fixture.script.count(), fixture.token().as_str()), (1, "new"));
    assert_eq!(fixture.manager.facts().refreshes, 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_does_not_end_the_request_of_the_others() {
    let fixture = Fixture::new("old", vec![ok("new")]);
    fixture.script.gate.forget_permits(tokio::sync::Semaphore::MAX_PERMITS);
    let impatient = tokio::time::timeout(Duration::from_secs(1), fixture.manager.refresh(Reason::Expired)).await;
    assert!(impatient.is_err());
    fixture.script.gate.add_permits(1);
    assert_eq!(fixture.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
    assert_eq!(fixture.script.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn attempts_are_thirty_seconds_apart_whoever_asks() {
    let fixture = Fixture::new("old", vec![transient("down"), ok("new")]);
    assert!(matches!(fixture.manager.refresh(Reason::Expired).await, RefreshOutcome::Transient { .. }));
    seconds(10).await;
    let floor = fixture.manager.refresh(asked("manual")).await;
    assert_eq!(floor, RefreshOutcome::Skipped(SkipReason::Floor(Duration::from_secs(20))));
    seconds(20).await;
    assert_eq!(fixture.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
    assert_eq!(fixture.script.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_for_good_is_not_asked_again_for_the_same_token() {
    let fixture = Fixture::new("old", vec![Err(FetchFailure::Permanent("revoked".into()))]);
    assert_eq!(fixture.manager.refresh(Reason::Expired).await, RefreshOutcome::Permanent("revoked".into()));
    seconds(60).await;
    assert_eq!(fixture.manager.refresh(Reason::Expired).await, RefreshOutcome::Skipped(SkipReason::Latched));
    assert_eq!(fixture.script.count(), 1);
    // A person may insist.
    assert!(matches!(fixture.manager.refresh(asked("manual")).await, RefreshOutcome::Permanent(_)));
    assert_eq!(fixture.script.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn another_token_or_another_request_is_asked_again_after_a_final_refusal() {
    let fixture = Fixture::new("old", vec![Err(FetchFailure::Permanent("revoked".into())), transient("x"), ok("new")]);
    fixture.manager.refresh(Reason::Expired).await;
    seconds(60).await;
    // The operator has put another refresh token into the stateFile.
    fixture.script.change();
    assert!(matches!(fixture.manager.refresh(Reason::Expired).await, RefreshOutcome::Transient { .. }));
    seconds(60).await;
    assert_eq!(fixture.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
}

#[tokio::test(start_paused = true)]
async fn a_new_token_is_persisted_first_swapped_second() {
    let mut setup = Setup::new("old", vec![ok("new")]);
    setup.announce = Some(Arc::new(Host { log: setup.script.log.clone(), refuses: false, hangs: false }));
    let store = setup.store.clone();
    let fixture = setup.build();
    assert_eq!(fixture.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
    assert_eq!(*fixture.script.log.lock(), ["fetch", "keep", "announce bot", "swap", "done"]);
    assert_eq!(store.load("support").await.unwrap().unwrap().token, "new");
}

#[tokio::test(start_paused = true)]
async fn a_failed_write_keeps_a_working_token_and_is_repeated_without_a_request() {
    let fixture = Fixture::new("old", vec![ok("new")]);
    fixture.script.fail_to_keep(2);
    for _ in 0..2 {
        let outcome = fixture.manager.refresh(Reason::Proactive).await;
        assert!(
            matches!(&outcome, RefreshOutcome::Transient { why, .. } if why.contains("no space left")),
            "{outcome:?}"
        );
        assert_eq!(fixture.token(), "old");
        assert!(fixture.manager.facts().fault.unwrap().contains("the old one is kept in use"));
    }
    assert_eq!(fixture.manager.refresh(Reason::Proactive).await, RefreshOutcome::Success);
    assert_eq!((fixture.token().as_str(), fixture.script.count(), fixture.manager.facts().fault), ("new", 1, None));
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_even_while_the_new_one_cannot_be_written() {
    let fixture = Fixture::new("bot:0:86400:a", vec![ok("bot:5:86400:b")]);
    fixture.script.fail_to_keep(2);
    fixture.manager.refuse(&fixture.manager.current());
    assert_eq!(fixture.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
    assert_eq!(fixture.token(), "bot:5:86400:b");
    assert!(fixture.manager.facts().fault.unwrap().contains("it is used all the same"));
    let manager = fixture.manager.clone();
    let keeping = tokio::spawn(async move { manager.keep().await });
    seconds(130).await;
    assert_eq!(fixture.manager.facts().fault, None);
    assert!(fixture.said("is written down now"));
    keeping.abort();
}

#[tokio::test(start_paused = true)]
async fn a_configuration_that_cannot_be_written_is_a_warning() {
    for (refuses, hangs, words) in [(true, false, "read-only"), (false, true, "within 15 s")] {
        let mut setup = Setup::new("old", vec![ok("new")]);
        setup.announce = Some(Arc::new(Host { log: setup.script.log.clone(), refuses, hangs }));
        let fixture = setup.build();
        assert_eq!(fixture.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
        assert_eq!(fixture.token(), "new");
        assert!(fixture.said("not in the configuration") && fixture.said(words), "{:?}", fixture.news.lock());
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_after_a_stop() {
    let fixture = Fixture::new("old", vec![ok("new")]);
    fixture.manager.stop();
    assert_eq!(fixture.manager.refresh(Reason::Expired).await, RefreshOutcome::Skipped(SkipReason::Stopped));
    fixture.manager.reported(&fixture.manager.current(), Reason::Expired, &Error::new(Kind::TokenExpired, "over"));
    seconds(60).await;
    assert_eq!(fixture.script.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_fetched_while_a_stop_comes_is_still_written_down() {
    let setup = Setup::new("old", vec![ok("new")]);
    let store = setup.store.clone();
    let fixture = setup.build();
    fixture.script.gate.forget_permits(tokio::sync::Semaphore::MAX_PERMITS);
    let manager = fixture.manager.clone();
    let asking = tokio::spawn(async move { manager.refresh(Reason::Expired).await });
    seconds(1).await;
    fixture.manager.stop();
    fixture.script.gate.add_permits(1);
    asking.await.unwrap();
    assert_eq!(store.load("support").await.unwrap().unwrap().token, "new");
}

#[tokio::test(start_paused = true)]
async fn without_anybody_to_ask_nothing_is_asked() {
    let mut setup = Setup::new("old", vec![ok("new")]);
    setup.mode = RefreshMode::Off;
    let fixture = setup.build();
    assert_eq!(fixture.manager.refresh(asked("manual")).await, RefreshOutcome::Skipped(SkipReason::Off));
    let absent = Fixture::new("old", vec![Err(FetchFailure::Absent)]);
    assert_eq!(absent.manager.refresh(Reason::Expired).await, RefreshOutcome::Skipped(SkipReason::Off));
    assert_eq!(absent.manager.facts().failures, 0);
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_has_none_ends_it_only_when_the_token_is_needed() {
    let fixture = Fixture::new("old", vec![Err(FetchFailure::Nobody("none".into()))]);
    assert!(matches!(fixture.manager.refresh(Reason::Proactive).await, RefreshOutcome::Transient { .. }));
    seconds(31).await;
    assert_eq!(fixture.manager.refresh(Reason::Expired).await, RefreshOutcome::Permanent("none".into()));
    seconds(31).await;
    assert_eq!(fixture.manager.refresh(Reason::Expired).await, RefreshOutcome::Permanent("none".into()), "not latched");
}

#[tokio::test(start_paused = true)]
async fn a_final_refusal_and_a_hook_that_fails_call_a_person() {
    let directory = tempfile::tempdir().unwrap();
    let failing = FetchFailure::Transient { why: "thrown".into(), retry_after: None, call_person: true };
    for (failure, reason, called) in [
        (FetchFailure::Permanent("revoked".into()), Reason::Expired, true),
        (failing.clone(), Reason::Expired, true),
        (failing, Reason::Proactive, false),
        (FetchFailure::transient("down"), Reason::Expired, false),
    ] {
        let mut setup = Setup::new("old", vec![Err(failure)]);
        setup.marker = Some(Marker::new(&directory.path().join("m.json"), "support"));
        let fixture = setup.build();
        fixture.manager.refresh(reason).await;
        assert_eq!(directory.path().join("m.support.json").exists(), called);
        assert_eq!(fixture.manager.facts().marker.is_some(), called);
        fixture.manager.recovered().await;
        assert!(!directory.path().join("m.support.json").exists());
    }
}

#[tokio::test(start_paused = true)]
async fn rubbish_is_a_failure_that_changes_nothing() {
    for (token, words) in [
        ("", "is no token"),
        ("two words", "is no token"),
        ("line\nbreak", "is no token"),
        ("old", "is the one in use"),
        ("eve:5:100:x", "\"eve\"'s"),
        ("bot:-100:-50:x", "is over"),
        ("kicked", "taken over by another login"),
        (&"x".repeat(20_000), "is no token"),
    ] {
        let fixture = Fixture::new("old", vec![ok(token)]);
        fixture.manager.kick(&Redacted::new("kicked".into()));
        let outcome = fixture.manager.refresh(Reason::Expired).await;
        assert!(
            matches!(&outcome, RefreshOutcome::Transient { why, .. } if why.contains(words)),
            "{token:.20}: {outcome:?}"
        );
        assert_eq!(fixture.token(), "old");
        assert!(!fixture.script.log.lock().contains(&"keep".into()));
    }
    let fixture = Fixture::new("old", vec![ok("new")]);
    *fixture.script.user.lock() = Some("eve".into());
    assert!(
        matches!(fixture.manager.refresh(Reason::Expired).await, RefreshOutcome::Transient { .. }),
        "the answer names another user"
    );
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_a_token_that_was_replaced_means_nothing() {
    let fixture = Fixture::new("old", vec![ok("new")]);
    let old = fixture.manager.current();
    fixture.manager.refresh(Reason::Expired).await;
    seconds(60).await;
    fixture.manager.reported(&old, Reason::Kicked, &Error::new(Kind::Kicked, "over"));
    seconds(60).await;
    assert_eq!(fixture.script.count(), 1);
    assert!(!fixture.manager.is_kicked(&old));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_beside_the_connection_renews_and_is_told_once() {
    let fixture = Fixture::new("old", vec![transient("down"), ok("new")]);
    let why = Error::new(Kind::TokenExpired, "over").server(1501, "TokenExpiredError");
    for _ in 0..5 {
        fixture.manager.reported(&fixture.manager.current(), Reason::Expired, &why);
        seconds(1).await;
    }
    let told = fixture.news.lock().iter().filter(|news| matches!(news, TokenEvent::Refused(_))).count();
    assert_eq!((fixture.script.count(), told), (1, 1));
    seconds(30).await;
    fixture.manager.reported(&fixture.manager.current(), Reason::Expired, &why);
    seconds(1).await;
    assert_eq!(fixture.token(), "new");
}

#[tokio::test(start_paused = true)]
async fn in_mode_off_a_refusal_beside_the_connection_is_said_and_nothing_else() {
    let mut setup = Setup::new("old", vec![ok("new")]);
    setup.mode = RefreshMode::Off;
    let fixture = setup.build();
    fixture.manager.reported(
        &fixture.manager.current(),
        Reason::Expired,
        &Error::new(Kind::TokenExpired, "it is over"),
    );
    seconds(60).await;
    assert!(fixture.said("the connection stands until it is lost"));
    assert_eq!(fixture.token(), "old");
}

#[tokio::test(start_paused = true)]
async fn three_sessions_an_hour_follow_kicks_and_the_count_survives_a_restart() {
    let store = TokenStore::default();
    let clock = crate::support::TestClock::new();
    let build = || {
        let mut setup = Setup::new("old", vec![ok("new")]);
        (setup.store, setup.clock) = (store.clone(), clock.clone());
        setup.build()
    };
    let first = build();
    for _ in 0..3 {
        assert!(first.manager.may_begin_session());
        first.manager.session_begins();
    }
    assert!(!first.manager.may_begin_session());
    first.manager.kick(&Redacted::new("old".into()));
    first.manager.refresh(Reason::Kicked).await;
    let second = build();
    second.manager.begin().await;
    assert!(!second.manager.may_begin_session());
    assert!(second.manager.is_kicked(&Redacted::new("old".into())));
    seconds(3_600).await;
    assert!(second.manager.may_begin_session());
}

#[tokio::test(start_paused = true)]
async fn the_guard_goes_over_to_another_keeper() {
    let first = Fixture::new("old", vec![Err(FetchFailure::Permanent("revoked".into()))]);
    first.manager.refresh(Reason::Expired).await;
    let second = Fixture::new("old", vec![ok("new")]);
    second.manager.restore(first.manager.guard());
    assert!(matches!(second.manager.refresh(Reason::Expired).await, RefreshOutcome::Skipped(SkipReason::Floor(_))));
    seconds(31).await;
    assert_eq!(second.manager.refresh(Reason::Expired).await, RefreshOutcome::Skipped(SkipReason::Latched));
    assert_eq!(second.script.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_refresher_hears_why_in_the_documented_words() {
    for (reason, words) in [
        (Reason::Expired, "OnUserTokenExpired"),
        (Reason::Invalid, "OnUserTokenInvalid"),
        (Reason::Kicked, "OnKickedOffline"),
        (Reason::ConnectFailed(10_001), "OnConnectFailed errCode=10001"),
        (asked("manual"), "manual"),
    ] {
        let fixture = Fixture::new("old", vec![ok("new")]);
        fixture.manager.refresh(reason).await;
        assert_eq!(*fixture.script.asked.lock(), [format!("support {words}")]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_failure_again_and_again_is_one_line() {
    let fixture = Fixture::new("old", vec![transient("down")]);
    for _ in 0..10 {
        fixture.manager.refresh(Reason::Expired).await;
        seconds(31).await;
    }
    let lines = fixture.news.lock().iter().filter(|news| matches!(news, TokenEvent::Note(_))).count();
    assert_eq!((lines, fixture.manager.facts().failures), (1, 10));
}

#[tokio::test(start_paused = true)]
async fn a_server_clock_that_differs_is_said_once_and_counted_with() {
    let fixture = Fixture::new("bot:0:86400:a", vec![ok("bot:7200:90000:b")]);
    fixture.script.server_ms.store(EPOCH_MS + 7_200_000, Ordering::SeqCst);
    fixture.manager.refresh(Reason::Proactive).await;
    assert_eq!(fixture.manager.facts().clock_skew_ms, Some(7_200_000));
    assert!(fixture.said("7200 s behind the server's"));
    fixture.manager.server_time(EPOCH_MS + 1_000);
    assert_eq!(fixture.manager.facts().clock_skew_ms, None);
    assert!(fixture.said("agrees with the server's again"));
}

#[tokio::test(start_paused = true)]
async fn no_fact_and_no_news_holds_a_token() {
    let fixture = Fixture::new("bot:0:9:s3cret-old", vec![ok("bot:5:86400:s3cret-new")]);
    fixture.manager.refresh(Reason::Expired).await;
    let told = format!(
        "{:?} {:?} {}",
        fixture.manager.facts(),
        fixture.news.lock(),
        serde_json::to_string(&fixture.manager.guard()).unwrap()
    );
    assert!(!told.contains("s3cret"), "{told}");
}

//! The rules of a renewal: single flight, floor, latch, order, outcomes.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base::{Error, Kind, Redacted};
use channel::tokens::{FetchFailure, Marker, Reason, RefreshMode, RefreshOutcome, SkipReason, TokenEvent, TokenStore};
use tokio::task::JoinSet;

use crate::support::{EPOCH_MS, Host, Rig, Setup, asked, ok, seconds, transient};

#[tokio::test(start_paused = true)]
async fn a_hundred_triggers_at_once_make_one_request_and_share_its_outcome() {
    let rig = Rig::new("old", vec![ok("new")]);
    rig.script.gate.forget_permits(tokio::sync::Semaphore::MAX_PERMITS);
    let mut asking = JoinSet::new();
    for n in 0..100 {
        let manager = rig.manager.clone();
        let reason = match n % 4 {
            0 => Reason::Expired,
            1 => Reason::Proactive,
            2 => Reason::ConnectFailed(10_001),
            _ => asked("manual"),
        };
        asking.spawn(async move { manager.refresh(reason).await });
    }
    seconds(5).await;
    rig.script.gate.add_permits(1);
    let outcomes = asking.join_all().await;
    assert!(outcomes.iter().all(|outcome| *outcome == RefreshOutcome::Success), "{outcomes:?}");
    assert_eq!((rig.script.count(), rig.token().as_str()), (1, "new"));
    assert_eq!(rig.manager.facts().refreshes, 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_does_not_end_the_request_of_the_others() {
    let rig = Rig::new("old", vec![ok("new")]);
    rig.script.gate.forget_permits(tokio::sync::Semaphore::MAX_PERMITS);
    let impatient = tokio::time::timeout(Duration::from_secs(1), rig.manager.refresh(Reason::Expired)).await;
    assert!(impatient.is_err());
    rig.script.gate.add_permits(1);
    assert_eq!(rig.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
    assert_eq!(rig.script.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn attempts_are_thirty_seconds_apart_whoever_asks() {
    let rig = Rig::new("old", vec![transient("down"), ok("new")]);
    assert!(matches!(rig.manager.refresh(Reason::Expired).await, RefreshOutcome::Transient { .. }));
    seconds(10).await;
    let floor = rig.manager.refresh(asked("manual")).await;
    assert_eq!(floor, RefreshOutcome::Skipped(SkipReason::Floor(Duration::from_secs(20))));
    seconds(20).await;
    assert_eq!(rig.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
    assert_eq!(rig.script.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_for_good_is_not_asked_again_for_the_same_token() {
    let rig = Rig::new("old", vec![Err(FetchFailure::Permanent("revoked".into()))]);
    assert_eq!(rig.manager.refresh(Reason::Expired).await, RefreshOutcome::Permanent("revoked".into()));
    seconds(60).await;
    assert_eq!(rig.manager.refresh(Reason::Expired).await, RefreshOutcome::Skipped(SkipReason::Latched));
    assert_eq!(rig.script.count(), 1);
    // A person may insist.
    assert!(matches!(rig.manager.refresh(asked("manual")).await, RefreshOutcome::Permanent(_)));
    assert_eq!(rig.script.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn another_token_or_another_request_is_asked_again_after_a_final_refusal() {
    let rig = Rig::new("old", vec![Err(FetchFailure::Permanent("revoked".into())), transient("x"), ok("new")]);
    rig.manager.refresh(Reason::Expired).await;
    seconds(60).await;
    // The operator has put another refresh token into the stateFile.
    rig.script.change();
    assert!(matches!(rig.manager.refresh(Reason::Expired).await, RefreshOutcome::Transient { .. }));
    seconds(60).await;
    assert_eq!(rig.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
}

#[tokio::test(start_paused = true)]
async fn a_new_token_is_persisted_first_swapped_second() {
    let mut setup = Setup::new("old", vec![ok("new")]);
    setup.announce = Some(Arc::new(Host { log: setup.script.log.clone(), refuses: false, hangs: false }));
    let store = setup.store.clone();
    let rig = setup.build();
    assert_eq!(rig.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
    assert_eq!(*rig.script.log.lock(), ["fetch", "keep", "announce bot", "swap", "done"]);
    assert_eq!(store.load("support").await.unwrap().unwrap().token, "new");
}

#[tokio::test(start_paused = true)]
async fn while_the_old_token_works_a_failed_write_keeps_it_and_is_tried_again_without_a_request() {
    let rig = Rig::new("old", vec![ok("new")]);
    rig.script.fail_to_keep(2);
    for _ in 0..2 {
        let outcome = rig.manager.refresh(Reason::Proactive).await;
        assert!(
            matches!(&outcome, RefreshOutcome::Transient { why, .. } if why.contains("no space left")),
            "{outcome:?}"
        );
        assert_eq!(rig.token(), "old");
        assert!(rig.manager.facts().fault.unwrap().contains("the old one is kept in use"));
    }
    assert_eq!(rig.manager.refresh(Reason::Proactive).await, RefreshOutcome::Success);
    assert_eq!((rig.token().as_str(), rig.script.count(), rig.manager.facts().fault), ("new", 1, None));
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_although_the_new_one_cannot_be_written_and_writing_goes_on() {
    let rig = Rig::new("bot:0:86400:a", vec![ok("bot:5:86400:b")]);
    rig.script.fail_to_keep(2);
    rig.manager.refuse(&rig.manager.current());
    assert_eq!(rig.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
    assert_eq!(rig.token(), "bot:5:86400:b");
    assert!(rig.manager.facts().fault.unwrap().contains("it is used all the same"));
    let manager = rig.manager.clone();
    let keeping = tokio::spawn(async move { manager.keep().await });
    seconds(130).await;
    assert_eq!(rig.manager.facts().fault, None);
    assert!(rig.said("is written down now"));
    keeping.abort();
}

#[tokio::test(start_paused = true)]
async fn a_configuration_that_cannot_be_written_is_a_warning() {
    for (refuses, hangs, words) in [(true, false, "read-only"), (false, true, "within 15 s")] {
        let mut setup = Setup::new("old", vec![ok("new")]);
        setup.announce = Some(Arc::new(Host { log: setup.script.log.clone(), refuses, hangs }));
        let rig = setup.build();
        assert_eq!(rig.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
        assert_eq!(rig.token(), "new");
        assert!(rig.said("not in the configuration") && rig.said(words), "{:?}", rig.news.lock());
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_after_a_stop() {
    let rig = Rig::new("old", vec![ok("new")]);
    rig.manager.stop();
    assert_eq!(rig.manager.refresh(Reason::Expired).await, RefreshOutcome::Skipped(SkipReason::Stopped));
    rig.manager.reported(&rig.manager.current(), Reason::Expired, &Error::new(Kind::TokenExpired, "over"));
    seconds(60).await;
    assert_eq!(rig.script.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_fetched_while_a_stop_comes_is_still_written_down() {
    let setup = Setup::new("old", vec![ok("new")]);
    let store = setup.store.clone();
    let rig = setup.build();
    rig.script.gate.forget_permits(tokio::sync::Semaphore::MAX_PERMITS);
    let manager = rig.manager.clone();
    let asking = tokio::spawn(async move { manager.refresh(Reason::Expired).await });
    seconds(1).await;
    rig.manager.stop();
    rig.script.gate.add_permits(1);
    asking.await.unwrap();
    assert_eq!(store.load("support").await.unwrap().unwrap().token, "new");
}

#[tokio::test(start_paused = true)]
async fn without_anybody_to_ask_nothing_is_asked() {
    let mut setup = Setup::new("old", vec![ok("new")]);
    setup.mode = RefreshMode::Off;
    let rig = setup.build();
    assert_eq!(rig.manager.refresh(asked("manual")).await, RefreshOutcome::Skipped(SkipReason::Off));
    let absent = Rig::new("old", vec![Err(FetchFailure::Absent)]);
    assert_eq!(absent.manager.refresh(Reason::Expired).await, RefreshOutcome::Skipped(SkipReason::Off));
    assert_eq!(absent.manager.facts().failures, 0);
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_has_none_ends_it_only_when_the_token_is_needed() {
    let rig = Rig::new("old", vec![Err(FetchFailure::Nobody("none".into()))]);
    assert!(matches!(rig.manager.refresh(Reason::Proactive).await, RefreshOutcome::Transient { .. }));
    seconds(31).await;
    assert_eq!(rig.manager.refresh(Reason::Expired).await, RefreshOutcome::Permanent("none".into()));
    seconds(31).await;
    assert_eq!(rig.manager.refresh(Reason::Expired).await, RefreshOutcome::Permanent("none".into()), "not latched");
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
        let rig = setup.build();
        rig.manager.refresh(reason).await;
        assert_eq!(directory.path().join("m.support.json").exists(), called);
        assert_eq!(rig.manager.facts().marker.is_some(), called);
        rig.manager.recovered().await;
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
        let rig = Rig::new("old", vec![ok(token)]);
        rig.manager.kick(&Redacted::new("kicked".into()));
        let outcome = rig.manager.refresh(Reason::Expired).await;
        assert!(
            matches!(&outcome, RefreshOutcome::Transient { why, .. } if why.contains(words)),
            "{token:.20}: {outcome:?}"
        );
        assert_eq!(rig.token(), "old");
        assert!(!rig.script.log.lock().contains(&"keep".into()));
    }
    let rig = Rig::new("old", vec![ok("new")]);
    *rig.script.user.lock() = Some("eve".into());
    assert!(
        matches!(rig.manager.refresh(Reason::Expired).await, RefreshOutcome::Transient { .. }),
        "the answer names another user"
    );
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_a_token_that_was_replaced_means_nothing() {
    let rig = Rig::new("old", vec![ok("new")]);
    let old = rig.manager.current();
    rig.manager.refresh(Reason::Expired).await;
    seconds(60).await;
    rig.manager.reported(&old, Reason::Kicked, &Error::new(Kind::Kicked, "over"));
    seconds(60).await;
    assert_eq!(rig.script.count(), 1);
    assert!(!rig.manager.is_kicked(&old));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_beside_the_connection_renews_and_is_told_once() {
    let rig = Rig::new("old", vec![transient("down"), ok("new")]);
    let why = Error::new(Kind::TokenExpired, "over").server(1501, "TokenExpiredError");
    for _ in 0..5 {
        rig.manager.reported(&rig.manager.current(), Reason::Expired, &why);
        seconds(1).await;
    }
    let told = rig.news.lock().iter().filter(|news| matches!(news, TokenEvent::Refused(_))).count();
    assert_eq!((rig.script.count(), told), (1, 1));
    seconds(30).await;
    rig.manager.reported(&rig.manager.current(), Reason::Expired, &why);
    seconds(1).await;
    assert_eq!(rig.token(), "new");
}

#[tokio::test(start_paused = true)]
async fn in_mode_off_a_refusal_beside_the_connection_is_said_and_nothing_else() {
    let mut setup = Setup::new("old", vec![ok("new")]);
    setup.mode = RefreshMode::Off;
    let rig = setup.build();
    rig.manager.reported(&rig.manager.current(), Reason::Expired, &Error::new(Kind::TokenExpired, "it is over"));
    seconds(60).await;
    assert!(rig.said("the connection stands until it is lost"));
    assert_eq!(rig.token(), "old");
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
    let first = Rig::new("old", vec![Err(FetchFailure::Permanent("revoked".into()))]);
    first.manager.refresh(Reason::Expired).await;
    let second = Rig::new("old", vec![ok("new")]);
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
        let rig = Rig::new("old", vec![ok("new")]);
        rig.manager.refresh(reason).await;
        assert_eq!(*rig.script.asked.lock(), [format!("support {words}")]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_failure_again_and_again_is_one_line() {
    let rig = Rig::new("old", vec![transient("down")]);
    for _ in 0..10 {
        rig.manager.refresh(Reason::Expired).await;
        seconds(31).await;
    }
    let lines = rig.news.lock().iter().filter(|news| matches!(news, TokenEvent::Note(_))).count();
    assert_eq!((lines, rig.manager.facts().failures), (1, 10));
}

#[tokio::test(start_paused = true)]
async fn a_server_clock_that_differs_is_said_once_and_counted_with() {
    let rig = Rig::new("bot:0:86400:a", vec![ok("bot:7200:90000:b")]);
    rig.script.server_ms.store(EPOCH_MS + 7_200_000, Ordering::SeqCst);
    rig.manager.refresh(Reason::Proactive).await;
    assert_eq!(rig.manager.facts().clock_skew_ms, Some(7_200_000));
    assert!(rig.said("7200 s behind the server's"));
    rig.manager.server_time(EPOCH_MS + 1_000);
    assert_eq!(rig.manager.facts().clock_skew_ms, None);
    assert!(rig.said("agrees with the server's again"));
}

#[tokio::test(start_paused = true)]
async fn no_fact_and_no_news_holds_a_token() {
    let rig = Rig::new("bot:0:9:s3cret-old", vec![ok("bot:5:86400:s3cret-new")]);
    rig.manager.refresh(Reason::Expired).await;
    let told = format!(
        "{:?} {:?} {}",
        rig.manager.facts(),
        rig.news.lock(),
        serde_json::to_string(&rig.manager.guard()).unwrap()
    );
    assert!(!told.contains("s3cret"), "{told}");
}

//! Whose token counts at the start, and what becomes of one that is offered.

use base::Redacted;
use channel::tokens::{Offered, Reason, RefreshOutcome, TokenRecord, TokenStore};

use crate::support::{Fixture, Setup, ok, seconds, transient};

async fn started(configured: &str, kept: Option<(&str, &str)>) -> String {
    let mut setup = Setup::new(configured, vec![ok("bot:9:99999:next")]);
    if let Some((token, login)) = kept {
        let record =
            TokenRecord { login: login.into(), token: token.into(), obtained_at: Some(1), ..TokenRecord::default() };
        setup.store.save("support", record).await.unwrap();
    }
    setup.token = configured.into();
    let fixture = setup.build();
    fixture.manager.begin().await;
    fixture.token()
}

#[tokio::test(start_paused = true)]
async fn the_valid_token_issued_last_wins_and_the_configured_one_on_a_tie() {
    const LOGIN: &str = "server bot 5";
    for (configured, kept, expected) in [
        ("bot:10:1000:c", None, "bot:10:1000:c"),
        ("bot:10:1000:c", Some(("bot:20:1000:k", LOGIN)), "bot:20:1000:k"),
        ("bot:20:1000:c", Some(("bot:10:1000:k", LOGIN)), "bot:20:1000:c"),
        ("bot:10:1000:c", Some(("bot:10:1000:k", LOGIN)), "bot:10:1000:c"),
        ("bot:10:1000:c", Some(("bot:20:-5:k", LOGIN)), "bot:10:1000:c"),
        ("bot:20:-5:c", Some(("bot:10:1000:k", LOGIN)), "bot:10:1000:k"),
        ("bot:10:-5:c", Some(("bot:20:-5:k", LOGIN)), "bot:20:-5:k"),
        ("bot:10:1000:c", Some(("eve:20:1000:k", LOGIN)), "bot:10:1000:c"),
        ("bot:10:1000:c", Some(("bot:20:1000:k", "another server")), "bot:10:1000:c"),
        ("bot:10:1000:c", Some(("", LOGIN)), "bot:10:1000:c"),
    ] {
        assert_eq!(started(configured, kept).await, expected, "{configured} {kept:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_without_claims_is_kept_until_the_configuration_changes() {
    let store = TokenStore::default();
    let start = |token: &str| {
        let mut setup = Setup::new(token, vec![ok("fetched")]);
        setup.store = store.clone();
        setup.build()
    };
    start("typed").manager.refresh(Reason::Expired).await;
    let again = start("typed");
    again.manager.begin().await;
    assert_eq!(again.token(), "fetched");
    let changed = start("typed anew");
    changed.manager.begin().await;
    assert_eq!(changed.token(), "typed anew");
}

#[tokio::test(start_paused = true)]
async fn a_record_that_cannot_be_read_is_said_and_the_configuration_counts() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tokens.json");
    std::fs::write(&path, "{broken").unwrap();
    let mut setup = Setup::new("typed", vec![ok("new")]);
    setup.store = TokenStore::File(path.clone());
    let fixture = setup.build();
    fixture.manager.begin().await;
    assert_eq!(fixture.token(), "typed");
    assert!(fixture.manager.facts().fault.unwrap().contains("cannot be read"));
    // Refused by the server, the account still gets its new token; the file stays what it is.
    fixture.manager.refuse(&fixture.manager.current());
    assert_eq!(fixture.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
    assert_eq!((fixture.token().as_str(), std::fs::read_to_string(&path).unwrap().as_str()), ("new", "{broken"));
}

#[tokio::test(start_paused = true)]
async fn an_offered_token_is_taken_when_it_is_newer() {
    for (offered, expected) in [
        ("bot:20:1000:n", Offered::Taken),
        ("bot:10:1000:c", Offered::Known),
        (" bot:20:1000:n ", Offered::Taken),
        ("bot:5:1000:o", Offered::Older),
        ("opaque", Offered::Refused("it is not a whole token: nothing in it says when it was issued".into())),
        ("bot:20:-5:over", Offered::Refused("its time is over; issue a new one".into())),
        ("eve:20:1000:x", Offered::Refused("the token is \"eve\"'s".into())),
        ("  ", Offered::Refused("it is empty".into())),
    ] {
        let fixture = Fixture::new("bot:10:1000:c", vec![ok("x")]);
        assert_eq!(fixture.manager.offer(&Redacted::new(offered.into())).await, expected, "{offered}");
        let used = if expected == Offered::Taken { offered.trim() } else { "bot:10:1000:c" };
        assert_eq!(fixture.token(), used);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_not_used_again_because_it_was_issued_later() {
    for given in ["bot:10:1000:b", "bot:10:-5:b"] {
        let first = Setup::new("bot:20:1000:a", vec![transient("down")]);
        let (store, clock) = (first.store.clone(), first.clock.clone());
        let first = first.build();
        first.manager.refuse(&first.manager.current());
        first.manager.refresh(Reason::Invalid).await;
        let mut second = Setup::new(given, vec![ok("x")]);
        (second.store, second.clock) = (store, clock);
        let second = second.build();
        second.manager.begin().await;
        assert_eq!(second.token(), given, "it was given, and the other one is known to be refused");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_says_nothing_may_follow_one_that_says_nothing() {
    let fixture = Fixture::new("typed", vec![ok("x")]);
    assert_eq!(fixture.manager.offer(&Redacted::new("typed anew".into())).await, Offered::Taken);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_by_any_that_is_offered_but_a_kicked_one() {
    let fixture = Fixture::new("bot:10:1000:c", vec![ok("x")]);
    fixture.manager.kick(&fixture.manager.current());
    assert!(matches!(fixture.manager.offer(&Redacted::new("bot:5:1000:o".into())).await, Offered::Taken));
    let refused = fixture.manager.offer(&Redacted::new("bot:10:1000:c".into())).await;
    assert!(matches!(refused, Offered::Refused(why) if why.contains("another login took over")));
}

#[tokio::test(start_paused = true)]
async fn the_echo_of_an_earlier_token_from_the_configuration_changes_nothing() {
    let fixture = Fixture::new("one", vec![ok("two"), ok("three")]);
    fixture.manager.refresh(Reason::Expired).await;
    seconds(31).await;
    fixture.manager.refresh(Reason::Expired).await;
    assert_eq!(fixture.manager.offer(&Redacted::new("two".into())).await, Offered::Older);
    assert_eq!(fixture.manager.offer(&Redacted::new("three".into())).await, Offered::Known);
    assert_eq!(fixture.token(), "three");
}

#[tokio::test(start_paused = true)]
async fn an_offered_token_survives_a_restart_and_ends_the_waiting() {
    let setup = Setup::new("bot:10:1000:c", vec![ok("x")]);
    let store = setup.store.clone();
    let fixture = setup.build();
    let old = fixture.manager.current();
    let (manager, waiting) = (fixture.manager.clone(), fixture.manager.clone());
    let replaced = tokio::spawn(async move { waiting.replaced(&old).await });
    manager.offer(&Redacted::new("bot:20:1000:n".into())).await;
    replaced.await.unwrap();
    assert_eq!(store.load("support").await.unwrap().unwrap().token, "bot:20:1000:n");
}

#[tokio::test(start_paused = true)]
async fn what_another_run_fetched_meanwhile_is_used_instead_of_asking() {
    let mut first = Setup::new("one", vec![ok("two")]);
    let mut second = Setup::new("one", vec![ok("three")]);
    second.store = first.store.clone();
    second.clock = first.clock.clone();
    first.token = "one".into();
    let (first, second) = (first.build(), second.build());
    seconds(5).await;
    assert_eq!(first.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
    assert_eq!(second.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
    assert_eq!((second.token().as_str(), second.script.count()), ("two", 0));
}

#[tokio::test(start_paused = true)]
async fn what_a_crash_left_unwritten_is_written_at_the_next_start() {
    let mut setup = Setup::new("bot:10:1000:c", vec![ok("x")]);
    let owed = serde_json::json!({"refreshToken": "r2"}).as_object().unwrap().clone();
    let record = TokenRecord {
        login: "server bot 5".into(),
        token: "bot:20:1000:k".into(),
        unsaved_fields: owed,
        ..TokenRecord::default()
    };
    setup.store.save("support", record).await.unwrap();
    let store = setup.store.clone();
    setup.token = "bot:10:1000:c".into();
    let fixture = setup.build();
    fixture.manager.begin().await;
    assert_eq!(
        (fixture.script.log.lock().as_slice(), fixture.token().as_str()),
        (&["keep".to_owned()][..], "bot:20:1000:k")
    );
    let after = store.load("support").await.unwrap().unwrap();
    assert!(after.unsaved_fields.is_empty() && after.token == "bot:20:1000:k");
}

fn fields(token: &str) -> serde_json::Map<String, serde_json::Value> {
    serde_json::json!({ "refreshToken": token }).as_object().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn a_new_login_by_a_person_is_not_overwritten_by_older_fields() {
    let mut setup = Setup::new("bot:30:1000:c", vec![ok("x")]);
    let record = TokenRecord {
        login: "server bot 5".into(),
        token: "bot:20:1000:k".into(),
        replaces: "another token of the configuration".into(),
        unsaved_fields: fields("r2"),
        ..TokenRecord::default()
    };
    setup.store.save("support", record).await.unwrap();
    setup.token = "bot:30:1000:c".into();
    let fixture = setup.build();
    fixture.manager.begin().await;
    assert!(fixture.script.log.lock().is_empty(), "older fields were written: {:?}", fixture.script.log.lock());
    assert_eq!(fixture.token(), "bot:30:1000:c");
}

#[tokio::test(start_paused = true)]
async fn what_came_with_a_fetched_token_survives_an_offer_in_between() {
    let setup = Setup::new("bot:10:1000:c", vec![ok("bot:15:1000:f")]);
    *setup.script.fields.lock() = fields("rotated");
    let (store, script) = (setup.store.clone(), setup.script.clone());
    let fixture = setup.build();
    script.fail_to_keep(2);
    assert!(matches!(fixture.manager.refresh(Reason::Proactive).await, RefreshOutcome::Transient { .. }));
    assert_eq!(fixture.manager.offer(&Redacted::new("bot:20:1000:n".into())).await, Offered::Taken);
    let record = store.load("support").await.unwrap().unwrap();
    assert_eq!((record.token.as_str(), record.unsaved_fields), ("bot:20:1000:n", fields("rotated")));
    let manager = fixture.manager.clone();
    let keeping = tokio::spawn(async move { manager.keep().await });
    seconds(130).await;
    keeping.abort();
    assert_eq!(script.kept.lock().last(), Some(&fields("rotated")));
}

#[tokio::test(start_paused = true)]
async fn older_fields_never_land_after_those_of_a_newer_refresh() {
    let fixture = Fixture::new("bot:0:86400:a", vec![ok("bot:5:86400:b"), ok("bot:6:86400:c")]);
    *fixture.script.fields.lock() = fields("older");
    fixture.script.fail_to_keep(1);
    fixture.manager.refuse(&fixture.manager.current());
    assert_eq!(fixture.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
    seconds(31).await;
    *fixture.script.fields.lock() = fields("newer");
    fixture.script.gate.forget_permits(tokio::sync::Semaphore::MAX_PERMITS);
    let (refreshing, manager) = (fixture.manager.clone(), fixture.manager.clone());
    let refreshing = tokio::spawn(async move { refreshing.refresh(Reason::Expired).await });
    let keeping = tokio::spawn(async move { manager.keep().await });
    seconds(130).await;
    fixture.script.gate.add_permits(1);
    assert_eq!(refreshing.await.unwrap(), RefreshOutcome::Success);
    seconds(130).await;
    keeping.abort();
    assert_eq!(fixture.script.kept.lock().as_slice(), [fields("newer")]);
}

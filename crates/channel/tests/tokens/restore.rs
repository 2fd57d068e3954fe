//! Whose token counts at the start, and what becomes of one that is offered.

use base::Redacted;
use channel::tokens::{Offered, Reason, RefreshOutcome, TokenRecord, TokenStore};

use crate::support::{Rig, Setup, ok, seconds};

async fn started(configured: &str, kept: Option<(&str, &str)>) -> String {
    let mut setup = Setup::new(configured, vec![ok("bot:9:99999:next")]);
    if let Some((token, login)) = kept {
        let record =
            TokenRecord { login: login.into(), token: token.into(), obtained_at: Some(1), ..TokenRecord::default() };
        setup.store.save("support", record).await.unwrap();
    }
    setup.token = configured.into();
    let rig = setup.build();
    rig.manager.begin().await;
    rig.token()
}

#[tokio::test(start_paused = true)]
async fn the_valid_token_with_the_newest_time_of_issue_wins_and_the_configurations_on_a_tie() {
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
async fn a_token_that_says_nothing_is_kept_until_a_person_changes_the_configuration() {
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
    let rig = setup.build();
    rig.manager.begin().await;
    assert_eq!(rig.token(), "typed");
    assert!(rig.manager.facts().fault.unwrap().contains("cannot be read"));
    // Refused by the server, the account still gets its new token; the file stays what it is.
    rig.manager.refuse(&rig.manager.current());
    assert_eq!(rig.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
    assert_eq!((rig.token().as_str(), std::fs::read_to_string(&path).unwrap().as_str()), ("new", "{broken"));
}

#[tokio::test(start_paused = true)]
async fn an_offered_token_is_taken_when_it_is_newer() {
    for (offered, expected) in [
        ("bot:20:1000:n", Offered::Taken),
        ("bot:10:1000:c", Offered::Known),
        (" bot:20:1000:n ", Offered::Taken),
        ("bot:5:1000:o", Offered::Older),
        ("opaque", Offered::Taken),
        ("bot:20:-5:over", Offered::Refused("its time is over; issue a new one".into())),
        ("eve:20:1000:x", Offered::Refused("the token is \"eve\"'s".into())),
        ("  ", Offered::Refused("it is empty".into())),
    ] {
        let rig = Rig::new("bot:10:1000:c", vec![ok("x")]);
        assert_eq!(rig.manager.offer(&Redacted::new(offered.into())).await, expected, "{offered}");
        let used = if expected == Offered::Taken { offered.trim() } else { "bot:10:1000:c" };
        assert_eq!(rig.token(), used);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_by_any_that_is_offered_but_a_kicked_one() {
    let rig = Rig::new("bot:10:1000:c", vec![ok("x")]);
    rig.manager.kick(&rig.manager.current());
    assert!(matches!(rig.manager.offer(&Redacted::new("bot:5:1000:o".into())).await, Offered::Taken));
    let refused = rig.manager.offer(&Redacted::new("bot:10:1000:c".into())).await;
    assert!(matches!(refused, Offered::Refused(why) if why.contains("another login took over")));
}

#[tokio::test(start_paused = true)]
async fn the_echo_of_an_earlier_token_from_the_configuration_changes_nothing() {
    let rig = Rig::new("one", vec![ok("two"), ok("three")]);
    rig.manager.refresh(Reason::Expired).await;
    seconds(31).await;
    rig.manager.refresh(Reason::Expired).await;
    assert_eq!(rig.manager.offer(&Redacted::new("two".into())).await, Offered::Older);
    assert_eq!(rig.manager.offer(&Redacted::new("three".into())).await, Offered::Known);
    assert_eq!(rig.token(), "three");
}

#[tokio::test(start_paused = true)]
async fn an_offered_token_survives_a_restart_and_ends_the_waiting_of_a_connection() {
    let setup = Setup::new("bot:10:1000:c", vec![ok("x")]);
    let store = setup.store.clone();
    let rig = setup.build();
    let old = rig.manager.current();
    let (manager, waiting) = (rig.manager.clone(), rig.manager.clone());
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
    let rig = setup.build();
    rig.manager.begin().await;
    assert_eq!((rig.script.log.lock().as_slice(), rig.token().as_str()), (&["keep".to_owned()][..], "bot:20:1000:k"));
    let after = store.load("support").await.unwrap().unwrap();
    assert!(after.unsaved_fields.is_empty() && after.token == "bot:20:1000:k");
}

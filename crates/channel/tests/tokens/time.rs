//! Renewal ahead of time: when, how often after failures, and with clocks that are set.

use channel::tokens::{FetchFailure, RefreshMode};

use crate::support::{Fixture, Setup, ok, seconds, transient};

const HOUR: i64 = 3_600;

fn keep(fixture: &Fixture) -> tokio::task::JoinHandle<()> {
    let manager = fixture.manager.clone();
    tokio::spawn(async move { match manager.keep().await {} })
}

/// Second 0 is the beginning; a token of a day is due two hours before its end.
const DAY: &str = "bot:0:86400:a";

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_when_its_time_comes_and_the_next_one_too() {
    let fixture = Fixture::new(DAY, vec![ok("bot:79200:165600:b"), ok("bot:158400:244800:c")]);
    let keeping = keep(&fixture);
    seconds(22 * 3_600 - 10).await;
    assert_eq!(fixture.script.count(), 0);
    seconds(20).await;
    assert_eq!((fixture.script.count(), fixture.token().as_str()), (1, "bot:79200:165600:b"));
    assert_eq!(*fixture.script.asked.lock(), ["support proactive"]);
    seconds(22 * 3_600).await;
    assert_eq!(fixture.token(), "bot:158400:244800:c");
    keeping.abort();
}

#[tokio::test(start_paused = true)]
async fn ninety_days_pass_without_a_timer_going_off_early() {
    let fixture = Fixture::new("bot:0:7776000:a", vec![ok("bot:7768000:15544000:b")]);
    let keeping = keep(&fixture);
    seconds(90 * 86_400 - 2 * 3_600 - 10).await;
    assert_eq!(fixture.script.count(), 0);
    seconds(20).await;
    assert_eq!(fixture.script.count(), 1);
    keeping.abort();
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_is_tried_again_on_the_backoff_until_it_comes() {
    let mut answers = vec![transient("down"); 30];
    answers.push(ok("bot:86000:172800:b"));
    let fixture = Fixture::new(DAY, answers);
    let keeping = keep(&fixture);
    seconds(22 * 3_600 + 1_800).await;
    let tries = fixture.script.count();
    // At most 2 minutes apart, at least 30 s.
    assert!((15..=60).contains(&tries), "{tries}");
    seconds(3_600).await;
    assert_eq!(fixture.token(), "bot:86000:172800:b");
    keeping.abort();
}

#[tokio::test(start_paused = true)]
async fn after_a_final_refusal_nothing_more_is_asked_ahead_of_time() {
    let fixture = Fixture::new(DAY, vec![Err(FetchFailure::Permanent("revoked".into()))]);
    let keeping = keep(&fixture);
    seconds(24 * 3_600).await;
    assert_eq!((fixture.script.count(), fixture.token().as_str()), (1, DAY));
    keeping.abort();
}

#[tokio::test(start_paused = true)]
async fn in_mode_off_and_without_an_end_nothing_is_renewed() {
    let mut setup = Setup::new(DAY, vec![ok("x")]);
    setup.mode = RefreshMode::Off;
    let off = setup.build();
    let endless = Fixture::new("opaque", vec![ok("x")]);
    let (one, other) = (keep(&off), keep(&endless));
    seconds(30 * 86_400).await;
    assert_eq!((off.script.count(), endless.script.count()), (0, 0));
    assert_eq!((off.manager.facts().renew_at, endless.manager.facts().renew_at), (None, None));
    one.abort();
    other.abort();
}

#[tokio::test(start_paused = true)]
async fn a_short_lived_token_is_renewed_half_way_and_never_in_a_tight_loop() {
    let answers: Vec<_> = (1..40).map(|n| ok(&format!("bot:{}:{}:{n}", n * 30, n * 30 + 60))).collect();
    let fixture = Fixture::new("bot:0:60:a", answers);
    let keeping = keep(&fixture);
    seconds(600).await;
    let requests = fixture.script.count();
    assert!((10..=20).contains(&requests), "{requests}");
    keeping.abort();
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_forward_renews_at_once_and_is_said() {
    let fixture = Fixture::new(DAY, vec![ok("bot:80000:166400:b")]);
    let keeping = keep(&fixture);
    seconds(3_600).await;
    // The machine slept for 22 hours.
    fixture.clock.jump(22 * HOUR);
    seconds(61).await;
    assert_eq!(fixture.script.count(), 1);
    assert!(fixture.said("jumped 79200 s forward"), "{:?}", fixture.news.lock());
    keeping.abort();
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_back_is_said_and_renews_nothing_early() {
    let fixture = Fixture::new(DAY, vec![ok("bot:80000:166400:b")]);
    let keeping = keep(&fixture);
    seconds(3_600).await;
    fixture.clock.jump(-HOUR);
    seconds(120).await;
    assert!(fixture.said("jumped 3600 s back"));
    assert_eq!((fixture.script.count(), fixture.clock.seconds()), (0, 120));
    keeping.abort();
}

#[tokio::test(start_paused = true)]
async fn a_known_difference_to_the_servers_clock_moves_the_renewal() {
    let fixture = Fixture::new(DAY, vec![ok("bot:80000:166400:b")]);
    let due = fixture.manager.facts().renew_at.unwrap();
    fixture.manager.server_time(crate::support::EPOCH_MS + 2 * HOUR * 1_000);
    assert_eq!(fixture.manager.facts().renew_at, Some(due - 2 * HOUR * 1_000));
}

#[tokio::test(start_paused = true)]
async fn an_offered_token_makes_a_new_plan() {
    let fixture = Fixture::new(DAY, vec![ok("x")]);
    let keeping = keep(&fixture);
    seconds(10).await;
    fixture.manager.offer(&base::Redacted::new("bot:5:172800:n".into())).await;
    seconds(24 * 3_600).await;
    assert_eq!(fixture.script.count(), 0);
    keeping.abort();
}

#[tokio::test(start_paused = true)]
async fn near_its_end_is_known_before_the_first_connection() {
    for (token, near) in
        [("bot:0:86400:a", false), ("bot:-80000:6400:a", true), ("bot:-90000:-10:a", true), ("opaque", false)]
    {
        assert_eq!(Fixture::new(token, vec![ok("x")]).manager.is_near_expiry(), near, "{token}");
    }
}

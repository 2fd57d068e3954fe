//! Tokens that a server turns against an account: final for the token, whatever comes next.

use std::time::Duration;

use base::Kind;
use channel::Event;
use openim_core::wire::ops;
use testkit::FaultRule;
use tokio::time::{sleep, timeout};

use crate::support::{PATIENCE, Rig};

/// Everything that happens until the account's end.
async fn until_end(rig: &Rig) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(batch) = timeout(PATIENCE, rig.account.next_batch()).await.expect("the account does not end") {
        events.extend(batch.events);
    }
    events
}

#[tokio::test(start_paused = true)]
async fn case_86_a_kicked_token_stays_final_when_the_server_forgets_it() {
    // Kicked while away: the next login is answered with 1506. Once another token is issued, the same one gets 1507.
    for (forgotten, code) in [(false, 1506), (true, 1507)] {
        let rig = Rig::online().await;
        rig.net.refuse(true);
        rig.net.cut();
        sleep(Duration::from_secs(5)).await;
        rig.server.kick("bot_7", 5);
        if forgotten {
            rig.server.issue_token("bot_7", 2);
        }
        rig.net.refuse(false);
        let events = until_end(&rig).await;
        let fault = events.iter().find_map(|event| match event {
            Event::Kicked(fault) | Event::TokenInvalid(fault) => Some(fault.clone()),
            _ => None,
        });
        assert_eq!(fault.unwrap().err_code, code);
        let dials = rig.net.dials();
        sleep(Duration::from_secs(3_600)).await;
        assert_eq!(rig.net.dials(), dials, "it never comes again with that token");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expires_while_connected_matters_at_the_next_login() {
    let rig = Rig::online().await;
    rig.server.refuse_tokens("bot_7", None, 1501);
    rig.still_hears("the socket stays").await;
    rig.net.cut();
    let events = until_end(&rig).await;
    assert!(events.iter().any(|event| matches!(event, Event::TokenExpired(fault) if fault.err_code == 1501)));
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_refused_for_a_time_is_tried_again() {
    for code in [1601, 500] {
        let rig = Rig::online().await;
        rig.server.set_rules(vec![FaultRule { err_code: Some(code), times: Some(3), ..FaultRule::path("upgrade") }]);
        rig.net.cut();
        rig.server.wait_until(|server| server.logins("bot_7") == 2).await;
        rig.still_hears("back").await;
        assert_eq!(rig.net.dials(), 5, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_send_is_refused_with_the_servers_code_and_kind() {
    for (code, kind) in [(1302, Kind::Denied), (1402, Kind::Denied), (1001, Kind::Config), (90_002, Kind::Server)] {
        let rig = Rig::online().await;
        rig.server.set_rules(vec![FaultRule { err_code: Some(code), ..FaultRule::op(ops::SEND_MSG) }]);
        let body = channel::Body::Text("hello".into());
        let message = channel::Outgoing::new(channel::Target::User("alice".into()), "m1", 1, body);
        let error = rig.account.send(message).await.unwrap_err();
        assert_eq!((error.err_code(), error.kind()), (Some(code), kind));
    }
}

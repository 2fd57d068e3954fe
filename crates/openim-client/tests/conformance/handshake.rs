//! Conformance of the client: handshake, heartbeats, and what ends an account.

use std::sync::Arc;
use std::time::Duration;

use crate::support::{Rig, login, refuse_upgrade, text_from_alice};
use base::Kind;
use channel::{Event, Registry, status::Phase};
use openim_core::wire::{ops, text_frame};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test(start_paused = true)]
async fn case_08_reserved_characters_reach_the_server_intact() {
    let mut rig = Rig::with_login(login("a&b=c", "x+y/z=.b.c", false)).await;
    let peer = rig.upgraded().await;
    let query: Vec<_> = url::form_urlencoded::parse(peer.query.as_bytes()).into_owned().collect();
    let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!((value("sendID"), value("token")), (Some("a&b=c"), Some("x+y/z=.b.c")));
    assert_eq!(
        (value("isMsgResp"), value("isBackground"), value("sdkType")),
        (Some("true"), Some("false"), Some("js"))
    );
    assert!(value("operationID").is_some_and(|id| !id.is_empty()));
}

#[tokio::test(start_paused = true)]
async fn case_09_a_rejected_token_ends_the_account_with_its_code() {
    for (code, kind) in [
        (1501, Kind::TokenExpired),
        (1502, Kind::TokenInvalid),
        (1503, Kind::TokenInvalid),
        (1504, Kind::TokenInvalid),
        (1505, Kind::TokenInvalid),
        (1506, Kind::Kicked),
        (1507, Kind::TokenInvalid),
    ] {
        let mut rig = Rig::start().await;
        let mut peer = rig.upgraded().await;
        peer.text(&format!(r#"{{"errCode":{code},"errMsg":"SomeName","errDlt":""}}"#)).await;
        let error = rig.account.online().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{code}");
        assert!(error.to_string().contains(&format!("errCode {code}")), "{error}");
        rig.stays_away(Duration::from_secs(3600)).await;

        let events = rig.until_end().await;
        let failed = events.iter().filter(|event| matches!(event, Event::ConnectFailed(_))).count();
        let named = events.iter().filter(|event| match kind {
            Kind::TokenExpired => matches!(event, Event::TokenExpired(_)),
            Kind::Kicked => matches!(event, Event::Kicked(_)),
            _ => matches!(event, Event::TokenInvalid(_)),
        });
        assert_eq!((failed, named.count(), events.last()), (1, 1, Some(&Event::Stopped)), "{code}: {events:?}");
        assert_eq!(rig.account.status().state, Phase::Failed);
    }
}

#[tokio::test(start_paused = true)]
async fn case_10_a_refused_upgrade_surfaces_its_code() {
    for (code, ends) in [(1601, false), (500, false), (1602, false), (1501, true), (1506, true)] {
        let mut rig = Rig::start().await;
        let io = rig.dialled().await;
        refuse_upgrade(io, "200 OK", &format!(r#"{{"errCode":{code},"errMsg":"Why","errDlt":"x"}}"#)).await;
        let event = rig.event(|event| matches!(event, Event::ConnectFailed(_))).await;
        let Event::ConnectFailed(fault) = event else { unreachable!() };
        assert_eq!(fault.err_code, code);
        if ends {
            rig.stays_away(Duration::from_secs(3600)).await;
        } else {
            rig.online().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn case_10_an_answer_that_is_not_openims_is_tried_again() {
    let mut rig = Rig::start().await;
    for status in ["502 Bad Gateway", "401 Unauthorized", "301 Moved Permanently"] {
        refuse_upgrade(rig.dialled().await, status, "<html></html>").await;
    }
    rig.online().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_upgrades_and_says_nothing_is_left_after_ten_seconds() {
    let mut rig = Rig::start().await;
    let mut peer = rig.upgraded().await;
    assert!(peer.is_left().await);
    assert_eq!(rig.elapsed().as_secs(), 10);
    rig.online().await;
}

#[tokio::test(start_paused = true)]
async fn case_14_silence_is_found_within_25_seconds() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    let connected = rig.elapsed();
    let mut pings = 0;
    while let Some(frame) = peer.frame().await {
        pings += u32::from(frame == Message::text(text_frame::PING));
    }
    assert_eq!((pings, (rig.elapsed() - connected).as_secs()), (2, 22));
    let event = rig.event(|event| matches!(event, Event::Disconnected(_))).await;
    assert!(format!("{event:?}").contains("silent"), "{event:?}");
    rig.online().await;
    assert_eq!(rig.account.status().reconnects, 1);
}

#[tokio::test(start_paused = true)]
async fn case_14_any_other_frame_counts_as_life() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    for _ in 0..12 {
        tokio::time::sleep(Duration::from_secs(20)).await;
        peer.unsolicited(ops::SUB_USER_ONLINE_STATUS, None).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let status = rig.account.status();
    assert!(status.connected && status.reconnects == 0);
    let age = 1_795_175_096_000 + 241_000 - status.last_transport_activity_at.unwrap();
    assert!(age < 1_500, "activity is as fresh as the last frame: {age} ms");
}

#[tokio::test(start_paused = true)]
async fn case_15_an_unknown_text_frame_is_ignored_and_noted() {
    let mut rig = Rig::start().await;
    let mut peer = rig.online().await;
    for odd in ["hello", r#"{"type":"x"}"#, r#"{"errCode":1501,"errMsg":"late"}"#] {
        peer.text(odd).await;
        assert_eq!(rig.batch().await.notes, ["skipped a frame of the server: malformed text frame"]);
        // More than one in a minute would share a line.
        assert!(tokio::time::timeout(Duration::from_secs(61), peer.request()).await.is_err());
    }
    assert!(rig.account.status().connected);
}

#[tokio::test(start_paused = true)]
async fn case_17_with_gzip_every_binary_frame_is_packed_and_no_text_frame() {
    let mut rig = Rig::with_login(login("bot_7", "a.b.c", true)).await;
    let mut peer = rig.online().await;
    assert!(peer.query.ends_with("&compression=gzip"));
    peer.push("si_alice_bot_7", vec![text_from_alice("m1", 1, "packed")]).await;
    assert_eq!(rig.messages(1).await[0].message.text, "packed");
    let sent = rig.send("user:alice", "out-1", "packed too");
    assert_eq!(peer.take_message().await.client_msg_id, "out-1");
    assert_eq!(sent.await.unwrap().unwrap().server_id, "s-out-1");
    let heartbeat = loop {
        match peer.frame().await {
            Some(Message::Binary(_)) => {}
            other => break other,
        }
    };
    assert_eq!(heartbeat, Some(Message::text(text_frame::PING)));
}

#[tokio::test(start_paused = true)]
async fn case_57_an_unreachable_server_is_retried_on_schedule_for_ever() {
    let mut rig = Rig::start().await;
    let mut last = rig.elapsed();
    let mut waits = Vec::new();
    for _ in 0..200 {
        drop(rig.dialled().await);
        waits.push(rig.elapsed() - last);
        last = rig.elapsed();
    }
    let within =
        |wait: Duration, full: f64| wait.as_secs_f64() >= full / 2.0 - 0.01 && wait.as_secs_f64() <= full + 0.01;
    assert!(waits[1] <= Duration::from_millis(260), "the second attempt comes at once: {:?}", waits[1]);
    assert!(within(waits[2], 1.0) && within(waits[3], 2.0), "{:?}", &waits[..6]);
    assert!(waits[4..20].iter().all(|wait| within(*wait, 4.0)), "{:?}", &waits[4..20]);
    assert!(waits[100..].iter().all(|wait| within(*wait, 30.0)), "after two minutes: {:?}", &waits[100..110]);

    let failures = rig.batch().await.events.iter().filter(|event| matches!(event, Event::ConnectFailed(_))).count();
    assert!(failures > 100, "one event an attempt, the newest kept: {failures}");
    rig.online().await;
}

#[tokio::test(start_paused = true)]
async fn case_65_a_kick_ends_the_account_for_good_and_a_new_login_is_allowed() {
    let registry = Arc::new(Registry::default());
    let mut rig = Rig::try_start("a", login("bot_7", "a.b.c", false), &registry).await.unwrap();
    let mut peer = rig.online().await;
    let waiting = rig.send("user:alice", "pending", "hi");
    peer.request().await;
    let kicked = Instant::now();
    peer.unsolicited(ops::KICK_ONLINE_MSG, None).await;
    let events = rig.until_end().await;
    assert!(events.iter().any(|event| matches!(event, Event::Kicked(_))), "{events:?}");
    assert!(waiting.await.unwrap().unwrap_err().is_maybe_delivered());
    assert!(kicked.elapsed() < Duration::from_secs(1), "what waits is told at once");
    rig.stays_away(Duration::from_secs(3600)).await;
    assert_eq!(rig.account.status().last_error_code, Some("OPENIM_KICKED"));

    let mut again = Rig::try_start("a", login("bot_7", "new.b.c", false), &registry).await.unwrap();
    again.online().await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_an_account_in_every_state_at_once() {
    for state in ["dialling", "upgrading", "unaccepted", "syncing", "online", "waiting"] {
        let mut rig = Rig::start().await;
        let mut kept = Vec::new();
        match state {
            "dialling" => {}
            "upgrading" => drop(rig.dialled().await),
            "unaccepted" => kept.push(rig.upgraded().await),
            "syncing" => kept.push(rig.accepted().await),
            "online" => kept.push(rig.online().await),
            _ => {
                drop(rig.online().await);
                rig.event(|event| matches!(event, Event::Disconnected(_))).await;
            }
        }
        let began = tokio::time::Instant::now();
        rig.account.stop().await;
        assert!(began.elapsed() < Duration::from_secs(1), "{state}: {:?}", began.elapsed());
        assert_eq!(rig.account.status().state, Phase::Stopped, "{state}");
        assert_eq!(rig.until_end().await.last(), Some(&Event::Stopped), "{state}");
    }
}

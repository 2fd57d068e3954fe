//! Exchanges recorded on a real server, played again: the same requests at the same times get answers and pushes of the
//! same meaning. What was done besides the recorded frames is done by each test.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openim_core::wire::envelope;
use openim_core::wire::ops;
use openim_core::wire::pb::{GetMaxSeqResp, MsgData, PullMsgs, PushMessages, SendMsgResp};
use serde_json::{Value, json};
use testkit::{Config, FaultRates, Recipient, Server, UserConfig};
use tokio_tungstenite::tungstenite::Message;

use crate::recorded::{lines, meaning_of_message, meaning_of_recorded, message, recording};
use crate::support::*;

/// A recording that is being played.
struct Player {
    server: Server,
    peers: BTreeMap<String, RawClient>,
    lines: std::vec::IntoIter<Value>,
    played_ms: i64,
    /// The answers so far, by user and `msgIncr`.
    answers: BTreeMap<(String, String), (i32, Value)>,
    pushed: Vec<(String, Value)>,
    expected: Vec<(String, Value)>,
}

/// A server with everybody who appears in the recording.
fn server_of(lines: &[Value], change: impl FnOnce(&mut Config)) -> Server {
    let mut ids: Vec<String> = lines.iter().filter_map(|line| line["uid"].as_str().map(str::to_owned)).collect();
    for msg in lines.iter().filter_map(|line| line["decoded"]["msgs"].as_object()).flat_map(|map| map.values()) {
        let all = msg["Msgs"].as_array().unwrap();
        ids.extend(
            all.iter().flat_map(|msg| [&msg["sendID"], &msg["recvID"]]).map(|id| id.as_str().unwrap().to_owned()),
        );
    }
    ids.sort();
    ids.dedup();
    ids.retain(|id| id.starts_with(|c: char| c.is_ascii_alphabetic()) && id != "imAdmin");
    server_with(|config| {
        let user = |id: String| UserConfig { user_id: id, ..UserConfig::default() };
        config.users.extend(ids.into_iter().map(user));
        change(config);
    })
}

impl Player {
    /// Everybody in the recording is connected.
    async fn new(recording: &str, change: impl FnOnce(&mut Config)) -> Self {
        let lines: Vec<Value> = lines(recording).collect();
        let server = server_of(&lines, change);
        let mut peers = BTreeMap::new();
        for line in lines.iter().filter(|line| line["uid"].is_string()) {
            let id = line["uid"].as_str().unwrap().to_owned();
            if let Entry::Vacant(place) = peers.entry(id) {
                let peer = RawClient::login(&server, place.key(), WINDOWS).await;
                place.insert(peer);
            }
        }
        let played_ms = lines.iter().find_map(|line| line["at"].as_i64()).unwrap();
        let lines = lines.into_iter();
        let (answers, pushed, expected) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { server, peers, lines, played_ms, answers, pushed, expected }
    }

    /// The user's token, as long as the server knows one.
    fn token(&self, user_id: &str) -> String {
        self.server.token(user_id, WINDOWS)
    }

    /// Plays this many lines.
    async fn play(&mut self, count: usize) {
        for _ in 0..count {
            let Some(line) = self.lines.next() else { return };
            self.play_line(&line).await;
        }
    }

    async fn play_line(&mut self, line: &Value) {
        let at = line["at"].as_i64().unwrap_or(self.played_ms);
        tokio::time::sleep(Duration::from_millis(u64::try_from(at - self.played_ms).unwrap_or_default())).await;
        self.played_ms = at.max(self.played_ms);
        let id = line["uid"].as_str().unwrap_or_default().to_owned();
        match (line["dir"].as_str(), line["json"]["reqIdentifier"].as_i64()) {
            (Some("up"), _) => self.ask(&id, &line["json"]).await,
            (Some("down"), Some(op)) if op == i64::from(ops::PUSH_MSG) => {
                let told = meaning_of_recorded(&line["decoded"]);
                self.expected.push((id, told));
            }
            (Some("down"), Some(_)) => {
                let incr = line["json"]["msgIncr"].as_str().unwrap().to_owned();
                let answer = self.answers.remove(&(id, incr)).expect("an answer to this request");
                let code = i32::try_from(line["json"]["errCode"].as_i64().unwrap()).unwrap();
                assert_eq!(answer, (code, meaning_of_recorded(&line["decoded"])), "{line}");
            }
            // The answers to handshakes are compared at login; the rest are remarks.
            _ => {}
        }
    }

    /// Sends the recorded request and reads its answer.
    async fn ask(&mut self, id: &str, request: &Value) {
        let peer = self.peers.get_mut(id).unwrap();
        peer.write(Message::binary(request.to_string().into_bytes())).await;
        let incr = request["msgIncr"].as_str().unwrap();
        loop {
            let response = peer.response().await;
            let data = response.data.as_deref();
            if response.req_identifier == ops::PUSH_MSG {
                let push: PushMessages = envelope::payload(data).unwrap();
                self.pushed.push((id.to_owned(), meaning_of_pull(&push)));
            } else {
                assert_eq!(response.msg_incr, incr);
                let meaning = meaning_of_answer(response.req_identifier, data);
                self.answers.insert((id.to_owned(), incr.to_owned()), (response.err_code, meaning));
                return;
            }
        }
    }

    /// Plays what is left and compares the pushes, which may reach different users in any order.
    async fn finish(mut self) {
        self.play(usize::MAX).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        for (id, peer) in &mut self.peers {
            peer.write(Message::text(r#"{"type":"ping","body":"end"}"#)).await;
            loop {
                match peer.next().await {
                    Some(Message::Binary(frame)) => {
                        let response: envelope::Response = envelope::decode(&frame).unwrap();
                        let push: PushMessages = envelope::payload(response.data.as_deref()).unwrap();
                        self.pushed.push((id.clone(), meaning_of_pull(&push)));
                    }
                    Some(Message::Text(_)) => break,
                    other => panic!("{other:?}"),
                }
            }
        }
        let of = |all: &[(String, Value)], id: &str| -> Vec<Value> {
            all.iter().filter(|(to, _)| to == id).map(|(_, told)| told.clone()).collect()
        };
        for id in self.peers.keys() {
            assert_eq!(of(&self.pushed, id), of(&self.expected, id), "the pushes to {id}");
        }
    }
}

fn meaning_of_answer(op: i32, data: Option<&str>) -> Value {
    match op {
        ops::SEND_MSG => match envelope::payload::<SendMsgResp>(data) {
            Ok(ack) if data.is_some() => meaning_of_recorded(&json!({
                "serverMsgID": ack.server_msg_id, "clientMsgID": ack.client_msg_id, "sendTime": ack.send_time,
            })),
            _ => Value::Null,
        },
        ops::GET_NEWEST_SEQ => {
            let answer: GetMaxSeqResp = envelope::payload(data).unwrap();
            json!({ "maxSeqs": answer.max_seqs, "minSeqs": answer.min_seqs })
        }
        ops::PULL_MSG_BY_SEQ_LIST => meaning_of_pull(&envelope::payload(data).unwrap()),
        other => panic!("an answer to {other}"),
    }
}

fn meaning_of_pull(pulled: &PushMessages) -> Value {
    let show = |map: &BTreeMap<String, PullMsgs>| -> Value {
        let one = |pulled: &PullMsgs| {
            let msgs: Vec<Value> = pulled.msgs.iter().map(meaning_of_message).collect();
            json!({ "Msgs": msgs, "isEnd": pulled.is_end, "endSeq": pulled.end_seq })
        };
        map.iter().map(|(id, pulled)| (id.clone(), one(pulled))).collect::<serde_json::Map<_, _>>().into()
    };
    json!({ "msgs": show(&pulled.msgs), "notificationMsgs": show(&pulled.notification_msgs) })
}

#[tokio::test(start_paused = true)]
async fn the_recording_of_an_unstored_message_is_followed() {
    let mut player = Player::new(recording!("unstored-keeps-senders-seq"), |_| {}).await;
    let token = player.token("own51006837");
    let group = json!({
        "ownerUserID": "own51006837", "memberUserIDs": ["bot51006813"],
        "groupInfo": { "groupID": "2117536584", "groupName": "g", "groupType": 2 },
    });
    data(&player.server, &token, "/group/create_group", &group).await;
    player.server.settle();
    player.forget_pushes().await;
    player.finish().await;
}

impl Player {
    /// What came before the recording begins is none of its business.
    async fn forget_pushes(&mut self) {
        for peer in self.peers.values_mut() {
            peer.write(Message::text(r#"{"type":"ping","body":"begin"}"#)).await;
            while !matches!(peer.next().await, Some(Message::Text(_))) {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_recording_of_notification_accounts_and_odd_ids_is_followed() {
    let player = Player::new(recording!("sessiontype4-by-anybody-and-odd-ids"), |_| {}).await;
    player.finish().await;
}

#[tokio::test(start_paused = true)]
async fn the_recording_of_a_lost_cache_is_followed() {
    let mut player = Player::new(recording!("redis-lost-seqs-jump"), |_| {}).await;
    player.play(17).await;
    player.server.lose_cache();
    player.finish().await;
}

#[tokio::test(start_paused = true)]
async fn the_recording_of_a_deleted_conversation_is_followed() {
    let mut player = Player::new(recording!("deleted-conversation-not-in-1001"), |_| {}).await;
    player.play(9).await;
    let token = player.token("bot51015674");
    let delete = json!({ "ownerUserID": "bot51015674", "conversationIDs": ["si_bot51015674_p5101519"] });
    data(&player.server, &token, "/conversation/delete_conversations", &delete).await;
    player.finish().await;
}

#[tokio::test(start_paused = true)]
async fn the_recording_of_a_late_join_is_followed() {
    let player = Player::new(recording!("join-pushes-1509-with-seq-and-history-is-readable"), |_| {}).await;
    let group = json!({
        "ownerUserID": "own51018826",
        "groupInfo": { "groupID": "3747876624", "groupName": "G", "groupType": 2 },
    });
    let admin = admin_token(&player.server).await;
    data(&player.server, &admin, "/group/create_group", &group).await;
    player.server.settle();
    let pulled =
        player.lines.as_slice().iter().find(|line| line["json"]["reqIdentifier"] == 1005 && line["dir"] == "down");
    let msgs = pulled.unwrap()["decoded"]["msgs"]["sg_3747876624"]["Msgs"].as_array().unwrap().clone();
    for recorded in msgs.iter().filter(|msg| msg["msgFrom"] == 100) {
        player.server.send(message(recorded)).unwrap();
    }
    let owner = player.token("own51018826");
    let invite = json!({ "groupID": "3747876624", "invitedUserIDs": ["bot51018306"] });
    data(&player.server, &owner, "/group/invite_user_to_group", &invite).await;
    player.finish().await;
}

#[tokio::test(start_paused = true)]
async fn the_recording_of_a_blanked_message_is_followed() {
    let recording = recording!("1005-right-after-1001-blanks-a-message");
    let lines: Vec<Value> = lines(recording).collect();
    let server = server_of(&lines, |_| {});
    server.set_fault_rates(FaultRates { blank_pull: 100, ..FaultRates::default() });
    let mut bot = RawClient::login(&server, "bot5102449", WINDOWS).await;
    for n in 0..6 {
        tokio::time::sleep(Duration::from_millis(if n == 5 { 400 } else { 1 })).await;
        server.send_as("p51024728", Recipient::User("bot5102449"), &format!("x{n}")).unwrap();
    }
    for line in lines.iter().filter(|line| line["dir"] == "up") {
        let request = &line["json"];
        let asked = STANDARD.decode(request["data"].as_str().unwrap()).unwrap();
        let op = i32::try_from(request["reqIdentifier"].as_i64().unwrap()).unwrap();
        let response = match op {
            ops::GET_NEWEST_SEQ => bot.ask(op, &decoded::<openim_core::wire::pb::GetMaxSeqReq>(&asked)).await,
            _ => bot.ask(op, &decoded::<openim_core::wire::pb::GetSeqMessageReq>(&asked)).await,
        };
        if op == ops::PULL_MSG_BY_SEQ_LIST {
            let pulled: PushMessages = envelope::payload(response.data.as_deref()).unwrap();
            let last = pulled.msgs["si_bot5102449_p51024728"].msgs.last().unwrap().clone();
            let before = server.stored("si_bot5102449_p51024728")[4].send_time;
            assert_eq!(last, MsgData { seq: 6, status: 4, send_time: before, ..MsgData::default() });
        }
    }
    assert_eq!(server.stored("si_bot5102449_p51024728").len(), 6, "it is stored all the same");
}

fn decoded<M: prost::Message + Default>(bytes: &[u8]) -> M {
    M::decode(bytes).unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_recording_of_a_burst_is_followed() {
    let recorded: Vec<Value> = lines(recording!("burst-acknowledged-not-stored")).collect();
    let note = recorded.iter().find(|line| line["sent"].is_number()).unwrap();
    let server = server_of(&recorded, |config| {
        config.users.push(UserConfig { user_id: "bot51031196".into(), ..UserConfig::default() });
    });
    let mut peer = RawClient::login(&server, "p51031210", WINDOWS).await;
    let mut acknowledged = 0;
    for n in 0..note["sent"].as_i64().unwrap() {
        let response = peer.ask(ops::SEND_MSG, &single("p51031210", "bot51031196", &format!("b{n}"))).await;
        acknowledged += i64::from(response.err_code == 0);
    }
    assert_eq!(acknowledged, note["acknowledged"].as_i64().unwrap());
    server.settle();
    let stored = server.stored("si_bot51031196_p51031210").len() as i64;
    assert!(stored < acknowledged && note["maxSeq"].as_i64().unwrap() < acknowledged, "{stored} stored");
}

#[tokio::test(start_paused = true)]
async fn the_recording_of_a_kick_is_followed() {
    let recorded: Vec<Value> = lines(recording!("kick-policy-1")).collect();
    let server = server_of(&recorded, |_| {});
    let mut first = RawClient::login(&server, "bot51021993", WINDOWS).await;
    let _second = RawClient::login(&server, "bot51021993", WINDOWS).await;
    let Some(Message::Binary(frame)) = first.next().await else { panic!("no kick") };
    let kick: Value = serde_json::from_slice(&frame).unwrap();
    assert_eq!(kick, recorded[3]["json"]);
    assert_eq!(first.gone().await, ConnectionEnd::Dropped);
}

#[tokio::test(start_paused = true)]
async fn the_recordings_of_refused_logins_are_followed() {
    let handshakes: Vec<Value> = lines(recording!("handshake")).collect();
    let server = server_with(|config| {
        for id in ["l1_cu4d9h3", "l1_du4d9h4"] {
            config.users.push(UserConfig { user_id: id.into(), ..UserConfig::default() });
        }
    });
    let now = testkit::TestClock::EPOCH_MS / 1000;
    let claims = testkit::token::Claims {
        user_id: "l1_cu4d9h3".into(),
        platform_id: WEB,
        exp: now + 1_000,
        iat: now - 5,
        nbf: None,
    };
    let made = |claims| testkit::token::make("openIM123", &claims);
    for line in &handshakes {
        let token = match line["case"].as_str().unwrap() {
            "ok" => server.token("l1_cu4d9h3", WEB),
            "expired" => made(testkit::token::Claims { exp: now - 1, ..claims.clone() }),
            "wrongSignature" => testkit::token::make("another", &claims),
            "futureIat" => made(testkit::token::Claims { iat: now + 100, ..claims.clone() }),
            "notYet" => made(testkit::token::Claims { nbf: Some(now + 100), ..claims.clone() }),
            "neverIssued" => made(claims.clone()),
            "malformed" => "nonsense".into(),
            "otherUsers" => server.token("l1_du4d9h4", WEB),
            other => panic!("{other}"),
        };
        let mut peer = RawClient::upgrade(&server, &query("l1_cu4d9h3", &token, WEB)).await;
        assert_eq!(peer.text().await, line["text"].as_str().unwrap(), "{line}");
    }
    let texts: Vec<_> = handshakes.iter().map(|line| &line["text"]).collect();
    for line in lines(recording!("login-refused")).filter(|line| line["text"].is_string()) {
        assert!(texts.contains(&&line["text"]), "{line}");
    }
}

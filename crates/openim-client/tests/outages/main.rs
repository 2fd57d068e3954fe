//! Outages and neighbours, against the dev server over a network that fails on command, in virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, RandomSource};
use channel::{Account, AccountSpec, Body, BoxFuture, Ledger, OfflinePolicy, Outgoing, Registry, Target, TokenManager};
use openim_client::{Dialer, Login, OpenIm, Stream};
use serde_json::json;
use testkit::{Config, FaultyNetwork, GroupConfig, Recipient, SeededRandom, Server, TestClock, UserConfig};
use tokio::time::{Instant, sleep};

struct LineDialer(FaultyNetwork);

impl Dialer for LineDialer {
    fn dial<'a>(&'a self, _host: &'a str, _port: u16) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move { Ok(Box::new(self.0.dial()?) as Box<dyn Stream>) })
    }
}

fn server(seed: u64, users: &[&str]) -> Server {
    let everybody: Vec<String> = users.iter().map(|id| (*id).to_owned()).collect();
    let users = everybody.iter().map(|id| UserConfig { user_id: id.clone(), ..UserConfig::default() }).collect();
    let groups = vec![GroupConfig { group_id: "g".into(), members: everybody, ..GroupConfig::default() }];
    let config = Config { users, groups, ..Config::default() };
    Server::new(config, Arc::new(TestClock::new()), Arc::new(SeededRandom::new(seed))).unwrap()
}

/// One account on its own line, online.
async fn account(server: &Server, net: &FaultyNetwork, user: &str, random: &Arc<dyn RandomSource>) -> Account {
    let clock: Arc<dyn Clock> = Arc::new(TestClock::new());
    let raw = json!({"token": server.issue_token(user, 5), "wsAddr": "ws://s:1", "apiAddr": "http://s:2"});
    let login = Login::read(user, raw.as_object().unwrap()).unwrap();
    let dialer = Arc::new(LineDialer(net.clone()));
    let tokens = TokenManager::fixed(user.into(), login.token.clone(), clock.clone(), random.clone());
    let spec = AccountSpec {
        id: user.into(),
        tokens,
        transport: OpenIm::with_dialer(user.into(), login, random.clone(), dialer),
        ledger: Arc::new(Ledger::in_memory()),
        offline_policy: OfflinePolicy::default(),
        clock,
        random: random.clone(),
    };
    let account = Account::start(spec, &Arc::new(Registry::default())).await.unwrap();
    account.online().await.unwrap();
    account
}

async fn until_connected(account: &Account) -> Duration {
    let began = Instant::now();
    while !account.status().connected {
        sleep(Duration::from_millis(1)).await;
    }
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn after_30_s_of_outage_the_median_return_is_1_7_s_and_14_attempts() {
    let mut returns = Vec::new();
    for seed in 1..=20 {
        let server = server(seed, &["bot"]);
        let net = FaultyNetwork::new(server.clone());
        let random: Arc<dyn RandomSource> = Arc::new(SeededRandom::new(seed * 7919));
        let account = account(&server, &net, "bot", &random).await;
        // Long enough online that the outage is a new one.
        sleep(Duration::from_secs(60)).await;
        let before = net.dials();
        net.refuse(true);
        net.cut();
        sleep(Duration::from_secs(30)).await;
        net.refuse(false);
        returns.push(until_connected(&account).await);
        let attempts = net.dials() - before;
        assert!(attempts <= 14, "{attempts} attempts");
        account.stop().await;
        server.shutdown().await;
    }
    returns.sort();
    let median = (returns[9] + returns[10]) / 2;
    println!("returns: median {median:?}, longest {:?}", returns[19]);
    assert!(median <= Duration::from_millis(1_700), "{median:?}");
}

#[tokio::test(start_paused = true)]
async fn fifty_accounts_come_back_one_after_the_other() {
    let names: Vec<String> = (0..50).map(|n| format!("bot_{n}")).collect();
    let server = server(1, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let random: Arc<dyn RandomSource> = Arc::new(SeededRandom::new(42));
    let mut accounts = Vec::new();
    for name in &names {
        let net = FaultyNetwork::new(server.clone());
        let account = account(&server, &net, name, &random).await;
        accounts.push((net, account));
    }
    sleep(Duration::from_secs(60)).await;
    for (net, _) in &accounts {
        net.refuse(true);
        net.cut();
    }
    sleep(Duration::from_secs(30)).await;
    for (net, _) in &accounts {
        net.refuse(false);
    }
    let began = Instant::now();
    let mut per_tenth = vec![0_usize; 50];
    let mut back = BTreeSet::new();
    while back.len() < accounts.len() {
        sleep(Duration::from_millis(10)).await;
        let tenth = usize::try_from(began.elapsed().as_millis() / 100).unwrap();
        for (_, account) in &accounts {
            if account.status().connected && back.insert(account.id().clone()) {
                per_tenth[tenth] += 1;
            }
        }
    }
    let busiest = per_tenth.iter().max().unwrap();
    assert!(*busiest <= 10, "{busiest} of 50 came back within the same tenth of a second: {per_tenth:?}");
    assert!(began.elapsed() <= Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn two_servers_with_the_same_ids_never_mix() {
    let (east, west) = (server(1, &["bot", "alice"]), server(2, &["bot", "alice"]));
    let random: Arc<dyn RandomSource> = Arc::new(SeededRandom::new(3));
    let east_bot = account(&east, &FaultyNetwork::new(east.clone()), "bot", &random).await;
    let west_bot = account(&west, &FaultyNetwork::new(west.clone()), "bot", &random).await;
    let (mut heard, mut said) = (0, 0);
    for n in 0..1_000 {
        let (place, server, bot) =
            if random.bits().is_multiple_of(2) { ("east", &east, &east_bot) } else { ("west", &west, &west_bot) };
        let in_group = random.bits().is_multiple_of(2);
        if random.bits().is_multiple_of(2) {
            let to = if in_group { Recipient::Group("g") } else { Recipient::User("bot") };
            server.send_as("alice", to, &format!("{place} {n}")).unwrap();
            heard += 1;
        } else {
            let target = if in_group { Target::Group("g".into()) } else { Target::User("alice".into()) };
            let body = Body::Text(format!("{place} {n}"));
            let message = Outgoing { until_stored: true, ..Outgoing::new(target, format!("m{n}"), 1, body) };
            bot.send(message).await.unwrap();
            said += 1;
        }
        take(bot, place).await;
    }
    for (place, server) in [("east", &east), ("west", &west)] {
        for conversation in ["si_alice_bot", "sg_g"] {
            for message in server.stored(conversation) {
                let text = String::from_utf8(message.content).unwrap();
                assert!(text.contains(place), "{text} is stored in the {place}");
            }
        }
    }
    assert!(heard > 300 && said > 300, "{heard} heard, {said} said");
}

/// Takes what has come and acknowledges it; all of it belongs to the place.
async fn take(bot: &Account, place: &str) {
    while let Ok(Some(batch)) = tokio::time::timeout(Duration::from_millis(5), bot.next_batch()).await {
        for delivery in &batch.messages {
            assert!(delivery.message.text.starts_with(place), "{} came in the {place}", delivery.message.text);
        }
        bot.ack(&batch.messages.iter().map(|delivery| delivery.number).collect::<Vec<_>>());
    }
}

//! One bot over all its runs: its ledger on a disk, its network, and the far side of its pump.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use base::RandomSource;
use channel::limits::LEDGER_EVERY;
use channel::{
    Account, AccountSpec, Body, BoxFuture, Event, Ledger, OfflinePolicy, Outgoing, Registry, Target, TokenManager,
};
use openim_client::{Dialer, Login, OpenIm, Stream};
use openim_core::conversation;
use parking_lot::Mutex;
use serde_json::json;
use testkit::{Disk, FaultyNetwork, Server, TestClock};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::history::{Handed, History, Sent};
use crate::people::Truth;
use crate::world::{Dice, GROUP, LATE_GROUP, NEWCOMERS, PEOPLE};

const API_PORT: u16 = 10_002;

/// The socket goes over the faulty network, which counts its lines. The API cannot be reached: an HTTP client is no part
/// of the story that a seed tells.
struct LineDialer(FaultyNetwork);

impl Dialer for LineDialer {
    fn dial<'a>(&'a self, _host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            if port == API_PORT {
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            Ok(Box::new(self.0.dial()?) as Box<dyn Stream>)
        })
    }
}

/// One bot over all its runs.
pub(crate) struct Bot {
    pub(crate) id: String,
    offline_policy: OfflinePolicy,
    pub(crate) net: FaultyNetwork,
    pub(crate) disk: Disk,
    ledger: Arc<Ledger>,
    registry: Arc<Registry>,
    pub(crate) history: Arc<Mutex<History>>,
    sends: Vec<JoinHandle<()>>,
    writer: JoinHandle<()>,
    run: Option<(Arc<Account>, JoinHandle<()>)>,
    pub(crate) heals: tokio::sync::watch::Sender<bool>,
    runs: u64,
}

/// Opens the ledger on a disk, and writes it as the product's thread does.
fn open(disk: &Disk, history: &Arc<Mutex<History>>) -> (Arc<Ledger>, JoinHandle<()>) {
    let disk = disk.clone();
    let ledger = Arc::new(Ledger::on_disk(move || Ok(disk.open())));
    let (written, history) = (ledger.clone(), history.clone());
    let writer = tokio::spawn(async move {
        loop {
            sleep(LEDGER_EVERY).await;
            commit(&written, &history);
        }
    });
    (ledger, writer)
}

fn commit(ledger: &Ledger, history: &Mutex<History>) {
    if ledger.commit() {
        history.lock().committed();
    }
}

impl Bot {
    pub(crate) fn new(id: String, server: &Server, offline_policy: OfflinePolicy) -> Self {
        let net = FaultyNetwork::new(server.clone());
        let disk = Disk::default();
        let history = Arc::default();
        let (ledger, writer) = open(&disk, &history);
        Self {
            id,
            offline_policy,
            net,
            disk,
            ledger,
            registry: Arc::default(),
            history,
            sends: Vec::new(),
            writer,
            run: None,
            heals: tokio::sync::watch::Sender::new(false),
            runs: 0,
        }
    }

    pub(crate) fn account(&self) -> &Arc<Account> {
        &self.run.as_ref().unwrap().0
    }

    pub(crate) async fn start(&mut self, server: &Server, dice: &Dice, clock: &Arc<TestClock>) {
        let token = server.issue_token(&self.id, 5);
        let raw = json!({"token": token, "wsAddr": "ws://gateway:10001", "apiAddr": "http://api:10002"});
        let login = Login::read("a", raw.as_object().unwrap()).unwrap();
        let random: Arc<dyn RandomSource> = dice.0.clone();
        let dialer = Arc::new(LineDialer(self.net.clone()));
        let tokens = TokenManager::fixed("a".into(), login.token.clone(), clock.clone(), random.clone());
        let spec = AccountSpec {
            id: "a".into(),
            tokens,
            transport: OpenIm::with_dialer("a".into(), login, random.clone(), dialer),
            ledger: self.ledger.clone(),
            offline_policy: self.offline_policy.clone(),
            clock: clock.clone(),
            random,
        };
        let account = Arc::new(Account::start(spec, &self.registry).await.unwrap());
        let reader = Reader { account: account.clone(), history: self.history.clone(), dice: dice.clone() };
        let reading = tokio::spawn(reader.read(self.heals.subscribe()));
        self.runs += 1;
        self.run = Some((account, reading));
    }

    pub(crate) async fn restart(&mut self, server: &Server, dice: &Dice, clock: &Arc<TestClock>) {
        self.end_run().await;
        self.start(server, dice, clock).await;
    }

    pub(crate) fn commit(&self) {
        commit(&self.ledger, &self.history);
    }

    /// The process dies and another one starts: what was not on the disk never was.
    pub(crate) async fn crash(&mut self, server: &Server, dice: &Dice, clock: &Arc<TestClock>) {
        self.writer.abort();
        self.disk.crash();
        self.end_run().await;
        self.disk.full(false);
        self.history.lock().crashed();
        (self.ledger, self.writer) = open(&self.disk, &self.history);
        self.registry = Arc::default();
        self.start(server, dice, clock).await;
    }

    async fn end_run(&mut self) {
        let Some((account, reading)) = self.run.take() else { return };
        let stopping = Instant::now();
        account.stop().await;
        assert!(stopping.elapsed() <= Duration::from_secs(4), "a stop takes at most four seconds");
        reading.await.unwrap();
        self.history.lock().reconnects += account.status().reconnects;
    }

    pub(crate) fn send(&mut self, step: u64, dice: &Dice) {
        let person = dice.person();
        let (target, conversation) = if dice.percent(50) {
            (Target::User(person.into()), conversation::single(&self.id, person))
        } else {
            (Target::Group(GROUP.into()), conversation::group(GROUP))
        };
        for part in 0..=dice.below(3) {
            let id = format!("{}-{}-{step}-{part}", self.id, self.runs);
            let body = Body::Text(format!("answer {step}.{part}"));
            let outgoing = Outgoing { until_stored: true, ..Outgoing::new(target.clone(), id.clone(), 1, body) };
            let sending = self.account().send(outgoing);
            let (history, conversation, asked) = (self.history.clone(), conversation.clone(), Instant::now());
            self.sends.push(tokio::spawn(async move {
                let outcome = match sending.await {
                    Ok(_) => Some(true),
                    Err(error) if error.is_maybe_delivered() => None,
                    Err(_) => Some(false),
                };
                assert!(asked.elapsed() <= Duration::from_secs(41), "I7: a send settled after {:?}", asked.elapsed());
                history.lock().sent.push(Sent { conversation, id, outcome });
            }));
        }
    }

    pub(crate) fn later(&self, wait: Duration, act: impl Fn(&FaultyNetwork) + Send + 'static) {
        let net = self.net.clone();
        tokio::spawn(async move {
            sleep(wait).await;
            act(&net);
        });
    }

    pub(crate) async fn end(&mut self) {
        let status = self.account().status();
        assert!(
            status.connected,
            "{} is not connected after healing: {:?} {:?}",
            self.id, status.state, status.last_error
        );
        assert_eq!(self.account().status().unacked, 0, "{} holds messages after healing", self.id);
        self.end_run().await;
        self.writer.abort();
        for send in self.sends.drain(..) {
            send.await.expect("I7: a send did not settle");
        }
    }

    /// Whether every message is delivered, however old.
    pub(crate) fn wants_everything(&self) -> bool {
        self.offline_policy == OfflinePolicy::default()
    }

    pub(crate) fn check(&self, server: &Server, truth: &Truth, elapsed: Duration) {
        let history = self.history.lock();
        if self.wants_everything() {
            let people = PEOPLE.iter().chain(&NEWCOMERS);
            let mut conversations: Vec<_> = people.map(|person| conversation::single(&self.id, person)).collect();
            conversations.push(conversation::group(GROUP));
            // A chat that the server lost may have counted on to where it was before, which nobody can notice.
            for conversation in conversations.iter().filter(|conversation| !truth.lost.contains(*conversation)) {
                history.nothing_is_lost(&self.id, conversation, &server.stored(conversation));
            }
            let late = conversation::group(LATE_GROUP);
            let inside = server.stored(&late).into_iter().filter(|message| truth.was_member(&self.id, message));
            history.nothing_is_lost(&self.id, &late, &inside.collect::<Vec<_>>());
        }
        history.first_deliveries_are_in_order(truth);
        history.nothing_handed_over_is_forgotten(truth);
        history.history_is_never_live(&conversation::group(LATE_GROUP), |id| truth.is_before_joining(&self.id, id));
        history.sends_are_honest(truth, &|conversation| server.stored(conversation));
        // I9: at once, then half a second, a second, two: on average never faster than one attempt in a second.
        let most = self.runs * 4 + elapsed.as_secs();
        assert!(self.net.dials() <= most, "I9: {} dials in {elapsed:?}", self.net.dials());
    }
}

/// The far side of the pump: takes batches, settles some at once, some late, refuses some, keeps some to the end.
struct Reader {
    account: Arc<Account>,
    history: Arc<Mutex<History>>,
    dice: Dice,
}

impl Reader {
    async fn read(self, mut heals: tokio::sync::watch::Receiver<bool>) {
        let mut kept = Vec::new();
        let mut stops = 0;
        loop {
            let batch = tokio::select! {
                biased;
                batch = self.account.next_batch() => batch,
                Ok(()) = heals.changed() => {
                    self.ack(kept.drain(..));
                    continue;
                }
            };
            let Some(batch) = batch else { break };
            assert_eq!(stops, 0, "I4: something came after the last event");
            stops += batch.events.iter().filter(|event| **event == Event::Stopped).count();
            for delivery in batch.messages {
                let message = &delivery.message;
                self.history.lock().hand(Handed {
                    conversation: message.conversation.to_string(),
                    seq: message.seq(),
                    id: message.id.clone(),
                    redelivered: delivery.redelivered,
                    offline: message.offline,
                });
                let what = if *heals.borrow() { 0 } else { self.dice.below(100) };
                match what {
                    0..80 => self.ack(std::iter::once(delivery)),
                    80..95 => self.account.nack(&[delivery.number]),
                    _ => kept.push(delivery),
                }
            }
            if self.dice.percent(10) {
                sleep(self.dice.millis(2_000)).await;
            }
        }
        assert_eq!(stops, 1, "I5: exactly one last event");
    }

    fn ack(&self, deliveries: impl Iterator<Item = channel::Delivery>) {
        for delivery in deliveries {
            let message = &delivery.message;
            self.history.lock().settle(&message.conversation, &message.id);
            self.account.ack(&[delivery.number]);
        }
    }
}

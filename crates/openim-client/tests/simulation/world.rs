//! One world: its people write, its accounts answer, its network and its server misbehave; then everything heals and the
//! history is looked at.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use base::RandomSource;
use channel::limits::{LEDGER_EVERY, UNACKED_PER_ACCOUNT};
use channel::{
    Account, AccountSpec, Body, BoxFuture, Event, Ledger, OfflinePolicy, Outgoing, Registry, Target, TokenManager,
};
use openim_client::{Dialer, Login, OpenIm, Stream};
use openim_core::conversation;
use parking_lot::Mutex;
use serde_json::json;
use testkit::{
    Config, Disk, FaultRates, FaultyNetwork, GroupConfig, Recipient, SeededRandom, Server, TestClock, UserConfig,
};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::history::{Handed, History, Sent, Totals};

const GROUP: &str = "g0";
const PEOPLE: [&str; 3] = ["p0", "p1", "p2"];
/// After healing: longer than a resync, a heartbeat's death and a redelivery together.
const HEALING: Duration = Duration::from_secs(420);

/// Draws from the seed.
#[derive(Clone)]
struct Dice(Arc<SeededRandom>);

impl Dice {
    fn below(&self, n: u64) -> u64 {
        self.0.bits() % n
    }

    fn percent(&self, n: u64) -> bool {
        self.below(100) < n
    }

    fn person(&self) -> &'static str {
        PEOPLE[usize::try_from(self.below(PEOPLE.len() as u64)).unwrap()]
    }

    fn millis(&self, up_to: u64) -> Duration {
        Duration::from_millis(self.below(up_to))
    }
}

struct LineDialer(FaultyNetwork);

impl Dialer for LineDialer {
    fn dial<'a>(&'a self, _host: &'a str, _port: u16) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move { Ok(Box::new(self.0.dial()?) as Box<dyn Stream>) })
    }
}

/// One bot over all its runs.
struct Bot {
    id: String,
    net: FaultyNetwork,
    disk: Disk,
    ledger: Arc<Ledger>,
    registry: Arc<Registry>,
    history: Arc<Mutex<History>>,
    sends: Vec<JoinHandle<()>>,
    writer: JoinHandle<()>,
    run: Option<(Arc<Account>, JoinHandle<()>)>,
    heals: tokio::sync::watch::Sender<bool>,
    runs: u64,
}

/// Plays a seed to its end.
pub(crate) fn run(seed: u64) -> Totals {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(play(seed))
}

async fn play(seed: u64) -> Totals {
    let dice = Dice(Arc::new(SeededRandom::new(seed.wrapping_mul(0x9e37_79b9))));
    let clock = Arc::new(TestClock::new());
    let bots: Vec<String> = (0..=dice.below(2)).map(|n| format!("bot_{n}")).collect();
    // The server keeps its own time: nobody sets both clocks at once.
    let server = Server::new(config(&bots), Arc::new(TestClock::new()), Arc::new(SeededRandom::new(seed))).unwrap();
    let mut bots: Vec<Bot> = bots.into_iter().map(|id| Bot::new(id, &server)).collect();
    for bot in &mut bots {
        bot.start(&server, &dice, &clock).await;
        bot.account().online().await.unwrap();
        bot.commit();
    }
    let began = Instant::now();
    for step in 0..60 + dice.below(90) {
        act(step, &server, &mut bots, &dice, &clock).await;
        sleep(dice.millis(3_000)).await;
        for bot in &bots {
            assert!(bot.net.streams() <= 1, "I6: {} has {} lines", bot.id, bot.net.streams());
            let unacked = bot.account().status().unacked;
            assert!(unacked <= UNACKED_PER_ACCOUNT, "I8: {} holds {unacked} messages", bot.id);
        }
    }
    heal(&server, &mut bots, &dice, &clock).await;
    let mut totals = Totals::default();
    for bot in &mut bots {
        bot.end().await;
        bot.check(&server, began.elapsed());
        totals.count(&bot.history.lock());
    }
    server.shutdown().await;
    totals
}

fn config(bots: &[String]) -> Config {
    let everybody: Vec<String> = PEOPLE.iter().map(|id| (*id).to_owned()).chain(bots.iter().cloned()).collect();
    let users = everybody.iter().map(|id| UserConfig { user_id: id.clone(), ..UserConfig::default() }).collect();
    let group = GroupConfig { group_id: GROUP.into(), members: everybody, ..GroupConfig::default() };
    Config { users, groups: vec![group], ..Config::default() }
}

async fn act(step: u64, server: &Server, bots: &mut [Bot], dice: &Dice, clock: &Arc<TestClock>) {
    let n = usize::try_from(dice.below(bots.len() as u64)).unwrap();
    let bot = &mut bots[n];
    match dice.below(109) {
        0..45 => {
            let to = if dice.percent(60) { Recipient::User(&bot.id) } else { Recipient::Group(GROUP) };
            for part in 0..=dice.below(4) {
                server.send_as(dice.person(), to, &format!("message {step}.{part}")).unwrap();
            }
        }
        45..65 => bot.send(step, dice),
        65..72 => bot.net.cut(),
        72..76 => bot.net.lose(),
        76..80 => {
            bot.net.hold();
            bot.later(dice.millis(30_000), FaultyNetwork::release);
        }
        80..84 => {
            bot.net.refuse(true);
            bot.net.cut();
            bot.later(dice.millis(40_000), |net| net.refuse(false));
        }
        84..88 => {
            server.cut(&bot.id);
        }
        88..94 => server.set_fault_rates(mischief(dice)),
        94..98 => bot.restart(server, dice, clock).await,
        98..100 => {
            server.kick(&bot.id, 5);
            sleep(Duration::from_secs(5)).await;
            let (ended, dials) = (bot.account().status().state.is_terminal(), bot.net.dials());
            sleep(Duration::from_secs(120)).await;
            assert!(!ended || bot.net.dials() == dials, "I10: {} connects although it was kicked", bot.id);
            bot.restart(server, dice, clock).await;
        }
        100..102 => bot.crash(server, dice, clock).await,
        102..104 => {
            bot.disk.full(true);
            let disk = bot.disk.clone();
            let wait = dice.millis(20_000);
            tokio::spawn(async move {
                sleep(wait).await;
                disk.full(false);
            });
        }
        104..107 => {
            // The server lost its counter: sequences that never get a message.
            let chat = if dice.percent(60) {
                conversation::single(&bot.id, dice.person())
            } else {
                conversation::group(GROUP)
            };
            server.skip_seqs(&chat, 1 + dice.below(120));
        }
        _ => clock.jump(i64::try_from(dice.below(2 * 7_200_000)).unwrap() - 7_200_000),
    }
}

fn mischief(dice: &Dice) -> FaultRates {
    let share = |likely: u64| if dice.percent(likely) { u8::try_from(dice.below(40)).unwrap() } else { 0 };
    FaultRates {
        drop_push: share(50),
        repeat_push: share(50),
        swap_push: share(50),
        lose_answer: share(40),
        ack_unstored: share(30),
        fail_request: share(30),
        ..FaultRates::default()
    }
}

async fn heal(server: &Server, bots: &mut [Bot], dice: &Dice, clock: &Arc<TestClock>) {
    server.set_fault_rates(FaultRates::default());
    for bot in bots.iter_mut() {
        bot.net.refuse(false);
        bot.net.release();
        bot.disk.full(false);
        bot.heals.send_replace(true);
        if bot.account().status().state.is_terminal() {
            bot.restart(server, dice, clock).await;
        }
    }
    sleep(HEALING).await;
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
    fn new(id: String, server: &Server) -> Self {
        let net = FaultyNetwork::new(server.clone());
        let disk = Disk::default();
        let history = Arc::default();
        let (ledger, writer) = open(&disk, &history);
        Self {
            id,
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

    fn account(&self) -> &Arc<Account> {
        &self.run.as_ref().unwrap().0
    }

    async fn start(&mut self, server: &Server, dice: &Dice, clock: &Arc<TestClock>) {
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
            offline_policy: OfflinePolicy::default(),
            clock: clock.clone(),
            random,
        };
        let account = Arc::new(Account::start(spec, &self.registry).await.unwrap());
        let reader = Reader { account: account.clone(), history: self.history.clone(), dice: dice.clone() };
        let reading = tokio::spawn(reader.read(self.heals.subscribe()));
        self.runs += 1;
        self.run = Some((account, reading));
    }

    async fn restart(&mut self, server: &Server, dice: &Dice, clock: &Arc<TestClock>) {
        self.end_run().await;
        self.start(server, dice, clock).await;
    }

    fn commit(&self) {
        commit(&self.ledger, &self.history);
    }

    /// The process dies and another one starts: what was not on the disk never was.
    async fn crash(&mut self, server: &Server, dice: &Dice, clock: &Arc<TestClock>) {
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

    fn send(&mut self, step: u64, dice: &Dice) {
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

    fn later(&self, wait: Duration, act: impl Fn(&FaultyNetwork) + Send + 'static) {
        let net = self.net.clone();
        tokio::spawn(async move {
            sleep(wait).await;
            act(&net);
        });
    }

    async fn end(&mut self) {
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

    fn check(&self, server: &Server, elapsed: Duration) {
        let history = self.history.lock();
        let mut conversations: Vec<_> = PEOPLE.iter().map(|person| conversation::single(&self.id, person)).collect();
        conversations.push(conversation::group(GROUP));
        for conversation in &conversations {
            history.nothing_is_lost(&self.id, conversation, &server.stored(conversation));
        }
        history.first_deliveries_are_in_order();
        history.sends_are_honest(&|conversation| server.stored(conversation));
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

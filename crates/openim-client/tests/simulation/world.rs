//! One world: its people write, its accounts answer, its network and its server misbehave; then everything heals and the
//! history is looked at.

use std::sync::Arc;
use std::time::Duration;

use base::RandomSource as _;
use channel::OfflinePolicy;
use channel::limits::UNACKED_PER_ACCOUNT;
use channel::offline::OfflineMode;
use openim_core::conversation;
use testkit::{Config, FaultRates, FaultyNetwork, GroupConfig, Recipient, SeededRandom, Server, TestClock, UserConfig};
use tokio::time::{Instant, sleep};

use crate::bot::Bot;
use crate::history::Totals;
use crate::people::People;

pub(crate) const GROUP: &str = "g0";
/// A group with a history, into which bots come late.
pub(crate) const LATE_GROUP: &str = "late";
pub(crate) const PEOPLE: [&str; 3] = ["p0", "p1", "p2"];
/// People whose first message comes in the middle of the story.
pub(crate) const NEWCOMERS: [&str; 3] = ["q0", "q1", "q2"];
/// After healing: longer than a resync, a heartbeat's death and a redelivery together.
const HEALING: Duration = Duration::from_secs(420);

/// Draws from the seed.
#[derive(Clone)]
pub(crate) struct Dice(pub(crate) Arc<SeededRandom>);

impl Dice {
    pub(crate) fn below(&self, n: u64) -> u64 {
        self.0.bits() % n
    }

    pub(crate) fn percent(&self, n: u64) -> bool {
        self.below(100) < n
    }

    pub(crate) fn person(&self) -> &'static str {
        PEOPLE[usize::try_from(self.below(PEOPLE.len() as u64)).unwrap()]
    }

    pub(crate) fn millis(&self, up_to: u64) -> Duration {
        Duration::from_millis(self.below(up_to))
    }
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
    let mut people = People::new(server.clone(), dice.clone());
    people.chat_in(LATE_GROUP, dice.below(60));
    let mut bots: Vec<Bot> = bots.into_iter().map(|id| Bot::new(id, &server, policy(&dice))).collect();
    for bot in &mut bots {
        bot.start(&server, &dice, &clock).await;
        bot.account().online().await.unwrap();
        bot.commit();
    }
    let began = Instant::now();
    for step in 0..60 + dice.below(90) {
        act(step, &server, &mut people, &mut bots, &dice, &clock).await;
        sleep(dice.millis(3_000)).await;
        for bot in &bots {
            assert!(bot.net.streams() <= 1, "I6: {} has {} lines", bot.id, bot.net.streams());
            let unacked = bot.account().status().unacked;
            assert!(unacked <= UNACKED_PER_ACCOUNT, "I8: {} holds {unacked} messages", bot.id);
        }
    }
    heal(&server, &mut bots, &dice, &clock).await;
    speak_to_everybody(&server, &mut people, &bots).await;
    let mut totals = Totals::default();
    for bot in &mut bots {
        bot.end().await;
        bot.check(&server, people.truth(), began.elapsed());
        totals.count(&bot.history.lock());
    }
    server.shutdown().await;
    totals
}

/// Half of the bots want everything; the others pass over some of what came while they were away.
fn policy(dice: &Dice) -> OfflinePolicy {
    let newest = i64::try_from(dice.below(20)).unwrap();
    match dice.below(4) {
        0 => OfflinePolicy { mode: OfflineMode::Ignore, ..OfflinePolicy::default() },
        1 => OfflinePolicy { max_per_conversation: newest, ..OfflinePolicy::default() },
        _ => OfflinePolicy::default(),
    }
}

fn config(bots: &[String]) -> Config {
    let known: Vec<String> = PEOPLE.iter().map(|id| (*id).to_owned()).chain(bots.iter().cloned()).collect();
    let newcomers = NEWCOMERS.iter().map(|id| (*id).to_owned());
    let users = known.iter().cloned().chain(newcomers);
    let users = users.map(|user_id| UserConfig { user_id, ..UserConfig::default() }).collect();
    let people = PEOPLE.iter().map(|id| (*id).to_owned()).collect();
    let groups = vec![
        GroupConfig { group_id: GROUP.into(), members: known, ..GroupConfig::default() },
        GroupConfig { group_id: LATE_GROUP.into(), members: people, ..GroupConfig::default() },
    ];
    Config { users, groups, ..Config::default() }
}

async fn act(step: u64, server: &Server, people: &mut People, bots: &mut [Bot], dice: &Dice, clock: &Arc<TestClock>) {
    let n = usize::try_from(dice.below(bots.len() as u64)).unwrap();
    let bot = &mut bots[n];
    match dice.below(128) {
        0..45 => {
            let to = if dice.percent(60) { Recipient::User(&bot.id) } else { Recipient::Group(GROUP) };
            people.write(dice.person(), to, 1 + dice.below(5));
        }
        45..65 => bot.send(step, dice),
        65..94 => trouble(server, bot, dice),
        94..98 => bot.restart(server, dice, clock).await,
        98..100 => {
            server.kick(&bot.id, 5);
            sleep(Duration::from_secs(5)).await;
            let (ended, dials) = (bot.account().status().state.is_terminal(), bot.net.dials());
            sleep(Duration::from_secs(120)).await;
            assert!(!ended || bot.net.dials() == dials, "I10: {} connects although it was kicked", bot.id);
            bot.restart(server, dice, clock).await;
        }
        100..103 => bot.crash(server, dice, clock).await,
        103..104 => {
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
            server.skip_seqs(&chat(bot, dice), 1 + dice.below(120));
        }
        107..109 => {
            clock.jump(i64::try_from(dice.below(2 * 7_200_000)).unwrap() - 7_200_000);
            people.clock_is_right = false;
        }
        109..115 => people.chat_in(LATE_GROUP, 1 + dice.below(6)),
        115..118 => people.let_in_or_out(&bot.id).await,
        118..122 => people.forge(&bot.id, &chat(bot, dice)),
        122..126 => {
            // The last one speaks at the end only.
            people.write(NEWCOMERS[usize::try_from(dice.below(2)).unwrap()], Recipient::User(&bot.id), 2);
        }
        _ => people.lose_a_chat(&bot.id).await,
    }
}

/// Something on the way, or at the server, goes wrong for a while.
fn trouble(server: &Server, bot: &Bot, dice: &Dice) {
    match dice.below(29) {
        0..7 => bot.net.cut(),
        7..11 => bot.net.lose(),
        11..15 => {
            bot.net.hold();
            bot.later(dice.millis(30_000), FaultyNetwork::release);
        }
        15..19 => {
            bot.net.refuse(true);
            bot.net.cut();
            bot.later(dice.millis(150_000), |net| net.refuse(false));
        }
        19..23 => {
            server.cut(&bot.id);
        }
        _ => server.set_fault_rates(mischief(dice)),
    }
}

/// A chat of the bot's that it has known from the beginning.
fn chat(bot: &Bot, dice: &Dice) -> String {
    if dice.percent(60) { conversation::single(&bot.id, dice.person()) } else { conversation::group(GROUP) }
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

/// Nobody is deaf after all that, and what is said now is live: by a push, and where the push was lost.
async fn speak_to_everybody(server: &Server, people: &mut People, bots: &[Bot]) {
    let mut said = Vec::new();
    for bot in bots {
        for person in PEOPLE.iter().chain(&NEWCOMERS[..2]) {
            let ids = people.write(person, Recipient::User(&bot.id), 1);
            if !people.truth().lost.contains(&conversation::single(&bot.id, person)) {
                said.extend(ids.into_iter().map(|id| (bot, id)));
            }
        }
        server.set_fault_rates(FaultRates { drop_push: 100, ..FaultRates::default() });
        said.extend(people.write(NEWCOMERS[2], Recipient::User(&bot.id), 1).into_iter().map(|id| (bot, id)));
        server.set_fault_rates(FaultRates::default());
    }
    for id in people.write("p0", Recipient::Group(GROUP), 1) {
        said.extend(bots.iter().map(|bot| (bot, id.clone())));
    }
    sleep(Duration::from_secs(200)).await;
    for (bot, id) in said {
        let history = bot.history.lock();
        let handed = history.handed.iter().find(|handed| handed.id == id);
        // A clock that is wrong, and that nobody has compared with the server's, cannot tell what is old.
        let is_live = match handed {
            Some(handed) => !handed.offline || !people.clock_is_right,
            None => !people.clock_is_right && !bot.wants_everything(),
        };
        assert!(is_live, "I13: {} did not hear {id} live: {handed:?}", bot.id);
    }
}

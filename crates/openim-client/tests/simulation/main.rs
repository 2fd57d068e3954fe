//! Accounts, people, a server and a network in virtual time, all of it drawn from a seed. Whatever happened, the history
//! must keep its invariants. A failing seed is printed; run it again with
//! `OPENIM_SIM_SEED=<seed> cargo test -p openim-client --test simulation`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod bot;
mod history;
mod people;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Seeds of an ordinary run; `OPENIM_SIM_SEEDS` asks for more.
const SEEDS: u64 = 150;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn the_history_of_every_seed_keeps_its_invariants() {
    if let Some(seed) = number("OPENIM_SIM_SEED") {
        world::run(seed);
        return;
    }
    let first = number("OPENIM_SIM_FIRST").unwrap_or(1);
    let count = number("OPENIM_SIM_SEEDS").unwrap_or(SEEDS);
    let mut totals = history::Totals::default();
    for seed in first..first + count {
        match catch_unwind(AssertUnwindSafe(|| world::run(seed))) {
            Ok(run) => totals.add(&run),
            Err(panic) => {
                println!("the invariants broke with OPENIM_SIM_SEED={seed}");
                std::panic::resume_unwind(panic);
            }
        }
    }
    println!("{count} seeds: {totals:?}");
    // A simulation in which nothing happens proves nothing.
    assert!(
        totals.delivered > count * 10
            && totals.redelivered > 0
            && totals.reconnects > count
            && totals.sent > count
            && totals.crashes > count / 4
    );
}

#[test]
fn the_same_seed_is_the_same_story() {
    for seed in 1..=20 {
        assert_eq!(world::run(seed), world::run(seed), "seed {seed}");
    }
}

//! Development only: an OpenIM server small enough to start in a test and real enough to log in to with the genuine
//! client package. It keeps users, groups, tokens, conversations and messages in memory and speaks the websocket gateway
//! and the REST API. `docs/dev-server.md` says what it does and what it does not.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! use std::sync::Arc;
//! use testkit::{Config, SeededChance, Server, TestClock, To};
//!
//! let server = Server::new(Config::demo(), Arc::new(TestClock::new()), Arc::new(SeededChance::new(1))).unwrap();
//! let token = server.issue_token("bot_7", 5);
//! let stream = server.open(); // speak websocket or HTTP over it
//! server.send_as("alice", To::User("bot_7"), "hello").unwrap();
//! assert_eq!(server.stored("si_alice_bot_7").len(), 1);
//! # drop((token, stream));
//! server.shutdown().await;
//! # }
//! ```
//!
//! All waiting is tokio time, wall-clock time comes from a [`base::Clock`], ids from a [`base::RandomSource`]: under a paused
//! clock with [`TestClock`] and [`SeededChance`] everything is deterministic.

mod adversary;
mod clock;
mod config;
mod control;
mod data;
mod desk;
mod disk;
mod fault;
mod gateway;
mod http;
mod limits;
mod listen;
mod memory;
mod mischief;
mod net;
mod notice;
pub mod pb_jssdk;
mod proxy;
mod rest;
mod server;
mod state;
mod storage;
mod system;
pub mod token;
mod trouble;

pub use adversary::Port;
pub use clock::{SeededChance, TestClock};
pub use config::{Config, GroupConfig, UserConfig};
pub use desk::{Desk, DeskReport, DeskRequest, DeskTrouble};
pub use disk::Disk;
pub use fault::Fault;
pub use mischief::Mischief;
pub use net::{Line, Net};
pub use proxy::{ChaosProxy, Traffic, Way, Weather};
pub use server::{Addresses, Server, To};
pub use storage::{StorageFailure, StorageTrouble};
pub use system::{SystemChance, SystemClock};
pub use trouble::{Door, Rule};

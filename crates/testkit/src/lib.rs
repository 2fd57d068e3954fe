//! Development only: an OpenIM server that is small enough to start in a test and real enough for the genuine client
//! package. It keeps users, groups, tokens, conversations and messages in memory and serves the websocket gateway and
//! the REST API. `README.md` describes how it is built, `docs/dev-server.md` how to use it.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! use std::sync::Arc;
//! use testkit::{Config, Recipient, SeededRandom, Server, TestClock};
//!
//! let server = Server::new(Config::demo(), Arc::new(TestClock::new()), Arc::new(SeededRandom::new(1))).unwrap();
//! let token = server.issue_token("bot_7", 5);
//! let stream = server.open(); // speak websocket or HTTP over it
//! server.send_as("alice", Recipient::User("bot_7"), "hello").unwrap();
//! assert_eq!(server.stored("si_alice_bot_7").len(), 1);
//! # drop((token, stream));
//! server.shutdown().await;
//! # }
//! ```
//!
//! All waiting is tokio time, wall-clock time comes from a [`base::Clock`], ids from a [`base::RandomSource`]: under a paused
//! clock with [`TestClock`] and [`SeededRandom`] everything is deterministic.

mod backend;
mod clock;
mod config;
mod connections;
mod control;
mod disk;
mod entry;
mod faults;
mod gateway;
mod http;
mod limits;
mod model;
mod network;
mod proxy;
mod random;
pub mod records;
mod refusal;
mod rest;
mod saving;
mod server;
mod storage;
pub mod token;
mod token_endpoint;

pub use clock::{SystemClock, TestClock};
pub use config::{Config, GroupConfig, ServerVersion, UserConfig};
pub use disk::Disk;
pub use entry::Addresses;
pub use faults::listener::{ListenerState, Port};
pub use faults::rates::FaultRates;
pub use faults::rules::FaultRule;
pub use faults::storage::{StorageFault, StorageFaults};
pub use network::{FaultyNetwork, FaultyStream};
pub use proxy::{ChaosProxy, ConnectionConditions, Direction, Traffic};
pub use random::{SeededRandom, SystemRandom};
pub use refusal::Refusal;
pub use server::Server;
pub use server::messages::Recipient;
pub use token_endpoint::{TokenEndpointConfig, TokenEndpointFault, TokenEndpointReport, TokenEndpointRequest};

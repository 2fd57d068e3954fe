//! OpenIM over tokio: one [`Transport`](channel::Transport) per account. The protocol's rules live in `openim-core`; this
//! crate owns sockets, TLS, time and chance.

mod conn;
mod inbound;
mod login;
mod mine;
mod outgoing;
mod requests;
mod sender;
mod shape;
mod sync;
mod token;
mod transport;
mod way_out;

pub mod calls;
pub mod compose;
pub mod limits;
pub mod media;
pub mod rest;
pub mod system;

pub use login::{LOGIN_MEMBERS, Login};
pub use net::{Dialer, Limits as DownloadLimits, Outlet, Stream, TcpDialer};
pub use outgoing::new_message_id;
pub use token::{KeeperTokens, TokenReader};
pub use transport::OpenIm;

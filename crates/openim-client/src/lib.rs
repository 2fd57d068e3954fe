//! OpenIM over tokio: one [`Transport`](channel::Transport) per account. The protocol's rules live in `openim-core`; this
//! crate owns sockets, TLS, time and random.

mod config_error;
mod conn;
mod inbound;
mod login;
mod network_options;
mod outgoing;
mod own_ids;
mod positions;
mod requests;
mod self_state;
mod sender;
mod sender_check;
mod sync;
mod token;
mod transport;

pub mod calls;
pub mod compose;
pub mod json;
pub mod limits;
pub mod media;
pub mod rest;
pub mod system;

pub use login::{Login, LoginOptions, SenderPolicy};
pub use net::{
    Dialer, Limits as DownloadLimits, MediaSources, Network, Origin as DownloadOrigin, Stream, TcpDialer,
    sweep_downloads,
};
pub use network_options::{ConnectionOptions, MediaOptions};
pub use outgoing::new_message_id;
pub use token::{ManagedTokens, TokenReader};
pub use transport::OpenIm;

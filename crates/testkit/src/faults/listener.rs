//! What a port of the server does with new connections.

use serde::Deserialize;

/// One of the server's two ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Port {
    /// The websocket gateway's.
    Ws,
    /// The REST API's.
    Api,
}

/// What happens to new connections of a port.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ListenerState {
    /// They are accepted and served.
    #[default]
    Open,
    /// They are refused: nobody listens.
    Refuse,
    /// They are accepted, and nothing is read or written.
    Hang,
    /// They are accepted and closed at once.
    Drop,
}

//! The chat of alice with the account: its messages by their sequence, connections that it stands at, and what was delivered.

use channel::Event;
use openim_core::wire::pb::MsgData;

use super::{Peer, Rig, text_from_alice};

pub(crate) const CHAT: &str = "si_alice_bot_7";

/// The message of alice that stands under a sequence.
pub(crate) fn stored(seq: i64) -> MsgData {
    text_from_alice(&format!("m{seq}"), seq, &format!("text {seq}"))
}

/// The next connection, told that the chat stands at `max`.
pub(crate) async fn online_at(rig: &mut Rig, max: i64) -> Peer {
    let mut peer = rig.accepted().await;
    peer.maxima.insert(CHAT.to_owned(), max);
    peer.sync().await;
    rig.event(|event| *event == Event::Synced).await;
    peer
}

/// Takes and acknowledges `count` messages; returns their sequences and whether each was marked offline.
pub(crate) async fn take(rig: &Rig, count: usize) -> Vec<(i64, bool)> {
    let deliveries = rig.messages(count).await;
    rig.account.ack(&deliveries.iter().map(|delivery| delivery.number).collect::<Vec<_>>());
    deliveries.iter().map(|delivery| (delivery.message.seq(), delivery.message.offline)).collect()
}

//! What happens between the server's acceptance and "online".

use openim_core::wire::pb::{GetMaxSeqReq, GetMaxSeqResp};
use openim_core::wire::{envelope, ops};

use crate::transport::Requests;

/// The first sync: asks where every conversation stands. Messages older than this connection are not fetched.
pub(crate) async fn newest(requests: &Requests, user_id: &str) -> base::Result<GetMaxSeqResp> {
    let answer = requests.ask(ops::GET_NEWEST_SEQ, &GetMaxSeqReq { user_id: user_id.to_owned() }).await?;
    envelope::payload(answer.as_deref()).map_err(|malformed| {
        base::Error::new(base::Kind::Protocol, format!("the server's answer to the sync is unreadable: {malformed}"))
    })
}

//! Payloads of every kind: what can be read is read the same after it was written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openim_core::wire::pb;
use prost::Message;

fn twice<T: Message + Default + PartialEq>(data: &[u8]) {
    if let Ok(once) = T::decode(data) {
        assert!(T::decode(once.encode_to_vec().as_slice()).is_ok_and(|again| again == once));
    }
}

fuzz_target!(|data: &[u8]| {
    twice::<pb::PushMessages>(data);
    twice::<pb::MsgData>(data);
    twice::<pb::GetMaxSeqResp>(data);
    twice::<pb::GetConversationsHasReadAndMaxSeqResp>(data);
    twice::<pb::SendMsgResp>(data);
    twice::<pb::SubUserOnlineStatusTips>(data);
});

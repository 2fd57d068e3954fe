//! How much memory a payload would take, counted before it is decoded: an empty message costs two bytes on the wire and
//! hundreds once it is decoded.

use std::mem::size_of;

use super::Malformed;
use super::pb::{
    ConversationSeqs, DelUserPushTokenReq, GetConversationsHasReadAndMaxSeqReq, GetConversationsHasReadAndMaxSeqResp,
    GetLastMessageReq, GetLastMessageResp, GetMaxSeqReq, GetMaxSeqResp, GetSeqMessageReq, MsgData, OfflinePushInfo,
    PullMessageBySeqsReq, PullMsgs, PushMessages, SendMsgResp, SeqRange, Seqs, SetAppBackgroundStatusReq,
    SubUserOnlineStatus, SubUserOnlineStatusElem, SubUserOnlineStatusTips,
};
use crate::limits::DECODED_MAX;

/// A text of its own on the heap, with its place in a list.
const TEXT: usize = 48;
/// The most a number takes.
const NUMBER: usize = size_of::<i64>();
/// The weight of a chat message: far more than an empty one takes, so that no frame holds more than 16,384 of them. The
/// largest answer holds a few hundred.
const CHAT_MESSAGE: usize = 4 * 1024;

/// What decoding has to know of a message: its own size, and which of its fields hold messages or packed numbers.
#[derive(Debug)]
pub struct Shape {
    size: usize,
    messages: &'static [(u64, &'static Self)],
    packed: &'static [u64],
}

/// A message of the protocol whose decoding is bounded.
pub trait Payload: prost::Message + Default {
    /// Its shape.
    const SHAPE: Shape;
}

/// The entry of a map with messages as values.
const fn map_of(value: &'static [(u64, &'static Shape)]) -> Shape {
    Shape { size: 2 * TEXT, messages: value, packed: &[] }
}

/// The entry of a map with plain values.
const PLAIN_ENTRY: Shape = map_of(&[]);

macro_rules! shapes {
    ($($name:ident($size:expr) { $($field:literal: $child:expr),* } $([$($packed:literal),*])?)*) => {$(
        impl Payload for $name {
            const SHAPE: Shape = Shape {
                size: $size,
                messages: &[$(($field, &$child)),*],
                packed: &[$($($packed),*)?],
            };
        }
    )*};
}

shapes! {
    MsgData(CHAT_MESSAGE) { 19: PLAIN_ENTRY, 20: OfflinePushInfo::SHAPE }
    OfflinePushInfo(0) {}
    PullMsgs(size_of::<PullMsgs>()) { 1: MsgData::SHAPE }
    PushMessages(size_of::<PushMessages>()) { 1: map_of(&[(2, &PullMsgs::SHAPE)]), 2: map_of(&[(2, &PullMsgs::SHAPE)]) }
    SeqRange(size_of::<SeqRange>()) {}
    PullMessageBySeqsReq(size_of::<PullMessageBySeqsReq>()) { 2: SeqRange::SHAPE }
    GetMaxSeqReq(size_of::<GetMaxSeqReq>()) {}
    GetMaxSeqResp(size_of::<GetMaxSeqResp>()) { 1: PLAIN_ENTRY, 2: PLAIN_ENTRY }
    SendMsgResp(size_of::<SendMsgResp>()) { 4: MsgData::SHAPE }
    ConversationSeqs(size_of::<ConversationSeqs>()) {} [3]
    GetSeqMessageReq(size_of::<GetSeqMessageReq>()) { 2: ConversationSeqs::SHAPE }
    GetConversationsHasReadAndMaxSeqReq(size_of::<GetConversationsHasReadAndMaxSeqReq>()) {}
    GetConversationsHasReadAndMaxSeqResp(size_of::<GetConversationsHasReadAndMaxSeqResp>()) {
        1: map_of(&[(2, &Seqs::SHAPE)])
    }
    Seqs(size_of::<Seqs>()) {}
    GetLastMessageReq(size_of::<GetLastMessageReq>()) {}
    GetLastMessageResp(size_of::<GetLastMessageResp>()) { 1: map_of(&[(2, &MsgData::SHAPE)]) }
    DelUserPushTokenReq(size_of::<DelUserPushTokenReq>()) {}
    SetAppBackgroundStatusReq(size_of::<SetAppBackgroundStatusReq>()) {}
    SubUserOnlineStatus(size_of::<SubUserOnlineStatus>()) {}
    SubUserOnlineStatusElem(size_of::<SubUserOnlineStatusElem>()) {} [2]
    SubUserOnlineStatusTips(size_of::<SubUserOnlineStatusTips>()) { 1: SubUserOnlineStatusElem::SHAPE }
}

/// Decodes a payload that stays within [`DECODED_MAX`].
pub(super) fn decode<M: Payload>(bytes: &[u8]) -> Result<M, Malformed> {
    spend(bytes, &M::SHAPE, &mut DECODED_MAX.clone())?;
    M::decode(bytes).map_err(|_| Malformed("protobuf"))
}

/// Takes what a message costs from `left`. As deep as the shapes, which hold no circle.
fn spend(mut bytes: &[u8], shape: &Shape, left: &mut usize) -> Result<(), Malformed> {
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        let field = tag >> 3;
        match tag & 7 {
            0 => {
                varint(&mut bytes)?;
                take(left, NUMBER)?;
            }
            1 => {
                skip(&mut bytes, 8)?;
                take(left, NUMBER)?;
            }
            5 => {
                skip(&mut bytes, 4)?;
                take(left, NUMBER)?;
            }
            2 => {
                let len = varint(&mut bytes)?;
                let inner = skip(&mut bytes, len)?;
                if let Some((_, child)) = shape.messages.iter().find(|(known, _)| *known == field) {
                    take(left, child.size)?;
                    spend(inner, child, left)?;
                } else if shape.packed.contains(&field) {
                    take(left, inner.len() * NUMBER)?;
                } else {
                    take(left, inner.len() + TEXT)?;
                }
            }
            _ => return Err(Malformed("protobuf")),
        }
    }
    Ok(())
}

fn take(left: &mut usize, cost: usize) -> Result<(), Malformed> {
    *left = left.checked_sub(cost).ok_or(Malformed("protobuf: more than may be decoded at once"))?;
    Ok(())
}

fn skip<'a>(bytes: &mut &'a [u8], len: u64) -> Result<&'a [u8], Malformed> {
    let len = usize::try_from(len).map_err(|_| Malformed("protobuf"))?;
    let (inner, rest) = bytes.split_at_checked(len).ok_or(Malformed("protobuf"))?;
    *bytes = rest;
    Ok(inner)
}

fn varint(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    prost::encoding::decode_varint(bytes).map_err(|_| Malformed("protobuf"))
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    fn with_empty_messages(count: usize) -> Vec<u8> {
        let msgs = vec![MsgData::default(); count];
        let pulled = PullMsgs { msgs, ..PullMsgs::default() };
        PushMessages { msgs: [("c".to_owned(), pulled)].into(), ..PushMessages::default() }.encode_to_vec()
    }

    #[test]
    fn a_frame_of_many_empty_messages_is_not_decoded() {
        assert_eq!(decode::<PushMessages>(&with_empty_messages(16_000)).unwrap().msgs["c"].msgs.len(), 16_000);
        let refused = decode::<PushMessages>(&with_empty_messages(17_000)).unwrap_err();
        assert_eq!(refused, Malformed("protobuf: more than may be decoded at once"));
    }

    #[test]
    fn a_full_pull_of_long_messages_is_decoded() {
        let options = ["history", "persistent", "unreadCount", "conversationUpdate", "offlinePush", "senderSync"];
        let message = MsgData {
            send_id: "a".repeat(32),
            recv_id: "b".repeat(32),
            client_msg_id: "c".repeat(32),
            server_msg_id: "d".repeat(32),
            content: vec![b'x'; 100_000],
            options: options.map(|name| (name.to_owned(), true)).into(),
            at_user_id_list: vec!["e".repeat(32); 10],
            offline_push_info: Some(OfflinePushInfo::default()),
            ..MsgData::default()
        };
        let pulled = PullMsgs { msgs: vec![message; 100], ..PullMsgs::default() };
        let push = PushMessages { msgs: [("c".to_owned(), pulled)].into(), ..PushMessages::default() };
        assert_eq!(decode::<PushMessages>(&push.encode_to_vec()), Ok(push));
    }

    #[test]
    fn a_hundred_thousand_conversations_are_decoded() {
        let max_seqs = (0..100_000_i64).map(|n| (format!("si_{n:016}_{n:016}"), n)).collect();
        let answer = GetMaxSeqResp { max_seqs, ..GetMaxSeqResp::default() };
        assert_eq!(decode::<GetMaxSeqResp>(&answer.encode_to_vec()), Ok(answer));
    }

    #[test]
    fn lists_of_names_and_maps_of_options_are_bounded_too() {
        // Field 21 of a message inside field 1 of a push, without any letter.
        let names = [0xaa, 0x01, 0x00].repeat(2_000_000);
        let options = [0x9a, 0x01, 0x00].repeat(2_000_000);
        for fields in [names, options] {
            assert!(decode::<MsgData>(&fields).is_err());
        }
    }

    #[test]
    fn a_payload_that_is_cut_anywhere_is_malformed() {
        let whole = with_empty_messages(3);
        for at in 1..whole.len() {
            assert!(decode::<PushMessages>(&whole[..at]).is_err(), "{at}");
        }
    }
}

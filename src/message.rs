//! Messages as JavaScript sees them. A received message and one of the account's own are the same object, made by the same
//! script from the same packed values.

use channel::{Chat, Delivery, Inbound, Target};
use openim_core::message::nested::{at, content, merger, quote};
use openim_core::message::{Media, elements, parts};

use crate::packed::{Packer, Part, PartList, packed};

/// The `status` of a message that was not sent yet.
pub(crate) const SENDING: i32 = 1;
/// The `status` of a message that the server has taken.
pub(crate) const SENT: i32 = 2;
/// The `msgFrom` of a person or a bot.
const FROM_USER: i32 = 100;

packed! {
    /// A message, received or to be sent. Everything in a received message but its ids was written by a stranger.
    Message {
        /// The id that the sender gave the message. It stays the same when the message is sent again.
        client_msg_id: &'a str = "clientMsgID",
        /// The id that the server gave the message; empty before it was sent.
        server_msg_id: &'a str = "serverMsgID",
        /// The conversation: `si_<user>_<user>`, `sg_<group>` or `sn_<user>_<user>`.
        conversation_id: &'a str = "conversationID",
        /// The user id of the sender.
        send_id: &'a str = "sendID",
        /// The user id of the receiver; empty in a group.
        recv_id: &'a str = "recvID",
        /// The group; empty in a direct conversation.
        group_id: &'a str = "groupID",
        /// The sender's name, as the sender chose it.
        sender_nickname: &'a str = "senderNickname",
        /// The address of the sender's picture.
        sender_face_url: &'a str = "senderFaceUrl",
        /// The platform that the sender wrote on: 1 iOS, 2 Android, 3 Windows, 4 macOS, 5 Web, 7 Linux.
        sender_platform_id: i32 = "senderPlatformID",
        /// 1 direct, 3 group, 4 a notification account. The server takes 4 from anybody: it proves nothing about the sender.
        session_type: i32 = "sessionType",
        /// 100 a user, 200 the server.
        msg_from: i32 = "msgFrom",
        /// The kind of the message; 101 is text.
        content_type: i32 = "contentType",
        /// The content as it came: JSON text.
        content: &'a str = "content",
        /// The number of the message in its conversation; 0 before it was sent.
        seq: i64 = "seq",
        /// When the server took the message, Unix milliseconds.
        send_time: i64 = "sendTime",
        /// When the sender made the message, Unix milliseconds.
        create_time: i64 = "createTime",
        /// 1 not sent yet, 2 sent, 3 failed.
        status: i32 = "status",
        /// Whether the message was read.
        is_read: bool = "isRead",
        /// What OpenIM clients attach to a message: JSON text.
        attached_info: &'a str = "attachedInfo",
        /// Free text for applications.
        ex: &'a str = "ex",
        /// The user ids that the message mentions; `AtAllTag` stands for everybody.
        at_user_id_list: &'a [String] = "atUserIDList",
        /// The words of the sender; a label such as `[file a.pdf]` for kinds without words, and empty where there is nothing
        /// to read. Quoted and forwarded words are not in it.
        text: &'a str = "text",
        /// The files of the message.
        media: PartList<Media> = "media",
        /// The message that this one answers.
        quote: Part<parts::QuotePart<'static>> = "quote",
        /// The messages that this one forwards.
        forwarded: Part<parts::ForwardPart<'static>> = "forwarded",
        /// The content of a text message. At most one of the elements is set, the one of the message's kind. Of messages
        /// inside it, an element holds two levels and at most 100; `content` has all.
        text_elem: Part<content::TextElem<'static>> = "textElem",
        picture_elem: Part<elements::Picture> = "pictureElem",
        sound_elem: Part<elements::Sound> = "soundElem",
        video_elem: Part<elements::Video> = "videoElem",
        file_elem: Part<elements::FileElem> = "fileElem",
        at_text_elem: Part<at::AtText> = "atTextElem",
        merge_elem: Part<merger::Merger> = "mergeElem",
        card_elem: Part<elements::Card> = "cardElem",
        location_elem: Part<elements::Location> = "locationElem",
        custom_elem: Part<elements::Custom> = "customElem",
        quote_elem: Part<quote::Quote> = "quoteElem",
        face_elem: Part<elements::Face> = "faceElem",
        advanced_text_elem: Part<elements::AdvancedText> = "advancedTextElem",
        markdown_text_elem: Part<content::TextElem<'static>> = "markdownTextElem",
        notification_elem: Part<content::NotificationElem<'static>> = "notificationElem",
        /// Whether the message mentions this account, by name or with everybody.
        is_at_self: bool = "isAtSelf",
        /// The number of this delivery for `ack` and `nack`; 0 for a message of one's own and in history.
        delivery: u64 = "delivery",
        /// Whether the message was delivered before and refused.
        redelivered: bool = "redelivered",
        /// Whether the message was sent while this account was not connected.
        offline: bool = "offline",
    }
}

/// Packs a message and its parts: one JSON object with the members that only some kinds have, or an empty string.
pub(crate) fn pack(message: &Message<'_>, parts: &str, packer: &mut Packer) {
    message.pack(packer);
    packer.string(parts);
}

pub(crate) fn received(delivery: &Delivery) -> Message<'_> {
    let message: &Inbound = &delivery.message;
    Message {
        client_msg_id: &message.id,
        server_msg_id: &message.server_id,
        conversation_id: &message.conversation,
        send_id: &message.sender.id,
        recv_id: &message.recipient,
        group_id: &message.group,
        sender_nickname: &message.sender.name,
        sender_face_url: &message.sender.face,
        sender_platform_id: message.sender.platform,
        session_type: session_type(message.chat),
        msg_from: message.origin,
        content_type: message.kind,
        content: &message.content,
        seq: message.seq(),
        send_time: message.sent_at,
        create_time: message.created_at,
        status: message.status,
        is_read: message.is_read,
        attached_info: &message.attached,
        ex: &message.extra,
        at_user_id_list: &message.mentions,
        text: &message.text,
        is_at_self: message.mentions_self,
        delivery: delivery.number,
        redelivered: delivery.redelivered,
        offline: message.offline,
        ..Message::default()
    }
}

/// A message of one's own, to this target. The caller fills in the rest.
pub(crate) fn own(target: Option<&Target>) -> Message<'_> {
    let (recv_id, group_id, session_type) = match target {
        Some(Target::User(id)) => (id.as_str(), "", session_type(Chat::Direct)),
        Some(Target::Group(id)) => ("", id.as_str(), session_type(Chat::Group)),
        None => ("", "", 0),
    };
    Message { recv_id, group_id, session_type, msg_from: FROM_USER, ..Message::default() }
}

/// `sessionType` on OpenIM's wire.
const fn session_type(chat: Chat) -> i32 {
    match chat {
        Chat::Direct => 1,
        Chat::Group => 3,
        Chat::Notice => 4,
    }
}

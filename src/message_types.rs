//! Types for `index.d.ts` alone: what a message is and what makes one.
#![expect(dead_code, reason = "stated for TypeScript; nothing in Rust makes or reads them")]

use napi::bindgen_prelude::Null;
use napi_derive::napi;

/// The content of a text message; of a markdown message (118) as well.
#[napi(object, object_from_js = false)]
pub struct TextElem {
    pub content: String,
}

/// Text that mentions people; `AtAllTag` in `atUserList` means everybody.
#[napi(object, object_from_js = false)]
pub struct AtTextElem {
    pub text: String,
    pub at_user_list: Vec<String>,
    pub at_users_info: Vec<AtUsersInfoItem>,
    /// As the quoter tells it: nothing in it is verified.
    #[napi(ts_type = "Partial<Message> | null")]
    pub quote_message: Null,
    pub is_at_self: bool,
}

/// A mentioned person. The name was written by the sender.
#[napi(object)]
pub struct AtUsersInfoItem {
    #[napi(js_name = "atUserID")]
    pub at_user_id: String,
    pub group_nickname: String,
}

/// An answer and the message it answers.
#[napi(object, object_from_js = false)]
pub struct QuoteElem {
    pub text: String,
    /// As the quoter tells it: nothing in it is verified.
    #[napi(ts_type = "Partial<Message> | null")]
    pub quote_message: Null,
    pub message_entity_list: Vec<MessageEntity>,
}

/// One size of a picture.
#[napi(object)]
pub struct PicBaseInfo {
    pub uuid: String,
    #[napi(js_name = "type")]
    pub kind: String,
    pub size: f64,
    pub width: f64,
    pub height: f64,
    pub url: String,
}

#[napi(object, object_from_js = false)]
pub struct PictureElem {
    pub source_path: String,
    pub source_picture: PicBaseInfo,
    pub big_picture: PicBaseInfo,
    pub snapshot_picture: PicBaseInfo,
}

/// A voice note; `duration` in seconds.
#[napi(object, object_from_js = false)]
pub struct SoundElem {
    pub uuid: String,
    pub sound_path: String,
    pub source_url: String,
    pub data_size: f64,
    pub duration: f64,
    pub sound_type: String,
}

/// A video; `duration` in seconds.
#[napi(object, object_from_js = false)]
pub struct VideoElem {
    pub video_path: String,
    #[napi(js_name = "videoUUID")]
    pub video_uuid: String,
    pub video_url: String,
    pub video_type: String,
    pub video_size: f64,
    pub duration: f64,
    pub snapshot_path: String,
    #[napi(js_name = "snapshotUUID")]
    pub snapshot_uuid: String,
    pub snapshot_size: f64,
    pub snapshot_url: String,
    pub snapshot_width: f64,
    pub snapshot_height: f64,
    pub snapshot_type: String,
}

#[napi(object, object_from_js = false)]
pub struct FileElem {
    pub file_path: String,
    pub uuid: String,
    pub source_url: String,
    pub file_name: String,
    pub file_size: f64,
    pub file_type: String,
}

/// Messages forwarded together.
#[napi(object, object_from_js = false)]
pub struct MergeElem {
    pub title: String,
    pub abstract_list: Vec<String>,
    /// As the forwarder tells them: nothing in them is verified.
    #[napi(ts_type = "Array<Partial<Message>>")]
    pub multi_message: Null,
    pub message_entity_list: Vec<MessageEntity>,
}

#[napi(object)]
pub struct CardElem {
    #[napi(js_name = "userID")]
    pub user_id: String,
    pub nickname: String,
    #[napi(js_name = "faceURL")]
    pub face_url: String,
    pub ex: String,
}

#[napi(object)]
pub struct LocationElem {
    pub description: String,
    pub longitude: f64,
    pub latitude: f64,
}

/// What an application made up; only that application knows what it means.
#[napi(object)]
pub struct CustomElem {
    pub data: String,
    pub extension: String,
    pub description: String,
}

/// A sticker.
#[napi(object)]
pub struct FaceElem {
    pub index: f64,
    pub data: String,
}

/// A marked part of a text.
#[napi(object)]
pub struct MessageEntity {
    #[napi(js_name = "type")]
    pub kind: String,
    pub offset: f64,
    pub length: f64,
    pub url: String,
    pub ex: String,
}

/// Text with marked parts.
#[napi(object, object_from_js = false)]
pub struct AdvancedTextElem {
    pub text: String,
    pub message_entity_list: Vec<MessageEntity>,
}

/// A notification account's message: JSON text.
#[napi(object, object_from_js = false)]
pub struct NotificationElem {
    pub detail: String,
}

/// What `createTextAtMessage` takes.
#[napi(object, object_to_js = false)]
pub struct AtMsgParams {
    pub text: String,
    /// 1 to 10 ids; `AtAllTag` means everybody.
    #[napi(js_name = "atUserIDList")]
    pub at_user_id_list: Vec<String>,
    pub at_users_info: Option<Vec<AtUsersInfoItem>>,
    /// A message to quote.
    #[napi(ts_type = "Partial<Message> | string | null")]
    pub message: Option<Null>,
}

/// What `createQuoteMessage` takes: the message as it is, or as JSON text as in OpenIM's JS client.
#[napi(object, object_to_js = false)]
pub struct QuoteMsgParams {
    pub text: String,
    #[napi(ts_type = "Partial<Message> | string")]
    pub message: Null,
}

/// What `createImageMessageByURL` takes.
#[napi(object, object_to_js = false)]
pub struct ImageMsgParams {
    #[napi(ts_type = "Partial<PicBaseInfo> & { url: string }")]
    pub source_picture: Null,
    #[napi(ts_type = "Partial<PicBaseInfo>")]
    pub big_picture: Option<Null>,
    #[napi(ts_type = "Partial<PicBaseInfo>")]
    pub snapshot_picture: Option<Null>,
    /// Not sent: it is of this machine.
    pub source_path: Option<String>,
}

/// What `createMergerMessage` takes.
#[napi(object, object_to_js = false)]
pub struct MergerMsgParams {
    #[napi(ts_type = "Array<Partial<Message>>")]
    pub message_list: Null,
    pub title: String,
    pub summary_list: Option<Vec<String>>,
}

/// Something to fetch. Everything in it is the sender's word: 0 and empty where nothing was told.
#[napi(object, object_from_js = false)]
pub struct MessageMedia {
    #[napi(ts_type = "'image' | 'audio' | 'video' | 'file'")]
    pub kind: String,
    pub url: String,
    /// Never a path.
    pub name: String,
    pub size: f64,
    /// A MIME type.
    pub content_type: String,
    /// Seconds.
    pub duration: f64,
    pub width: f64,
    pub height: f64,
    pub snapshot_url: String,
}

/// The quoted message, as the quoter tells it.
#[napi(object, object_from_js = false)]
pub struct MessageQuote {
    #[napi(js_name = "clientMsgID")]
    pub client_msg_id: String,
    #[napi(js_name = "sendID")]
    pub send_id: String,
    pub sender_nickname: String,
    /// 2101: it was revoked.
    pub content_type: i32,
    /// At most 2,000 bytes.
    pub text: String,
    pub media: Vec<MessageMedia>,
}

/// Forwarded messages, as the forwarder tells them; at most 50.
#[napi(object, object_from_js = false)]
pub struct MessageForward {
    pub title: String,
    pub summary: Vec<String>,
    pub messages: Vec<ForwardedMessage>,
}

#[napi(object, object_from_js = false)]
pub struct ForwardedMessage {
    #[napi(js_name = "sendID")]
    pub send_id: String,
    pub sender_nickname: String,
    pub content_type: i32,
    /// At most 2,000 bytes.
    pub text: String,
    pub media: Vec<MessageMedia>,
    pub send_time: f64,
}

/// A message, received or to be sent. Of a received one everything but the ids was written by a stranger.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct Message {
    #[napi(js_name = "clientMsgID")]
    pub client_msg_id: String,
    #[napi(js_name = "serverMsgID")]
    pub server_msg_id: String,
    #[napi(js_name = "conversationID")]
    pub conversation_id: String,
    #[napi(js_name = "sendID")]
    pub send_id: String,
    #[napi(js_name = "recvID")]
    pub recv_id: String,
    #[napi(js_name = "groupID")]
    pub group_id: String,
    pub sender_nickname: String,
    pub sender_face_url: String,
    #[napi(js_name = "senderPlatformID")]
    pub sender_platform_id: i32,
    /// 1 direct, 3 group, 4 a notification account.
    pub session_type: i32,
    pub msg_from: i32,
    /// 101 is text.
    pub content_type: i32,
    /// The content as it came: JSON text.
    pub content: String,
    pub seq: f64,
    pub send_time: f64,
    pub create_time: f64,
    pub status: i32,
    pub is_read: bool,
    pub attached_info: String,
    pub ex: String,
    #[napi(js_name = "atUserIDList")]
    pub at_user_id_list: Vec<String>,
    /// What the sender says; a label such as `[file a.pdf]` for kinds without words, and empty where there is nothing to
    /// read. What is quoted or forwarded is not in it.
    pub text: String,
    /// What there is to fetch.
    pub media: Vec<MessageMedia>,
    /// What the message answers.
    pub quote: Option<MessageQuote>,
    pub forwarded: Option<MessageForward>,
    /// Of the elements at most one is set, that of the kind. Of the messages inside it holds two levels and at most 100;
    /// `content` has all.
    pub text_elem: Option<TextElem>,
    pub picture_elem: Option<PictureElem>,
    pub sound_elem: Option<SoundElem>,
    pub video_elem: Option<VideoElem>,
    pub file_elem: Option<FileElem>,
    pub at_text_elem: Option<AtTextElem>,
    pub merge_elem: Option<MergeElem>,
    pub card_elem: Option<CardElem>,
    pub location_elem: Option<LocationElem>,
    pub custom_elem: Option<CustomElem>,
    pub quote_elem: Option<QuoteElem>,
    pub face_elem: Option<FaceElem>,
    pub advanced_text_elem: Option<AdvancedTextElem>,
    pub markdown_text_elem: Option<TextElem>,
    pub notification_elem: Option<NotificationElem>,
    pub is_at_self: bool,
    /// Names this delivery in `ack` and `nack`; 0 for a message of one's own.
    pub delivery: f64,
    /// It was delivered before and refused.
    pub redelivered: bool,
    /// Sent while this client was not connected.
    pub offline: bool,
}

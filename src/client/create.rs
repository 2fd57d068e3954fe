//! The create calls of the JS client: each makes a message with an id of its own, which `sendMessage` sends.

use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use openim_client::compose::{Composed, Make, compose};

use super::send::{new_id, now};
use super::{Core, OpenImClient};
use crate::answer::{self, Answer};
use crate::js_args;
use crate::message::{self, Message, SENDING};
use crate::outcome::Outcome;

#[napi]
impl OpenImClient {
    /// Makes a text message with an id of its own; `sendMessage` sends it. When the same message is sent again after
    /// an error it keeps its id, by which receivers recognise a repeat.
    #[napi(catch_unwind, ts_args_type = "text: string", ts_return_type = "Message")]
    pub fn create_text_message(&self, text: Unknown<'_>) -> Outcome<Answer> {
        self.core.make(Make::Text, "createTextMessage", &text)
    }

    /// Makes a text that mentions at most 10 users; `AtAllTag` among the ids mentions everybody.
    #[napi(catch_unwind, ts_args_type = "params: AtMsgParams", ts_return_type = "Message")]
    pub fn create_text_at_message(&self, params: Unknown<'_>) -> Outcome<Answer> {
        self.core.make(Make::TextAt, "createTextAtMessage", &params)
    }

    /// Makes an answer that quotes a message. An answer that is quoted is quoted as plain text.
    #[napi(catch_unwind, ts_args_type = "params: QuoteMsgParams", ts_return_type = "Message")]
    pub fn create_quote_message(&self, params: Unknown<'_>) -> Outcome<Answer> {
        self.core.make(Make::Quote, "createQuoteMessage", &params)
    }

    /// Makes a picture message from the address of a picture. The large picture and the preview are the source where
    /// they are left out.
    #[napi(
        catch_unwind,
        js_name = "createImageMessageByURL",
        ts_args_type = "params: ImageMsgParams",
        ts_return_type = "Message"
    )]
    pub fn create_image_message_by_url(&self, params: Unknown<'_>) -> Outcome<Answer> {
        self.core.make(Make::Image, "createImageMessageByURL", &params)
    }

    /// Makes a voice message from an address.
    #[napi(
        catch_unwind,
        js_name = "createSoundMessageByURL",
        ts_args_type = "params: Partial<SoundElem> & { sourceUrl: string }",
        ts_return_type = "Message"
    )]
    pub fn create_sound_message_by_url(&self, params: Unknown<'_>) -> Outcome<Answer> {
        self.core.make(Make::Sound, "createSoundMessageByURL", &params)
    }

    /// Makes a video message from an address.
    #[napi(
        catch_unwind,
        js_name = "createVideoMessageByURL",
        ts_args_type = "params: Partial<VideoElem> & { videoUrl: string, snapShotType?: string }",
        ts_return_type = "Message"
    )]
    pub fn create_video_message_by_url(&self, params: Unknown<'_>) -> Outcome<Answer> {
        self.core.make(Make::Video, "createVideoMessageByURL", &params)
    }

    /// Makes a file message from an address.
    #[napi(
        catch_unwind,
        js_name = "createFileMessageByURL",
        ts_args_type = "params: Partial<FileElem> & { sourceUrl: string }",
        ts_return_type = "Message"
    )]
    pub fn create_file_message_by_url(&self, params: Unknown<'_>) -> Outcome<Answer> {
        self.core.make(Make::File, "createFileMessageByURL", &params)
    }

    /// Makes one message that forwards several; lists show its `summaryList`.
    #[napi(catch_unwind, ts_args_type = "params: MergerMsgParams", ts_return_type = "Message")]
    pub fn create_merger_message(&self, params: Unknown<'_>) -> Outcome<Answer> {
        self.core.make(Make::Merger, "createMergerMessage", &params)
    }

    /// Makes a message with the content of another one.
    #[napi(catch_unwind, ts_args_type = "message: Partial<Message>", ts_return_type = "Message")]
    pub fn create_forward_message(&self, message: Unknown<'_>) -> Outcome<Answer> {
        self.core.make(Make::Forward, "createForwardMessage", &message)
    }

    /// Makes a message with the card of a user.
    #[napi(catch_unwind, ts_args_type = "params: Partial<CardElem> & { userID: string }", ts_return_type = "Message")]
    pub fn create_card_message(&self, params: Unknown<'_>) -> Outcome<Answer> {
        self.core.make(Make::Card, "createCardMessage", &params)
    }

    /// Makes a message with a place.
    #[napi(catch_unwind, ts_args_type = "params: LocationElem", ts_return_type = "Message")]
    pub fn create_location_message(&self, params: Unknown<'_>) -> Outcome<Answer> {
        self.core.make(Make::Location, "createLocationMessage", &params)
    }

    /// Makes a message that only an application understands; people read its `description`.
    #[napi(catch_unwind, ts_args_type = "params: Partial<CustomElem> & { data: string }", ts_return_type = "Message")]
    pub fn create_custom_message(&self, params: Unknown<'_>) -> Outcome<Answer> {
        self.core.make(Make::Custom, "createCustomMessage", &params)
    }

    /// Makes a message with a sticker.
    #[napi(catch_unwind, ts_args_type = "params: Partial<FaceElem>", ts_return_type = "Message")]
    pub fn create_face_message(&self, params: Unknown<'_>) -> Outcome<Answer> {
        self.core.make(Make::Face, "createFaceMessage", &params)
    }

    /// Makes a markdown message (118). OpenIM's JS client has no method for it and hands it over in
    /// `notificationElem`.
    #[napi(catch_unwind, ts_args_type = "text: string", ts_return_type = "Message")]
    pub fn create_markdown_message(&self, text: Unknown<'_>) -> Outcome<Answer> {
        self.core.make(Make::Markdown, "createMarkdownMessage", &text)
    }

    /// Makes a text with marked parts (117).
    #[napi(
        catch_unwind,
        ts_args_type = "params: { text: string, messageEntityList?: Array<Partial<MessageEntity>> }",
        ts_return_type = "Message"
    )]
    pub fn create_advanced_text_message(&self, params: Unknown<'_>) -> Outcome<Answer> {
        self.core.make(Make::AdvancedText, "createAdvancedTextMessage", &params)
    }
}

impl Core {
    fn make(&self, make: Make, op: &'static str, argument: &Unknown<'_>) -> Outcome<Answer> {
        Outcome::of(op, || {
            let Composed { kind, content, text, parts, mentions } = compose(make, op, &js_args::plain(argument)?)?;
            let made = Message {
                client_msg_id: &new_id(),
                send_id: &self.self_id(),
                content_type: kind,
                content: &content,
                text: &text,
                at_user_id_list: &mentions,
                create_time: now(),
                status: SENDING,
                ..message::own(None)
            };
            Ok(answer::message(&made, &parts))
        })
    }
}

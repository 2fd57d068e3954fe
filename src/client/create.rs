//! The create calls of the JS client: each makes a message with an id of its own, which `sendMessage` sends.

use napi::bindgen_prelude::Unknown;
use napi_derive::napi;
use openim_client::compose::{Composed, Make, compose};

use super::send::{new_id, now};
use super::{Core, OpenImClient};
use crate::js_args;
use crate::json::Json;
use crate::message::{self, Own, SENDING};
use crate::outcome::Outcome;

#[napi]
impl OpenImClient {
    /// Makes a text message with an id of its own; `sendMessage` sends it. Sending the same message again after an
    /// error keeps the id, by which receivers recognise a repeat.
    #[napi(catch_unwind, ts_args_type = "text: string", ts_return_type = "Message")]
    pub fn create_text_message(&self, text: Unknown<'_>) -> Outcome<Json> {
        self.core.make(Make::Text, "createTextMessage", &text)
    }

    /// Makes a text that mentions at most 10 people; `AtAllTag` among the ids mentions everybody.
    #[napi(catch_unwind, ts_args_type = "params: AtMsgParams", ts_return_type = "Message")]
    pub fn create_text_at_message(&self, params: Unknown<'_>) -> Outcome<Json> {
        self.core.make(Make::TextAt, "createTextAtMessage", &params)
    }

    /// Makes an answer to a message. A quote that is quoted becomes its text.
    #[napi(catch_unwind, ts_args_type = "params: QuoteMsgParams", ts_return_type = "Message")]
    pub fn create_quote_message(&self, params: Unknown<'_>) -> Outcome<Json> {
        self.core.make(Make::Quote, "createQuoteMessage", &params)
    }

    /// Makes a picture message of an address. Sizes that are left out are the source's.
    #[napi(
        catch_unwind,
        js_name = "createImageMessageByURL",
        ts_args_type = "params: ImageMsgParams",
        ts_return_type = "Message"
    )]
    pub fn create_image_message_by_url(&self, params: Unknown<'_>) -> Outcome<Json> {
        self.core.make(Make::Image, "createImageMessageByURL", &params)
    }

    /// Makes a voice message of an address.
    #[napi(
        catch_unwind,
        js_name = "createSoundMessageByURL",
        ts_args_type = "params: Partial<SoundElem> & { sourceUrl: string }",
        ts_return_type = "Message"
    )]
    pub fn create_sound_message_by_url(&self, params: Unknown<'_>) -> Outcome<Json> {
        self.core.make(Make::Sound, "createSoundMessageByURL", &params)
    }

    /// Makes a video message of an address.
    #[napi(
        catch_unwind,
        js_name = "createVideoMessageByURL",
        ts_args_type = "params: Partial<VideoElem> & { videoUrl: string, snapShotType?: string }",
        ts_return_type = "Message"
    )]
    pub fn create_video_message_by_url(&self, params: Unknown<'_>) -> Outcome<Json> {
        self.core.make(Make::Video, "createVideoMessageByURL", &params)
    }

    /// Makes a file message of an address.
    #[napi(
        catch_unwind,
        js_name = "createFileMessageByURL",
        ts_args_type = "params: Partial<FileElem> & { sourceUrl: string }",
        ts_return_type = "Message"
    )]
    pub fn create_file_message_by_url(&self, params: Unknown<'_>) -> Outcome<Json> {
        self.core.make(Make::File, "createFileMessageByURL", &params)
    }

    /// Makes one message of several that are forwarded together; `summaryList` stands for them in lists.
    #[napi(catch_unwind, ts_args_type = "params: MergerMsgParams", ts_return_type = "Message")]
    pub fn create_merger_message(&self, params: Unknown<'_>) -> Outcome<Json> {
        self.core.make(Make::Merger, "createMergerMessage", &params)
    }

    /// Makes a message that says what another one says.
    #[napi(catch_unwind, ts_args_type = "message: Partial<Message>", ts_return_type = "Message")]
    pub fn create_forward_message(&self, message: Unknown<'_>) -> Outcome<Json> {
        self.core.make(Make::Forward, "createForwardMessage", &message)
    }

    /// Makes a message with somebody's card.
    #[napi(catch_unwind, ts_args_type = "params: Partial<CardElem> & { userID: string }", ts_return_type = "Message")]
    pub fn create_card_message(&self, params: Unknown<'_>) -> Outcome<Json> {
        self.core.make(Make::Card, "createCardMessage", &params)
    }

    /// Makes a message with a place.
    #[napi(catch_unwind, ts_args_type = "params: LocationElem", ts_return_type = "Message")]
    pub fn create_location_message(&self, params: Unknown<'_>) -> Outcome<Json> {
        self.core.make(Make::Location, "createLocationMessage", &params)
    }

    /// Makes a message that only an application understands; `description` is what people read of it.
    #[napi(catch_unwind, ts_args_type = "params: Partial<CustomElem> & { data: string }", ts_return_type = "Message")]
    pub fn create_custom_message(&self, params: Unknown<'_>) -> Outcome<Json> {
        self.core.make(Make::Custom, "createCustomMessage", &params)
    }

    /// Makes a message with a sticker.
    #[napi(catch_unwind, ts_args_type = "params: Partial<FaceElem>", ts_return_type = "Message")]
    pub fn create_face_message(&self, params: Unknown<'_>) -> Outcome<Json> {
        self.core.make(Make::Face, "createFaceMessage", &params)
    }

    /// Makes a markdown message (118). OpenIM's JS client has no call for it and hands it over in `notificationElem`.
    #[napi(catch_unwind, ts_args_type = "text: string", ts_return_type = "Message")]
    pub fn create_markdown_message(&self, text: Unknown<'_>) -> Outcome<Json> {
        self.core.make(Make::Markdown, "createMarkdownMessage", &text)
    }

    /// Makes a text with marked parts (117).
    #[napi(
        catch_unwind,
        ts_args_type = "params: { text: string, messageEntityList?: Array<Partial<MessageEntity>> }",
        ts_return_type = "Message"
    )]
    pub fn create_advanced_text_message(&self, params: Unknown<'_>) -> Outcome<Json> {
        self.core.make(Make::AdvancedText, "createAdvancedTextMessage", &params)
    }
}

impl Core {
    fn make(&self, make: Make, op: &'static str, argument: &Unknown<'_>) -> Outcome<Json> {
        Outcome::of(op, || {
            let Composed { kind, content, text, parts, mentions } = compose(make, op, &js_args::plain(argument)?)?;
            Ok(Json::new(&message::object(&Own {
                id: &new_id(),
                self_id: &self.self_id(),
                kind,
                content: &content,
                text: &text,
                parts: &parts,
                mentions: &mentions,
                created_at: now(),
                status: SENDING,
                ..Own::default()
            })))
        })
    }
}

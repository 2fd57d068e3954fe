//! Messages a bot makes: from the arguments of the JS client's create calls, or from a message object, to what is sent.
//! Arguments are the user's own, so a wrong one is refused in words; only what is quoted or forwarded is read leniently.

use base::{Error, Kind, Result};
use openim_core::limits::ID_MAX;
use openim_core::message::elements::{Card, Custom, Face, Location};
use openim_core::message::nested::at::{AtText, AtUser};
use openim_core::message::nested::content;
use openim_core::message::nested::merger::Merger;
use openim_core::message::nested::quote::Quote;
use openim_core::message::{Content, Embedded, decode, encode, kinds, parts, readable};
use serde_json::{Map, Value};

use crate::limits::MENTIONS_MAX;

/// What a message says, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Composed {
    pub kind: i32,
    pub content: String,
    pub text: String,
    /// As in a received message: JSON, empty for text.
    pub parts: String,
    pub mentions: Vec<String>,
}

/// Which message is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Make {
    Text,
    TextAt,
    Quote,
    Image,
    Sound,
    Video,
    File,
    Merger,
    Forward,
    Card,
    Location,
    Custom,
    Face,
    Markdown,
    AdvancedText,
}

/// Makes a message of the arguments of its create call. `op` names the call in errors.
pub fn compose(make: Make, op: &'static str, argument: &Value) -> Result<Composed> {
    let refuse = |why: &str| Error::new(Kind::Config, format!("{op} {why}"));
    let args = Args { op, argument };
    Ok(match make {
        Make::Text | Make::Markdown => {
            let text = argument.as_str().ok_or_else(|| refuse("takes a string"))?.to_owned();
            if make == Make::Text { of(kinds::TEXT, &Content::Text(text)) } else { of(118, &Content::Markdown(text)) }
        }
        Make::TextAt => at(&args)?,
        Make::Quote => {
            let quoted = args.message("message")?.ok_or_else(|| refuse("takes the message that is quoted"))?;
            of(kinds::QUOTE, &Content::Quote(Quote::new(args.text("text")?, quoted)))
        }
        Make::Merger => merger(&args)?,
        Make::Forward => of_message(args.object()?, true)?,
        Make::Card => {
            let card = Card { user_id: args.needed("userID")?, ..args.element()? };
            of(kinds::CARD, &Content::Card(card))
        }
        Make::Location => {
            let place: Location = args.element()?;
            if args.number("longitude")?.abs() > 180.0 || args.number("latitude")?.abs() > 90.0 {
                return Err(refuse("takes a longitude up to 180 and a latitude up to 90 degrees"));
            }
            of(kinds::LOCATION, &Content::Location(place))
        }
        Make::Custom => of(kinds::CUSTOM, &Content::Custom(Custom { data: args.text("data")?, ..args.element()? })),
        Make::Face => of(kinds::FACE, &Content::Face(Face { ..args.element()? })),
        Make::AdvancedText => {
            let _ = args.text("text")?;
            of(kinds::ADVANCED_TEXT, &Content::AdvancedText(args.element()?))
        }
        Make::Image | Make::Sound | Make::Video | Make::File => by_url(make, &args)?,
    })
}

/// Reads a message object that is to be sent: the element of its kind, which its maker may have changed, or its raw
/// content. A message that is passed on keeps the raw content: an element of a received one may leave something out.
pub fn of_message(message: &Map<String, Value>, pass_on: bool) -> Result<Composed> {
    let kind = message
        .get("contentType")
        .map_or(Some(kinds::TEXT), |kind| kind.as_i64().and_then(|kind| kind.try_into().ok()));
    let kind = kind.ok_or_else(|| refuse("the message's contentType is not a number OpenIM knows"))?;
    if kinds::is_notification(kind) {
        return Err(refuse("the message is a notification; only the server sends these"));
    }
    let raw = message.get("content").and_then(Value::as_str).unwrap_or_default();
    let of_raw = || Some(decode(kind, raw.as_bytes())).filter(|content| !matches!(content, Content::Raw(_)));
    let of_element = || content::of_element(kind, message);
    let content = if pass_on { of_raw().or_else(of_element) } else { of_element().or_else(of_raw) };
    match content {
        Some(content) => Ok(of(kind, &content)),
        None if kinds::is_user_content(kind) => {
            Err(refuse("the message holds nothing of its kind; make it with one of the create methods"))
        }
        None if raw.is_empty() => Err(refuse("the message is empty; give it a content")),
        None => Ok(Composed { kind, content: raw.to_owned(), ..Composed::default() }),
    }
}

fn of(kind: i32, content: &Content) -> Composed {
    let mentions = match content {
        Content::At(at) => at.at_user_list.clone(),
        _ => Vec::new(),
    };
    Composed {
        kind,
        content: String::from_utf8_lossy(&encode(content)).into_owned(),
        text: readable(content),
        parts: parts(kind, content).unwrap_or_default(),
        mentions,
    }
}

fn at(args: &Args<'_>) -> Result<Composed> {
    let wrong = || args.refuse(&format!("takes atUserIDList, 1 to {MENTIONS_MAX} user ids; AtAllTag means everybody"));
    let ids = args.object()?.get("atUserIDList").and_then(Value::as_array).ok_or_else(wrong)?;
    if ids.is_empty() || ids.len() > MENTIONS_MAX {
        return Err(wrong());
    }
    let told: Vec<AtUser> = args.list("atUsersInfo")?;
    let user = |id: &Value| {
        let user_id = id.as_str().filter(|id| !id.is_empty() && id.len() <= ID_MAX).ok_or_else(wrong)?.to_owned();
        let name = told.iter().find(|user| user.user_id == user_id).map(|user| user.name.clone());
        Ok(AtUser { name: name.unwrap_or_default(), user_id })
    };
    let users = ids.iter().map(user).collect::<Result<Vec<_>>>()?;
    Ok(of(kinds::AT_TEXT, &Content::At(AtText::new(args.text("text")?, users, args.message("message")?))))
}

fn merger(args: &Args<'_>) -> Result<Composed> {
    let wrong = || args.refuse("takes messageList, the messages that are forwarded");
    let list = args.object()?.get("messageList").and_then(Value::as_array).ok_or_else(wrong)?;
    let messages: Vec<_> = list.iter().filter_map(Embedded::from_json).collect();
    if messages.is_empty() || messages.len() != list.len() {
        return Err(wrong());
    }
    let merger =
        Merger { title: args.text("title")?, lines: args.list("summaryList")?, messages, entities: Vec::new() };
    Ok(of(kinds::MERGER, &Content::Merger(merger)))
}

/// Media that is somewhere already. A path on this machine is nobody else's business and is left out.
fn by_url(make: Make, args: &Args<'_>) -> Result<Composed> {
    let content = match make {
        Make::Image => {
            let mut picture: openim_core::message::elements::Picture = args.element()?;
            let source = picture.source.clone();
            for other in [&mut picture.big, &mut picture.snapshot] {
                if other.url.is_empty() {
                    *other = source.clone();
                }
            }
            picture.source_path.clear();
            args.url("sourcePicture.url", &picture.source.url)?;
            Content::Picture(Box::new(picture))
        }
        Make::Sound => {
            let mut sound: openim_core::message::elements::Sound = args.element()?;
            sound.path.clear();
            args.url("sourceUrl", &sound.url)?;
            Content::Sound(Box::new(sound))
        }
        Make::Video => {
            let mut video: openim_core::message::elements::Video = args.element()?;
            video.path.clear();
            video.snapshot_path.clear();
            args.url("videoUrl", &video.url)?;
            Content::Video(Box::new(video))
        }
        _ => {
            let mut file: openim_core::message::elements::FileElem = args.element()?;
            file.path.clear();
            args.url("sourceUrl", &file.url)?;
            Content::File(Box::new(file))
        }
    };
    Ok(of(content.content_type().unwrap_or_default(), &content))
}

/// The one argument of a create call.
struct Args<'a> {
    op: &'static str,
    argument: &'a Value,
}

impl Args<'_> {
    fn refuse(&self, why: &str) -> Error {
        Error::new(Kind::Config, format!("{} {why}", self.op))
    }

    fn object(&self) -> Result<&Map<String, Value>> {
        self.argument.as_object().ok_or_else(|| self.refuse("takes an object"))
    }

    fn text(&self, name: &str) -> Result<String> {
        match self.object()?.get(name) {
            Some(Value::String(text)) => Ok(text.clone()),
            _ => Err(self.refuse(&format!("takes {name}, a string"))),
        }
    }

    fn needed(&self, name: &str) -> Result<String> {
        self.text(name)
            .and_then(|text| if text.is_empty() { Err(self.refuse(&format!("takes {name}"))) } else { Ok(text) })
    }

    fn number(&self, name: &str) -> Result<f64> {
        let number = self.object()?.get(name).and_then(Value::as_f64);
        number.ok_or_else(|| self.refuse(&format!("takes {name}, a number")))
    }

    fn list<T: content::Element>(&self, name: &str) -> Result<Vec<T>> {
        match self.object()?.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => Ok(items.iter().filter_map(content::Element::of).collect()),
            Some(_) => Err(self.refuse(&format!("takes {name}, a list"))),
        }
    }

    fn element<T: content::Element>(&self) -> Result<T> {
        self.object()?;
        T::of(self.argument).ok_or_else(|| self.refuse("takes an object"))
    }

    fn url(&self, name: &str, url: &str) -> Result<()> {
        if url.starts_with("https://") || url.starts_with("http://") {
            return Ok(());
        }
        Err(self.refuse(&format!("takes {name}, an http or https address; a file of this machine is sent by its path")))
    }

    /// A message as an object, or as the JSON text that the JS client takes.
    fn message(&self, name: &str) -> Result<Option<Embedded>> {
        let wrong = || self.refuse(&format!("takes {name}, a message or its JSON"));
        let parsed;
        let message = match self.object()?.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => {
                parsed = serde_json::from_str(text).map_err(|_| wrong())?;
                &parsed
            }
            Some(message) => message,
        };
        Embedded::from_json(message).map(Some).ok_or_else(wrong)
    }
}

fn refuse(why: &str) -> Error {
    Error::new(Kind::Config, why)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn made(make: Make, argument: &Value) -> Composed {
        compose(make, "createX", argument).unwrap()
    }

    fn content(composed: &Composed) -> Value {
        serde_json::from_str(&composed.content).unwrap()
    }

    fn received(text: &str) -> Value {
        json!({"clientMsgID":"m1","sendID":"alice","senderNickname":"Alice","contentType":101,
            "content":json!({"content":text}).to_string(),"textElem":{"content":text},"quoteElem":null,"seq":3})
    }

    #[test]
    fn case_42_an_at_message_mentions_in_its_content_and_beside_it() {
        let args = json!({"text":"@Alice @all hi","atUserIDList":["alice","AtAllTag"],"atUsersInfo":[{"atUserID":"alice","groupNickname":"Alice"}]});
        let at = made(Make::TextAt, &args);
        assert_eq!(
            (at.kind, at.text.as_str(), &at.mentions),
            (106, "@Alice @all hi", &vec!["alice".to_owned(), "AtAllTag".to_owned()])
        );
        assert_eq!(content(&at)["atUsersInfo"][0]["groupNickname"], "Alice");
    }

    #[test]
    fn case_43_a_quote_takes_a_message_or_json_and_flattens_a_quote() {
        let of = |message: Value| made(Make::Quote, &json!({"text":"yes","message":message}));
        let first = of(received("question"));
        assert_eq!(first, of(Value::String(received("question").to_string())));
        let answer = json!({"contentType":114,"content":first.content,"sendID":"bot_7"});
        let second = content(&of(answer));
        assert_eq!(second["quoteMessage"]["contentType"], 101);
        assert_eq!(second["quoteMessage"]["textElem"]["content"], "yes");
        assert_eq!(second["quoteMessage"]["quoteElem"]["quoteMessage"]["textElem"]["content"], "question");
    }

    #[test]
    fn case_44_media_by_url_names_its_address_and_no_path_of_this_machine() {
        let at = "https://o.example/p.png";
        let picture = made(Make::Image, &json!({"sourcePath":"/here/p.png","sourcePicture":{"url":at,"size":5}}));
        let said = content(&picture);
        assert_eq!(
            (&said["sourcePath"], &said["snapshotPicture"]["url"], &said["bigPicture"]["size"]),
            (&json!(""), &json!(at), &json!(5))
        );
        for (make, args, kind) in [
            (Make::Sound, json!({"soundPath":"/x","sourceUrl":at,"duration":3}), 103),
            (Make::Video, json!({"videoPath":"/x","snapshotPath":"/y","videoUrl":at}), 104),
            (Make::File, json!({"filePath":"/x","sourceUrl":at,"fileName":"a.pdf"}), 105),
        ] {
            let file = made(make, &args);
            assert_eq!(file.kind, kind);
            assert!(!file.content.contains("/x") && !file.content.contains("/y"), "{}", file.content);
            assert!(file.parts.contains(at));
        }
    }

    #[test]
    fn a_forward_keeps_unnamed_members_and_sends_an_edited_element() {
        let many: Vec<_> = (0..120).map(|n| received(&n.to_string())).collect();
        let merger = made(Make::Merger, &json!({"title":"t","messageList":many,"summaryList":["Alice: 0"]}));
        assert_eq!(content(&merger)["multiMessage"].as_array().unwrap().len(), 120);
        let mut message =
            json!({"contentType":107,"content":merger.content,"mergeElem":{"title":"changed","multiMessage":[]}});
        let forward = made(Make::Forward, &message);
        assert_eq!(content(&forward)["multiMessage"].as_array().unwrap().len(), 120);
        let sent = of_message(message.as_object_mut().unwrap(), false).unwrap();
        assert_eq!(content(&sent)["title"], "changed");
    }

    #[test]
    fn every_other_kind_is_made_of_its_element() {
        let cases = [
            (Make::Text, json!("hi"), 101, "hi"),
            (Make::Markdown, json!("# hi"), 118, "# hi"),
            (
                Make::AdvancedText,
                json!({"text":"hi","messageEntityList":[{"type":"url","offset":0,"length":2}]}),
                117,
                "hi",
            ),
            (Make::Card, json!({"userID":"alice","nickname":"Alice"}), 108, "[card: Alice (alice)]"),
            (
                Make::Location,
                json!({"description":"Here","longitude":1.5,"latitude":2.5}),
                109,
                "[location: Here (2.5, 1.5)]",
            ),
            (Make::Custom, json!({"data":"{}","description":"a poll","extension":""}), 110, "[custom: a poll]"),
            (Make::Face, json!({"index":7,"data":""}), 115, "[sticker 7]"),
        ];
        for (make, args, kind, text) in cases {
            let message = made(make, &args);
            assert_eq!((message.kind, message.text.as_str()), (kind, text));
        }
    }

    #[test]
    fn a_wrong_argument_is_refused_in_words() {
        let eleven: Vec<_> = (0..11).map(|n| n.to_string()).collect();
        let cases = [
            (Make::Text, json!(5), "takes a string"),
            (Make::TextAt, json!({"text":"x","atUserIDList":eleven}), "1 to 10 user ids"),
            (Make::TextAt, json!({"text":"x","atUserIDList":[]}), "1 to 10 user ids"),
            (Make::TextAt, json!({"text":"x","atUserIDList":[5]}), "1 to 10 user ids"),
            (Make::Quote, json!({"text":"x"}), "takes the message that is quoted"),
            (Make::Quote, json!({"text":"x","message":"{"}), "a message or its JSON"),
            (Make::Image, json!({"sourcePicture":{"url":"/here/p.png"}}), "an http or https address"),
            (Make::File, json!("x"), "takes an object"),
            (Make::Merger, json!({"title":"t","messageList":[5]}), "the messages that are forwarded"),
            (Make::Card, json!({"userID":""}), "takes userID"),
            (Make::Location, json!({"longitude":200,"latitude":2}), "up to 180"),
            (Make::Location, json!({"longitude":"x","latitude":2}), "takes longitude, a number"),
            (Make::Forward, json!({"contentType":1508,"content":"{}"}), "only the server sends these"),
            (Make::Forward, json!({"contentType":105,"content":"{"}), "holds nothing of its kind"),
        ];
        for (make, argument, words) in cases {
            let error = compose(make, "createX", &argument).unwrap_err();
            assert_eq!(error.kind(), Kind::Config);
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}

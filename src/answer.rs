//! Results of calls and messages of one's own on their way to JavaScript. They are written where they are made; on the
//! JavaScript thread they are only parsed or unpacked.

use std::sync::Arc;

use base::Result;
use channel::{Delivery, Inbound};
use napi::Env;
use napi::bindgen_prelude::{Float64Array, FnArgs, Function, JsValue as _, ToNapiValue, Unknown};
use napi::sys;
use openim_client::calls::HistoryPage;
use serde::Serialize;

use crate::batch::{pack_messages, pack_own};
use crate::message::Message;
use crate::packed::{Packed, Text};
use crate::scripts::{self, Script};

/// A finished answer.
pub struct Answer(Form);

enum Form {
    /// `undefined`.
    Nothing,
    Json(Text),
    /// Messages cross as those of a batch do, and look the same.
    Message(Packed),
    History {
        is_end: bool,
        packed: Packed,
    },
}

/// Objects, lists and plain values; `null` becomes `undefined`.
pub(crate) fn json<T: Serialize>(result: &T) -> Answer {
    // Writing strings, numbers and lists cannot fail.
    let json = serde_json::to_string(result).unwrap_or_default();
    Answer(if json.is_empty() || json == "null" { Form::Nothing } else { Form::Json(Text::new(json)) })
}

/// A message of one's own.
pub(crate) fn message(own: &Message<'_>, parts: &str) -> Answer {
    Answer(Form::Message(pack_own(own, parts)))
}

/// A page of history.
pub(crate) fn history(history: &HistoryPage) -> Answer {
    let delivery = |message: &Arc<Inbound>| Delivery { number: 0, message: message.clone(), redelivered: false };
    let messages: Vec<_> = history.messages.iter().map(delivery).collect();
    Answer(Form::History { is_end: history.is_end, packed: pack_messages(&messages) })
}

fn to_js<'env>(env: &'env Env, form: Form) -> Result<Option<Unknown<'env>>> {
    type UnpackMessage<'env> = Function<'env, FnArgs<(Float64Array, Text, Vec<Text>)>, Unknown<'env>>;
    type UnpackHistory<'env> = Function<'env, FnArgs<(bool, Float64Array, Text, Vec<Text>)>, Unknown<'env>>;
    let made = match form {
        Form::Nothing => return Ok(None),
        Form::Json(text) => {
            let parse: Function<'env, FnArgs<(Text,)>, Unknown<'env>> =
                scripts::function(env, Script::Unpack, "parse")?;
            parse.call((text,).into())
        }
        Form::Message(Packed { numbers, text, longs }) => {
            let unpack: UnpackMessage<'env> = scripts::function(env, Script::Unpack, "message")?;
            unpack.call((numbers.into(), text, longs).into())
        }
        Form::History { is_end, packed: Packed { numbers, text, longs } } => {
            let unpack: UnpackHistory<'env> = scripts::function(env, Script::Unpack, "history")?;
            unpack.call((is_end, numbers.into(), text, longs).into())
        }
    };
    made.map(Some).map_err(|error| scripts::broken(&error))
}

#[expect(unsafe_code, reason = "napi's conversion trait is unsafe; the calls inside are safe ones")]
impl ToNapiValue for Answer {
    unsafe fn to_napi_value(env: sys::napi_env, answer: Self) -> napi::Result<sys::napi_value> {
        let wrapped = Env::from_raw(env);
        match to_js(&wrapped, answer.0) {
            Ok(Some(value)) => Ok(value.raw()),
            // SAFETY: called by napi on the thread that owns `env`.
            Ok(None) => unsafe { <() as ToNapiValue>::to_napi_value(env, ()) },
            Err(error) => Err(napi::Error::from_reason(error.to_string())),
        }
    }
}

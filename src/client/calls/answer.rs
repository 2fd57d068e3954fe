//! What a call resolves with. It is written on the runtime; on the JavaScript thread it is only parsed or unpacked.

use std::sync::Arc;

use base::Result;
use channel::{Batch, Delivery, Inbound};
use napi::Env;
use napi::bindgen_prelude::{Float64Array, FnArgs, Function, JsValue as _, ToNapiValue, Unknown};
use napi::sys;
use openim_client::calls::HistoryPage;
use serde::Serialize;

use crate::pack::{Packed, Text, pack};
use crate::scripts::{self, Script};

/// A finished answer.
pub struct Answer(Form);

enum Form {
    /// `undefined`.
    Nothing,
    Json(Text),
    /// Messages cross as those of a batch do, and look the same.
    History {
        is_end: bool,
        packed: Packed,
    },
}

/// Objects, lists and plain values; nothing is `undefined`.
pub(super) fn json<T: Serialize>(result: &T) -> Answer {
    // Of strings, numbers and lists: writing them cannot fail.
    let json = serde_json::to_string(result).unwrap_or_default();
    Answer(if json.is_empty() || json == "null" { Form::Nothing } else { Form::Json(Text::new(json)) })
}

/// A page of history.
pub(super) fn history(history: &HistoryPage) -> Answer {
    let delivered = |message: &Arc<Inbound>| Delivery { number: 0, message: message.clone(), redelivered: false };
    let batch = Batch { messages: history.messages.iter().map(delivered).collect(), ..Batch::default() };
    Answer(Form::History { is_end: history.is_end, packed: pack(&batch) })
}

type Unpack<'env> = Function<'env, FnArgs<(bool, Float64Array, Text, Vec<Text>)>, Unknown<'env>>;

fn to_js<'env>(env: &'env Env, form: Form) -> Result<Option<Unknown<'env>>> {
    match form {
        Form::Nothing => Ok(None),
        Form::Json(text) => {
            let parse: Function<'env, FnArgs<(Text,)>, Unknown<'env>> =
                scripts::function(env, Script::Unpack, "parse")?;
            parse.call((text,).into()).map(Some).map_err(|error| scripts::broken(&error))
        }
        Form::History { is_end, packed } => {
            let unpack: Unpack<'env> = scripts::function(env, Script::Unpack, "history")?;
            let Packed { numbers, text, longs } = packed;
            unpack.call((is_end, numbers.into(), text, longs).into()).map(Some).map_err(|error| scripts::broken(&error))
        }
    }
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

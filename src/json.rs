//! Objects that cross as JSON: they are large or have many shapes, and rare enough that parsing them is cheap.

use base::Result;
use napi::Env;
use napi::bindgen_prelude::{Function, JsValue as _, ToNapiValue, Unknown};
use napi::sys;

use crate::scripts::{self, Script};

/// A JSON text that becomes an ordinary object on the JavaScript thread.
pub struct Json(String);

impl Json {
    pub(crate) fn new(value: &serde_json::Value) -> Self {
        Self(value.to_string())
    }
}

#[expect(unsafe_code, reason = "napi's conversion trait is unsafe; the calls inside are safe ones")]
impl ToNapiValue for Json {
    unsafe fn to_napi_value(env: sys::napi_env, json: Self) -> napi::Result<sys::napi_value> {
        let env = Env::from_raw(env);
        let parse: Result<Function<'_, String, Unknown<'_>>> = scripts::function(&env, Script::Unpack, "parse");
        let parse = parse.map_err(|error| napi::Error::from_reason(error.to_string()))?;
        Ok(parse.call(json.0)?.raw())
    }
}

//! Reads arguments, whatever JavaScript passes. A wrong argument is an error of the addon with a sentence, never one of napi.

use base::{Error, Kind, Result};
use napi::ValueType;
use napi::bindgen_prelude::{JsObjectValue as _, JsValue as _, Object, Unknown};
use openim_client::json;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use crate::limits::{ARGUMENT_DEPTH, ARGUMENT_VALUES};

/// Reads strings, numbers, booleans, arrays and objects; what JSON does not know is left out.
pub(crate) fn plain(value: &Unknown<'_>) -> Result<Value> {
    let mut budget = ARGUMENT_VALUES;
    copy(value, ARGUMENT_DEPTH, &mut budget).map(Option::unwrap_or_default)
}

/// Reads an object argument.
pub(crate) fn object(value: &Unknown<'_>, what: &str) -> Result<Map<String, Value>> {
    match plain(value)? {
        Value::Object(members) => Ok(members),
        _ => Err(config(format!("{what} takes an object"))),
    }
}

/// Reads a value as a struct. A refusal says what `op` takes, and names the member that does not fit.
pub(crate) fn read<T: DeserializeOwned>(value: Value, op: &str, takes: &str) -> Result<T> {
    json::read(value).map_err(|mismatch| match mismatch.path.as_str() {
        "." => config(format!("{op} takes {takes}")),
        path => config(format!("{op} takes {takes}; {path} does not fit")),
    })
}

/// Reads a member that counts as absent where it is of another type, or an empty text.
pub(crate) fn or_absent<'de, D, T>(deserializer: D) -> std::result::Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = <Value as serde::Deserialize>::deserialize(deserializer)?;
    Ok(if value == "" { None } else { serde_json::from_value(value).ok() })
}

pub(crate) fn config(message: impl Into<String>) -> Error {
    Error::new(Kind::Config, message)
}

/// The text of a member, none where it is absent or empty.
pub(crate) fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn copy(value: &Unknown<'_>, depth: usize, budget: &mut usize) -> Result<Option<Value>> {
    if depth == 0 || *budget == 0 {
        return Err(config("an argument is nested too deeply or too large"));
    }
    *budget -= 1;
    let kind = value.get_type().map_err(unreadable)?;
    if kind == ValueType::Object {
        return copy_object(&value.coerce_to_object().map_err(unreadable)?, depth, budget).map(Some);
    }
    copy_simple(value, kind).map_err(unreadable)
}

fn unreadable(_: napi::Error) -> Error {
    config("an argument cannot be read")
}

fn copy_simple(value: &Unknown<'_>, kind: ValueType) -> napi::Result<Option<Value>> {
    Ok(match kind {
        ValueType::Null => Some(Value::Null),
        ValueType::Boolean => Some(Value::Bool(value.coerce_to_bool()?)),
        ValueType::Number => number(value.coerce_to_number()?.get_double()?),
        ValueType::String => Some(Value::String(value.coerce_to_string()?.into_utf8()?.into_owned()?)),
        _ => None,
    })
}

fn copy_object(object: &Object<'_>, depth: usize, budget: &mut usize) -> Result<Value> {
    if object.is_array().map_err(unreadable)? {
        let mut items = Vec::new();
        for index in 0..object.get_array_length().map_err(unreadable)? {
            let item: Unknown<'_> = object.get_element(index).map_err(unreadable)?;
            items.push(copy(&item, depth - 1, budget)?.unwrap_or_default());
        }
        return Ok(Value::Array(items));
    }
    let mut members = Map::new();
    for name in Object::keys(object).map_err(unreadable)? {
        let member: Unknown<'_> = object.get_named_property(&name).map_err(unreadable)?;
        if let Some(member) = copy(&member, depth - 1, budget)? {
            members.insert(name, member);
        }
    }
    Ok(Value::Object(members))
}

/// Whole numbers stay whole, so that an id written as a number reads as it was written.
fn number(number: f64) -> Option<Value> {
    const EXACT: f64 = 9_007_199_254_740_991.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "checked: whole and within 2^53")]
        return Some(Value::Number((number as i64).into()));
    }
    Number::from_f64(number).map(Value::Number)
}

/// A JavaScript number that names a delivery.
pub(crate) fn deliveries(value: &Unknown<'_>, op: &str, most: usize) -> Result<Vec<u64>> {
    let refused = || config(format!("{op} takes an array of delivery numbers, at most {most}"));
    let Value::Array(numbers) = plain(value)? else {
        return Err(refused());
    };
    if numbers.len() > most {
        return Err(refused());
    }
    numbers.iter().map(|number| number.as_u64().ok_or_else(refused)).collect()
}

/// A member of an options object as it is, none where it or the object is absent.
pub(crate) fn member<'env>(object: &Unknown<'env>, name: &str) -> Result<Option<Unknown<'env>>> {
    let unreadable = |_| config(format!("{name} cannot be read"));
    if object.get_type().map_err(unreadable)? != ValueType::Object {
        return Ok(None);
    }
    let object = Object::from_raw(object.value().env, object.raw());
    let member: Unknown<'env> = object.get_named_property(name).map_err(unreadable)?;
    let kind = member.get_type().map_err(unreadable)?;
    Ok((!matches!(kind, ValueType::Undefined | ValueType::Null)).then_some(member))
}

/// A member that is a function, none where it is absent.
pub(crate) fn function<'env>(object: &Unknown<'env>, name: &str) -> Result<Option<Unknown<'env>>> {
    let Some(found) = member(object, name)? else { return Ok(None) };
    if found.get_type().is_ok_and(|kind| kind == ValueType::Function) {
        return Ok(Some(found));
    }
    Err(config(format!("{name} is a function")))
}

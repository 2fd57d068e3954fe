//! Structs that are read from JSON objects member by member.
//!
//! What serde derives is a state machine with a table of names for each struct, once for objects and once more for arrays,
//! and there are some sixty structs here: they were the largest part of the addon that nobody needs to be fast. So a member
//! costs one call. A value of another type is refused as before; members nobody asks for are passed over.

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _};
use serde_json::{Error, Map, Result, Value};

/// Makes structs with their `Deserialize`. `= "name"` is a member that has to be there, `= "name" (value)` one that is
/// `value` where it is absent, `= *` takes its own members of the same object. `or "name"` is another name for the same.
macro_rules! shape {
    ($($(#[$meta:meta])* $pub:vis struct $name:ident {
        $($(#[$about:meta])* $seen:vis $member:ident: $type:ty = $wire:tt $(or $alias:literal)? $(($absent:expr))?,)*
    })*) => {$(
        $(#[$meta])*
        $pub struct $name { $($(#[$about])* $seen $member: $type,)* }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(source: D) -> std::result::Result<Self, D::Error> {
                $crate::shape::read(source, |members| Ok(Self {
                    $($member: {
                        $(members.alias($alias, $wire);)?
                        $crate::shape::shape!(@ members $wire $($absent)?)
                    },)*
                }))
            }
        }
    )*};
    (@ $members:ident *) => { $members.others()? };
    (@ $members:ident $wire:literal) => { $members.needed($wire)? };
    (@ $members:ident $wire:literal $absent:expr) => {
        match $members.given($wire)? {
            Some(value) => value,
            None => $absent,
        }
    };
}
pub(crate) use shape;

/// The members of an object that were not taken yet.
pub(crate) struct Members(Map<String, Value>);

impl Members {
    pub(crate) fn alias(&mut self, alias: &str, name: &str) {
        if let Some(value) = self.0.remove(alias) {
            self.0.entry(name).or_insert(value);
        }
    }

    pub(crate) fn given<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>> {
        self.0.remove(name).map(serde_json::from_value).transpose()
    }

    pub(crate) fn needed<T: DeserializeOwned>(&mut self, name: &str) -> Result<T> {
        self.given(name)?.ok_or_else(|| Error::custom(format_args!("{name} is missing")))
    }

    pub(crate) fn others<T: DeserializeOwned>(&mut self) -> Result<T> {
        serde_json::from_value(Value::Object(std::mem::take(&mut self.0)))
    }
}

pub(crate) fn read<'de, D: Deserializer<'de>, T>(
    source: D,
    shape: impl FnOnce(&mut Members) -> Result<T>,
) -> std::result::Result<T, D::Error> {
    shape(&mut Members(Map::deserialize(source)?)).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    shape! {
        #[derive(Debug, PartialEq)]
        struct Inner {
            flag: Option<bool> = "isFlag" (None),
        }

        #[derive(Debug, PartialEq)]
        struct Outer {
            id: String = "userID",
            count: i32 = "count" or "number" (3),
            inner: Inner = *,
        }
    }

    fn outer(value: Value) -> Option<Outer> {
        serde_json::from_value(value).ok()
    }

    #[test]
    fn what_may_be_absent_is_what_it_says_and_others_are_passed_over() {
        let expected = Outer { id: "a".into(), count: 3, inner: Inner { flag: None } };
        assert_eq!(outer(json!({"userID": "a", "unknown": [1]})), Some(expected));
        let expected = Outer { id: "a".into(), count: 7, inner: Inner { flag: Some(true) } };
        assert_eq!(outer(json!({"userID": "a", "number": 7, "isFlag": true})), Some(expected));
    }

    #[test]
    fn what_is_needed_and_what_is_of_another_type_is_refused() {
        for value in
            [json!({}), json!({"userID": 5}), json!({"userID": "a", "count": null}), json!(["a", 3]), json!(null)]
        {
            assert_eq!(outer(value.clone()), None, "{value}");
        }
        assert_eq!(outer(json!({"userID": "a", "isFlag": "yes"})), None);
    }
}

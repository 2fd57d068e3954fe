//! Reads serde structs from JSON values. An error names the member that does not fit. A struct is read from an object only:
//! serde's derive alone would also take a list of its members, in the order in which Rust declares them.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

/// The value does not have the expected shape.
#[derive(Debug)]
pub struct Mismatch {
    /// The member, such as `groupInfo.groupName` or `members[2].roleLevel`; `.` for the whole value.
    pub path: String,
    /// The reason in serde's words, which may quote the value.
    pub reason: String,
}

/// Reads a value.
pub fn read<T: DeserializeOwned>(value: Value) -> Result<T, Mismatch> {
    serde_path_to_error::deserialize(ObjectsOnly(value))
        .map_err(|error| Mismatch { path: error.path().to_string(), reason: error.into_inner().to_string() })
}

struct ObjectsOnly(Value);

impl<'de> Deserializer<'de> for ObjectsOnly {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => {
                let mut items = SeqDeserializer::new(items.into_iter().map(ObjectsOnly));
                let list = visitor.visit_seq(&mut items)?;
                items.end()?;
                Ok(list)
            }
            Value::Object(members) => {
                visitor.visit_map(MapDeserializer::new(members.into_iter().map(|(name, value)| (name, Self(value)))))
            }
            scalar => scalar.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.0.is_array() {
            return Err(Error::invalid_type(Unexpected::Seq, &visitor));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

impl IntoDeserializer<'_, Error> for ObjectsOnly {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Inner {
        is_flag: Option<bool>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Outer {
        #[serde(rename = "userID")]
        id: String,
        #[serde(alias = "number", default = "three")]
        count: i32,
        #[serde(flatten)]
        inner: Inner,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct List {
        items: Vec<Inner>,
    }

    const fn three() -> i32 {
        3
    }

    fn outer(value: Value) -> Option<Outer> {
        read(value).ok()
    }

    #[test]
    fn absent_members_have_their_default_and_unknown_ones_are_skipped() {
        let expected = Outer { id: "a".into(), count: 3, inner: Inner { is_flag: None } };
        assert_eq!(outer(json!({"userID": "a", "unknown": [1]})), Some(expected));
        let expected = Outer { id: "a".into(), count: 7, inner: Inner { is_flag: Some(true) } };
        assert_eq!(outer(json!({"userID": "a", "number": 7, "isFlag": true})), Some(expected));
    }

    #[test]
    fn a_missing_member_and_one_of_another_type_are_refused() {
        for value in
            [json!({}), json!({"userID": 5}), json!({"userID": "a", "count": null}), json!(["a", 3]), json!(null)]
        {
            assert_eq!(outer(value.clone()), None, "{value}");
        }
        assert_eq!(outer(json!({"userID": "a", "isFlag": "yes"})), None);
    }

    #[test]
    fn a_list_is_no_struct_at_any_depth() {
        assert!(read::<Inner>(json!([])).is_err());
        assert!(read::<List>(json!({"items": [[]]})).is_err());
        assert_eq!(read::<List>(json!({"items": [{}]})).unwrap(), List { items: vec![Inner::default()] });
    }

    #[test]
    fn an_error_names_the_member() {
        let error = read::<List>(json!({"items": [{}, {"isFlag": "yes"}]})).unwrap_err();
        assert_eq!(error.path, "items[1].isFlag");
        let error = read::<List>(json!({})).unwrap_err();
        assert_eq!(error.reason, "missing field `items`");
    }
}

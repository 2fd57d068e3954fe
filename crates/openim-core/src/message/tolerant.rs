//! Reads a record of [`records`](crate::records) from JSON that strangers wrote, as leniently as a message content: a member
//! that is null or of another type counts as absent, and absent members are empty or 0.

use serde::de::value::{Error, MapDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use super::lenient::{Lenient, Room};
use crate::records::{FriendInfo, FriendRequest, GroupInfo, GroupMember, GroupRequest, UserInfo};

/// None: the value is no object.
fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    value.as_object().and_then(|_| T::deserialize(Tolerant(value)).ok())
}

macro_rules! lenient {
    ($($record:ty)*) => {$(
        impl Lenient for $record {
            fn read(value: &Value, _: Room<'_>) -> Option<Self> {
                read(value)
            }

            fn write(&self) -> Option<Value> {
                serde_json::to_value(self).ok()
            }
        }
    )*};
}
lenient!(UserInfo FriendInfo FriendRequest GroupInfo GroupMember GroupRequest);

/// A value that turns into whatever type a member has. It fails for no member of a record: records hold texts, whole
/// numbers, flags and other records.
struct Tolerant<'a>(&'a Value);

macro_rules! scalars {
    ($($ask:ident $visit:ident $type:ty;)*) => {$(
        fn $ask<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(<$type>::read(self.0, Room::NONE).unwrap_or_default())
        }
    )*};
}

impl<'de> Deserializer<'de> for Tolerant<'_> {
    type Error = Error;

    scalars! {
        deserialize_bool visit_bool bool;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_u64 visit_u64 u64;
        deserialize_string visit_string String;
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let members = self.0.as_object().into_iter().flatten();
        visitor.visit_map(MapDeserializer::new(members.map(|(name, value)| (name.as_str(), Tolerant(value)))))
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u8 u16 u32 u128 f32 f64 char str bytes byte_buf option unit unit_struct newtype_struct seq tuple
        tuple_struct map enum identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de> for Tolerant<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_of_another_type_count_as_absent() {
        let member = json!({
            "userID": 7, "nickname": null, "roleLevel": "100", "joinTime": 1e300, "muteEndTime": {}, "unknown": [1],
        });
        let expected =
            GroupMember { user_id: "7".into(), role_level: 100, join_time: i64::MAX, ..GroupMember::default() };
        assert_eq!(GroupMember::read(&member, Room::NONE), Some(expected));
    }

    #[test]
    fn a_record_inside_that_is_no_object_is_empty() {
        let friend = json!({ "friendUser": "alice", "isPinned": 1 });
        let expected = FriendInfo { is_pinned: true, ..FriendInfo::default() };
        assert_eq!(FriendInfo::read(&friend, Room::NONE), Some(expected));
    }

    #[test]
    fn other_values_are_no_record() {
        for value in [json!(null), json!([]), json!("alice"), json!(3)] {
            assert_eq!(UserInfo::read(&value, Room::NONE), None, "{value}");
        }
    }
}

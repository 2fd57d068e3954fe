//! Reading JSON that strangers wrote: what is missing, null or of another type counts as absent, never as an error.

use std::cell::Cell;

use serde_json::{Map, Value};

use crate::limits::LIST_MAX;

/// How many messages inside a message may still be read, one within the other and altogether: a few bytes of `{}` in
/// a list would otherwise each become a whole message in memory.
#[derive(Clone, Copy)]
pub(crate) struct Room<'a> {
    depth: usize,
    left: Option<&'a Cell<usize>>,
}

impl<'a> Room<'a> {
    /// No message inside.
    pub(crate) const NONE: Self = Self { depth: 0, left: None };

    pub(crate) const fn new(depth: usize, left: &'a Cell<usize>) -> Self {
        Self { depth, left: Some(left) }
    }

    /// The room within one more embedded message; none when there is none left.
    pub(crate) fn enter(self) -> Option<Self> {
        let depth = self.depth.checked_sub(1)?;
        let left = self.left?;
        left.set(left.get().checked_sub(1)?);
        Some(Self { depth, left: Some(left) })
    }
}

/// A value that reads itself from whatever JSON stands there.
pub(crate) trait Lenient: Sized {
    /// None: this is no such value.
    fn read(value: &Value, room: Room<'_>) -> Option<Self>;
    /// None: leave the member out.
    fn write(&self) -> Option<Value>;
}

impl Lenient for String {
    fn read(value: &Value, _: Room<'_>) -> Option<Self> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    fn write(&self) -> Option<Value> {
        Some(self.as_str().into())
    }
}

impl Lenient for bool {
    fn read(value: &Value, _: Room<'_>) -> Option<Self> {
        match value {
            Value::Bool(flag) => Some(*flag),
            Value::Number(number) => Some(number.as_f64() != Some(0.0)),
            _ => None,
        }
    }

    fn write(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl Lenient for f64 {
    fn read(value: &Value, _: Room<'_>) -> Option<Self> {
        match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
        .filter(|number: &Self| number.is_finite())
    }

    fn write(&self) -> Option<Value> {
        Some((*self).into())
    }
}

/// Whole numbers: a fraction is cut off, what does not fit becomes the nearest that does.
macro_rules! whole {
    ($($type:ty)*) => {$(
        impl Lenient for $type {
            fn read(value: &Value, room: Room<'_>) -> Option<Self> {
                let exact = match value {
                    Value::Number(number) if number.is_u64() => number.as_u64().map(i128::from),
                    Value::Number(number) => number.as_i64().map(i128::from),
                    Value::String(text) => text.trim().parse().ok(),
                    _ => None,
                };
                match exact {
                    Some(number) => {
                        Some(Self::try_from(number).unwrap_or(if number < 0 { Self::MIN } else { Self::MAX }))
                    }
                    None => f64::read(value, room).map(|number| number as Self),
                }
            }

            fn write(&self) -> Option<Value> {
                Some((*self).into())
            }
        }
    )*};
}
whole!(i32 i64 u64);

impl<T: Lenient> Lenient for Vec<T> {
    fn read(value: &Value, room: Room<'_>) -> Option<Self> {
        Some(value.as_array()?.iter().take(LIST_MAX).filter_map(|item| T::read(item, room)).collect())
    }

    fn write(&self) -> Option<Value> {
        Some(self.iter().filter_map(T::write).collect())
    }
}

impl<T: Lenient> Lenient for Option<T> {
    fn read(value: &Value, room: Room<'_>) -> Option<Self> {
        T::read(value, room).map(Some)
    }

    fn write(&self) -> Option<Value> {
        self.as_ref().and_then(T::write)
    }
}

impl<T: Lenient> Lenient for Box<T> {
    fn read(value: &Value, room: Room<'_>) -> Option<Self> {
        T::read(value, room).map(Self::new)
    }

    fn write(&self) -> Option<Value> {
        T::write(self)
    }
}

/// The first of `names` that holds such a value, or the default.
pub(crate) fn pick<T: Lenient + Default>(object: &Map<String, Value>, names: &[&str], room: Room<'_>) -> T {
    names.iter().filter_map(|name| object.get(*name)).find_map(|value| T::read(value, room)).unwrap_or_default()
}

pub(crate) fn put<T: Lenient>(object: &mut Map<String, Value>, name: &str, value: &T) {
    if let Some(value) = value.write() {
        object.insert(name.to_owned(), value);
    }
}

/// Declares a JSON object: its members with their names on the wire, further spellings after `|`. Its TypeScript interface is
/// made from the same lines.
macro_rules! element {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $field:ident: $type:ty = $key:literal $(| $other:literal)*,)* }) => {
        #[derive(Debug, Clone, PartialEq, Default, base::TypeScript)]
        $(#[$doc])*
        pub struct $name {
            $($(#[$about])* #[serde(rename = $key)] pub $field: $type,)*
        }

        impl $crate::message::lenient::Lenient for $name {
            fn read(value: &serde_json::Value, room: $crate::message::lenient::Room<'_>) -> Option<Self> {
                let object = value.as_object()?;
                Some(Self { $($field: $crate::message::lenient::pick(object, &[$key $(, $other)*], room),)* })
            }

            fn write(&self) -> Option<serde_json::Value> {
                let mut object = serde_json::Map::new();
                $($crate::message::lenient::put(&mut object, $key, &self.$field);)*
                Some(object.into())
            }
        }
    };
}
pub(crate) use element;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_and_texts_are_read_where_the_wild_mixes_them() {
        assert_eq!(i64::read(&json!("12"), Room::NONE), Some(12));
        assert_eq!(i64::read(&json!(1.9), Room::NONE), Some(1));
        assert_eq!(i64::read(&json!(u64::MAX), Room::NONE), Some(i64::MAX));
        assert_eq!(u64::read(&json!(u64::MAX), Room::NONE), Some(u64::MAX));
        assert_eq!(i32::read(&json!(1e300), Room::NONE), Some(i32::MAX));
        assert_eq!(u64::read(&json!(-4), Room::NONE), Some(0));
        assert_eq!(f64::read(&json!("NaN"), Room::NONE), None);
        assert_eq!(String::read(&json!(7), Room::NONE).as_deref(), Some("7"));
        assert_eq!(bool::read(&json!(1), Room::NONE), Some(true));
        assert_eq!(i64::read(&json!({"a": 1}), Room::NONE), None);
    }

    #[test]
    fn a_list_leaves_out_what_does_not_belong_into_it() {
        assert_eq!(Vec::<String>::read(&json!(["a", null, {}, "b"]), Room::NONE), Some(vec!["a".into(), "b".into()]));
        assert_eq!(Vec::<String>::read(&json!(null), Room::NONE), None);
    }

    #[test]
    fn of_two_spellings_the_one_that_fits_counts() {
        let object = json!({"senderFaceUrl": null, "senderFaceURL": "u"});
        let face: String = pick(object.as_object().unwrap(), &["senderFaceUrl", "senderFaceURL"], Room::NONE);
        assert_eq!(face, "u");
    }
}

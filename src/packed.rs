//! Objects that cross packed: all strings of a batch in one text, all numbers and string lengths in one list, long
//! strings on their own. The price of a crossing is the number of values that cross, not their bytes.
//!
//! [`packed!`] declares such an object once. From the declaration come the packer, the literal in `js/unpack.js` that
//! reads it in the same order, and the interface in `index.d.ts`. Pure.

use std::marker::PhantomData;

use base::TypeScript;
use base::typescript::{Interfaces, Member};

use crate::limits::LONG_TEXT;

/// A string as V8 takes it without looking at it twice.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// ASCII only, one byte a character.
    Latin1(Vec<u8>),
    Utf16(Vec<u16>),
}

impl Text {
    pub(crate) fn new(text: String) -> Self {
        if text.is_ascii() { Self::Latin1(text.into_bytes()) } else { Self::Utf16(text.encode_utf16().collect()) }
    }
}

/// The values that cross.
#[derive(Debug, PartialEq)]
pub(crate) struct Packed {
    pub(crate) numbers: Vec<f64>,
    pub(crate) text: Text,
    pub(crate) longs: Vec<Text>,
}

/// A length in `numbers` that stands for "the next of `longs`".
const LONG: f64 = -1.0;

/// Collects the values of objects, one after the other.
#[derive(Default)]
pub(crate) struct Packer {
    numbers: Vec<f64>,
    text: String,
    longs: Vec<Text>,
}

impl Packer {
    pub(crate) fn number(&mut self, number: f64) {
        self.numbers.push(number);
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of one batch")]
    pub(crate) fn count(&mut self, count: usize) {
        self.number(count as f64);
    }

    pub(crate) fn string(&mut self, string: &str) {
        if string.len() > LONG_TEXT {
            self.number(LONG);
            self.longs.push(Text::new(string.to_owned()));
            return;
        }
        // JavaScript counts in UTF-16 units, whichever way the text crosses.
        self.count(if string.is_ascii() { string.len() } else { string.encode_utf16().count() });
        self.text.push_str(string);
    }

    pub(crate) fn finish(self) -> Packed {
        Packed { numbers: self.numbers, text: Text::new(self.text), longs: self.longs }
    }
}

/// The value of one member: how it is packed, and the JavaScript expression that reads it.
pub(crate) trait Value {
    const READ: &'static str;
    fn pack(&self, packer: &mut Packer);
}

impl Value for &str {
    const READ: &'static str = "string()";

    fn pack(&self, packer: &mut Packer) {
        packer.string(self);
    }
}

impl Value for &[String] {
    const READ: &'static str = "strings()";

    fn pack(&self, packer: &mut Packer) {
        packer.count(self.len());
        for string in *self {
            packer.string(string);
        }
    }
}

impl Value for bool {
    const READ: &'static str = "numbers[n++] === 1";

    fn pack(&self, packer: &mut Packer) {
        packer.number(f64::from(u8::from(*self)));
    }
}

impl Value for i32 {
    const READ: &'static str = "numbers[n++]";

    fn pack(&self, packer: &mut Packer) {
        packer.number(f64::from(*self));
    }
}

macro_rules! large_numbers {
    ($($type:ty)*) => {$(
        impl Value for $type {
            const READ: &'static str = "numbers[n++]";

            #[expect(clippy::cast_precision_loss, reason = "times in ms, sequences and delivery numbers are below 2^53")]
            fn pack(&self, packer: &mut Packer) {
                packer.number(*self as f64);
            }
        }
    )*};
}
large_numbers!(i64 u64);

/// A member of any shape, as JSON text; empty for `null`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Json<'a>(pub(crate) &'a str);

impl Value for Json<'_> {
    const READ: &'static str = "json()";

    fn pack(&self, packer: &mut Packer) {
        packer.string(self.0);
    }
}

impl TypeScript for Json<'_> {
    fn expression() -> String {
        "any".to_owned()
    }
}

/// A member that is `null` until the message's parts are laid over the object. Nothing of it crosses here.
pub(crate) struct Part<T>(PhantomData<fn() -> T>);

/// A list that is empty until the message's parts are laid over the object.
pub(crate) struct PartList<T>(PhantomData<fn() -> T>);

macro_rules! parts {
    ($($name:ident: $read:literal, $item:ident => $expression:expr;)*) => {$(
        impl<T> Default for $name<T> {
            fn default() -> Self {
                Self(PhantomData)
            }
        }

        impl<T> Value for $name<T> {
            const READ: &'static str = $read;

            fn pack(&self, _: &mut Packer) {}
        }

        impl<$item: TypeScript> TypeScript for $name<$item> {
            fn expression() -> String {
                $expression
            }

            fn members() -> Vec<Member> {
                $item::members()
            }

            fn collect(interfaces: &mut Interfaces) {
                $item::collect(interfaces);
            }
        }
    )*};
}

parts! {
    Part: "null", T => <Option<T>>::expression();
    PartList: "[]", T => <[T]>::expression();
}

/// Declares an object that crosses packed: its members with their names in JavaScript.
macro_rules! packed {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $field:ident: $type:ty = $key:literal,)* }) => {
        #[derive(Default, base::TypeScript)]
        $(#[$doc])*
        pub(crate) struct $name<'a> {
            $($(#[$about])* #[serde(rename = $key)] pub(crate) $field: $type,)*
        }

        impl<'a> $name<'a> {
            /// The members and what reads them, in the order in which they are packed.
            pub(crate) const MEMBERS: &'static [(&'static str, &'static str)] =
                &[$(($key, <$type as $crate::packed::Value>::READ)),*];

            pub(crate) fn pack(&self, packer: &mut $crate::packed::Packer) {
                $($crate::packed::Value::pack(&self.$field, packer);)*
            }
        }
    };
}
pub(crate) use packed;

/// The object literal that reads a packed object.
pub(crate) fn literal(members: &[(&str, &str)]) -> String {
    let members: Vec<_> = members.iter().map(|(name, read)| format!("{name}: {read}")).collect();
    format!("{{ {} }}", members.join(", "))
}

//! A JSON object whose members are kept as they are written: what belongs to others comes out byte for byte as it went in.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// The members in their order, their values unread.
#[derive(Debug, Default)]
pub(super) struct Entries(Vec<(String, Box<RawValue>)>);

impl Entries {
    pub(super) fn parse(bytes: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(bytes)
    }

    pub(super) fn get(&self, name: &str) -> Option<&RawValue> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// Puts a value where the name stands already, or at the end.
    pub(super) fn set(&mut self, name: &str, value: Box<RawValue>) {
        let at = self.0.iter().position(|(known, _)| known == name);
        self.0.retain(|(known, _)| known != name);
        self.0.insert(at.unwrap_or(self.0.len()).min(self.0.len()), (name.to_owned(), value));
    }

    pub(super) fn set_value(&mut self, name: &str, value: &Value) -> serde_json::Result<()> {
        self.set(name, serde_json::value::to_raw_value(value)?);
        Ok(())
    }

    /// The object again, one member a line.
    pub(super) fn write(&self, indent: usize) -> serde_json::Result<String> {
        let margin = " ".repeat(indent);
        let lines: serde_json::Result<Vec<_>> = self
            .0
            .iter()
            .map(|(name, value)| Ok(format!("{margin}  {}: {}", serde_json::to_string(name)?, value.get())))
            .collect();
        let lines = lines?;
        Ok(if lines.is_empty() { "{}".into() } else { format!("{{\n{}\n{margin}}}", lines.join(",\n")) })
    }
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Entries;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_touched_stays_as_it_was_written() {
        let text =
            r#"{"z": {"n": 123456789012345678901234567890, "f": 1.10},  "a":[1,  2], "k": "\u00e9", "a2": null}"#;
        let mut entries = Entries::parse(text.as_bytes()).unwrap();
        entries.set_value("a", &json!("new")).unwrap();
        entries.set_value("b", &json!({"x": 1})).unwrap();
        let expected = "{\n  \"z\": {\"n\": 123456789012345678901234567890, \"f\": 1.10},\n  \"a\": \"new\",\n  \"k\": \"\\u00e9\",\n  \"a2\": null,\n  \"b\": {\"x\":1}\n}";
        assert_eq!(entries.write(0).unwrap(), expected);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["", "[]", "null", "{", "{\"a\":1} x", "\"s\""] {
            assert!(Entries::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(Entries::parse(b"{}").unwrap().write(0).unwrap(), "{}");
    }

    #[test]
    fn of_a_name_written_twice_the_last_counts_and_one_stays() {
        let mut entries = Entries::parse(br#"{"a": 1, "b": 2, "a": 3}"#).unwrap();
        assert_eq!(entries.get("a").map(RawValue::get), Some("3"));
        entries.set_value("a", &json!(4)).unwrap();
        assert_eq!(entries.write(0).unwrap(), "{\n  \"a\": 4,\n  \"b\": 2\n}");
    }
}

//! `{accountId}` and `{state.<field>}` in the texts of the configuration. Any other brace is text.

use serde_json::{Map, Value};

use super::{encode, paths};

/// What the placeholders stand for.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) account: &'a str,
    pub(super) state: &'a Map<String, Value>,
}

/// A `{state.<field>}` that the state does not have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Missing(pub(super) String);

impl Scope<'_> {
    /// Replaces the placeholders of a text, once: what a value holds is never read as a template.
    pub(super) fn fill(self, template: &str) -> Result<String, Missing> {
        self.fill_with(template, |_, value| value)
    }

    /// Replaces those of an address. A value is one part of it, unless the address begins with the value.
    pub(super) fn fill_address(self, template: &str) -> Result<String, Missing> {
        self.fill_with(template, |before, value| if before.is_empty() { value } else { encode::address_part(&value) })
    }

    fn fill_with(self, template: &str, put: impl Fn(&str, String) -> String) -> Result<String, Missing> {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            filled.push_str(&rest[..open]);
            rest = &rest[open..];
            match rest[1..].find(['{', '}']).map(|at| at + 1) {
                Some(end) if rest.as_bytes().get(end) == Some(&b'}') => {
                    match self.value(&rest[1..end])? {
                        Some(value) => {
                            let value = put(&filled, value);
                            filled.push_str(&value);
                        }
                        None => filled.push_str(&rest[..=end]),
                    }
                    rest = &rest[end + 1..];
                }
                _ => {
                    filled.push('{');
                    rest = &rest[1..];
                }
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// Replaces them in every text of a value, however deep.
    pub(super) fn fill_value(self, value: &Value) -> Result<Value, Missing> {
        Ok(match value {
            Value::String(text) => Value::String(self.fill(text)?),
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.fill_value(item)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let mut filled = Map::new();
                for (name, value) in members {
                    filled.insert(name.clone(), self.fill_value(value)?);
                }
                Value::Object(filled)
            }
            other => other.clone(),
        })
    }

    fn value(self, name: &str) -> Result<Option<String>, Missing> {
        if name == "accountId" {
            return Ok(Some(self.account.to_owned()));
        }
        let Some(field) = name.strip_prefix("state.").filter(|field| !field.is_empty()) else {
            return Ok(None);
        };
        let found = match self.state.get(field) {
            Some(value) => Some(value),
            None => field
                .split_once('.')
                .and_then(|(head, rest)| self.state.get(head).and_then(|inner| paths::follow(inner, rest))),
        };
        found.and_then(paths::text).map(Some).ok_or_else(|| Missing(field.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn state() -> Map<String, Value> {
        let state =
            json!({"refreshToken": "r1", "n": 7, "flag": true, "deep": {"er": "d"}, "empty": "", "odd": "{accountId}"});
        state.as_object().unwrap().clone()
    }

    fn fill(template: &str) -> Result<String, Missing> {
        Scope { account: "support", state: &state() }.fill(template)
    }

    #[test]
    fn both_placeholders_are_replaced_wherever_they_stand() {
        assert_eq!(fill("{accountId}:{state.refreshToken}{accountId}").unwrap(), "support:r1support");
    }

    #[test]
    fn a_field_becomes_a_text_whatever_it_is() {
        assert_eq!(fill("{state.n} {state.flag} {state.deep.er}").unwrap(), "7 true d");
    }

    #[test]
    fn other_braces_are_text() {
        for text in ["{}", "{", "}", "{other}", "a {b", "{{", "{\"a\": 1}", "{state}", "{state.}"] {
            assert_eq!(fill(text).unwrap(), text);
        }
        assert_eq!(fill("{{accountId}}").unwrap(), "{support}");
    }

    #[test]
    fn a_field_that_is_not_there_or_empty_is_named() {
        for (text, field) in [("{state.gone}", "gone"), ("x{state.empty}", "empty"), ("{state.deep}", "deep")] {
            assert_eq!(fill(text), Err(Missing(field.into())));
        }
    }

    #[test]
    fn what_a_value_holds_is_no_template() {
        assert_eq!(fill("{state.odd}").unwrap(), "{accountId}");
    }

    #[test]
    fn a_value_is_one_part_of_an_address_or_its_beginning() {
        let state = json!({"base": "https://auth.example/v1", "r": "a b&admin=1/../x"});
        let scope = Scope { account: "../x", state: state.as_object().unwrap() };
        let filled = scope.fill_address("{state.base}/{accountId}?r={state.r}").unwrap();
        assert_eq!(filled, "https://auth.example/v1/..%2Fx?r=a%20b%26admin%3D1%2F..%2Fx");
    }

    #[test]
    fn every_text_of_a_body_is_filled_and_nothing_else_changes() {
        let scope_state = state();
        let scope = Scope { account: "support", state: &scope_state };
        let body = json!({"a": "{accountId}", "{accountId}": 1, "list": ["{state.refreshToken}", {"deep": "{state.n}"}], "n": 5, "none": null});
        let filled = scope.fill_value(&body).unwrap();
        assert_eq!(
            filled,
            json!({"a": "support", "{accountId}": 1, "list": ["r1", {"deep": "7"}], "n": 5, "none": null})
        );
        assert_eq!(scope.fill_value(&json!({"a": ["{state.gone}"]})), Err(Missing("gone".into())));
    }
}

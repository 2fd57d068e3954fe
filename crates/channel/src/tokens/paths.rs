//! Dot paths into a JSON answer: `data.token`, `items.0.value`. Of several the first that leads to something wins.

use serde_json::Value;

/// The first value that is there and not empty.
pub(super) fn first<'a>(answer: &'a Value, paths: &[String]) -> Option<&'a Value> {
    paths.iter().find_map(|path| follow(answer, path).filter(|value| !is_empty(value)))
}

/// The first value that is a text or a number, as a text.
pub(super) fn first_text(answer: &Value, paths: &[String]) -> Option<String> {
    paths.iter().find_map(|path| follow(answer, path).and_then(text))
}

/// A leaf as a text; none where it is empty or no leaf.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// Where a path leads. A key may itself hold dots.
pub(super) fn follow<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    if let Some(whole) = value.get(path) {
        return Some(whole);
    }
    let (head, rest) = path.split_once('.')?;
    let inner = match value {
        Value::Array(items) => items.get(head.parse::<usize>().ok()?)?,
        _ => value.get(head)?,
    };
    match (inner, rest.parse::<usize>()) {
        (Value::Array(items), Ok(index)) => items.get(index),
        _ => follow(inner, rest),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paths(list: &[&str]) -> Vec<String> {
        list.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn the_first_path_that_is_not_empty_wins() {
        let answer =
            json!({"token": " ", "data": {"token": "t1", "list": [{"token": "t2"}, "t3"]}, "n": 7, "a.b": "dotted"});
        let found = |list: &[&str]| first_text(&answer, &paths(list));
        assert_eq!(found(&["token", "data.token"]).as_deref(), Some("t1"));
        assert_eq!(found(&["data.list.0.token"]).as_deref(), Some("t2"));
        assert_eq!(found(&["data.list.1"]).as_deref(), Some("t3"));
        assert_eq!(found(&["a.b"]).as_deref(), Some("dotted"));
        assert_eq!(found(&["n"]).as_deref(), Some("7"));
    }

    #[test]
    fn a_path_that_leads_nowhere_finds_nothing() {
        let answer = json!({"data": {"token": null, "list": []}, "flat": "x"});
        for path in ["", ".", "data", "data.token", "data.token.deep", "data.list.0", "flat.more", "missing"] {
            assert_eq!(first_text(&answer, &paths(&[path])), None, "{path}");
        }
    }

    #[test]
    fn values_keep_their_type_when_they_are_written_back() {
        let answer = json!({"data": {"expires": 90, "who": {"id": 1}, "none": null}});
        assert_eq!(first(&answer, &paths(&["data.none", "data.expires"])), Some(&json!(90)));
        assert_eq!(first(&answer, &paths(&["data.who"])), Some(&json!({"id": 1})));
    }
}

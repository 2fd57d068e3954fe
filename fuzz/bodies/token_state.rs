//! Templates of token requests, and the state file that other programs write as well.

use channel::tokens::fuzz::{fill_template, merge_state};
use serde_json::{Map, Value, json};

pub(crate) fn check(data: &[u8]) {
    let (template, state) = match data.iter().position(|byte| *byte == 0xff) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &b"{\"bot\": {\"refreshToken\": \"r1\"}}"[..]),
    };
    filled(&String::from_utf8_lossy(template), state);
    merged(state);
}

fn filled(template: &str, state: &[u8]) {
    let fields: Map<String, Value> = serde_json::from_slice(state).unwrap_or_default();
    let Some(filled) = fill_template(template, "bot", &fields) else { return };
    let braces = template.matches('{').count();
    assert!(filled.len() <= template.len() + braces * (state.len() * 6 + 8), "{template}");
    assert!(braces > 0 || filled == template);
}

/// One field of one account changes. Everything else stays, and what is no object is left alone.
fn merged(state: &[u8]) {
    let fields = json!({"refreshToken": "new"});
    let written = merge_state(state, "bot", fields.as_object().expect("an object"));
    let Ok(mut before) = serde_json::from_slice::<Map<String, Value>>(state) else { return };
    let mut own = match before.remove("bot") {
        None => Map::new(),
        Some(Value::Object(own)) => own,
        Some(_) => return assert!(written.is_none()),
    };
    let written = written.expect("an object takes a field");
    let mut after: Map<String, Value> = serde_json::from_str(&written).expect("it is an object again");
    own.insert("refreshToken".into(), "new".into());
    assert_eq!(after.remove("bot"), Some(Value::Object(own)));
    assert_eq!(after, before);
}

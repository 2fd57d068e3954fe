//! What may be repeated of a foreign answer: its first words, without anything that could be a secret.

use std::sync::LazyLock;

use reqwest::Url;
use serde_json::{Map, Value};

use super::{encode, paths};
use crate::limits::REFRESH_WORDS;

const HIDDEN: &str = "<redacted>";
/// Shorter values are too common in ordinary words to be cut out of them: they are hidden where they stand alone.
const SECRET_MIN: usize = 6;
/// Even shorter ones are no secrets.
const SECRET_LEAST: usize = 4;
/// A value this long in a request may be a secret, whatever its name.
const LONG_VALUE: usize = 16;
/// A run of such characters this long is a token of some kind.
const OPAQUE_MIN: usize = 32;

static NAMES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| vec!["token", "secret", "password", "passwd", "key", "auth", "cookie", "session", "credential"]);

/// The beginning of a body for the log.
pub(super) fn words(body: &[u8], secrets: &[String]) -> String {
    let mut text = match serde_json::from_slice::<Value>(body) {
        Ok(mut answer) => {
            hide(&mut answer);
            answer.to_string()
        }
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    for secret in secrets {
        text = without(text, secret);
    }
    let text = without_opaque(&text);
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let cut: String = plain.take(REFRESH_WORDS).collect();
    if cut.trim().is_empty() { "(empty)".into() } else { cut }
}

/// Foreign words in one line, without what looks like a token.
pub fn plain(text: &str) -> String {
    words(text.as_bytes(), &[])
}

/// What the state file holds for an account: every value may be a secret.
pub(super) fn in_state(state: &Map<String, Value>) -> Vec<String> {
    let mut secrets = Vec::new();
    state.values().for_each(|value| leaves(value, true, &mut secrets));
    secrets
}

/// The secrets in the query of an address.
pub(super) fn in_query(url: &Url) -> Vec<String> {
    url.query_pairs().filter(|(name, value)| is_secret(name, value)).map(|(_, value)| value.into_owned()).collect()
}

/// The secrets in the body of a request, JSON or a form.
pub(super) fn in_body(body: &str) -> Vec<String> {
    let mut secrets = Vec::new();
    match serde_json::from_str::<Value>(body) {
        Ok(value) => leaves(&value, false, &mut secrets),
        // A form is written like the query of an address.
        Err(_) => {
            let form = Url::parse("form:x").map(|mut url| {
                url.set_query(Some(body.trim()));
                in_query(&url)
            });
            secrets.extend(form.unwrap_or_default());
        }
    }
    secrets
}

fn leaves(value: &Value, all: bool, secrets: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match paths::text(member) {
                    Some(text) if all || is_secret(name, &text) => secrets.push(text),
                    Some(_) => {}
                    None => leaves(member, all, secrets),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(item, all, secrets)),
        leaf => secrets.extend(paths::text(leaf).filter(|text| all || text.len() >= LONG_VALUE)),
    }
}

fn is_secret(name: &str, value: &str) -> bool {
    value.len() >= LONG_VALUE || sounds_secret(name)
}

fn sounds_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.iter().any(|known| name.contains(known))
}

/// Hides a secret in every way in which it may be written.
fn without(mut text: String, secret: &str) -> String {
    let json = Value::from(secret).to_string();
    let escaped = json.trim_matches('"');
    let encoded = encode::address_part(secret);
    for written in [secret, escaped, &encoded] {
        if written.len() >= SECRET_MIN {
            text = text.replace(written, HIDDEN);
        } else if written.len() >= SECRET_LEAST {
            text = without_word(&text, written);
        }
    }
    text
}

/// Hides a short secret where no letter or digit stands beside it.
fn without_word(text: &str, word: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let is_beside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let last = before.chars().next_back().or_else(|| clean.chars().next_back());
        clean.push_str(before);
        clean.push_str(if is_beside(last) || is_beside(after.chars().next()) { word } else { HIDDEN });
        rest = after;
    }
    clean.push_str(rest);
    clean
}

/// Hides the values of members that sound like secrets.
fn hide(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if sounds_secret(name) => *text = HIDDEN.into(),
                    _ => hide(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        _ => {}
    }
}

/// Hides long runs of the characters tokens are made of.
fn without_opaque(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '/' | '=' | '~') {
            run.push(c);
            continue;
        }
        clean.push_str(if run.len() >= OPAQUE_MIN { HIDDEN } else { &run });
        run.clear();
        clean.push(c);
    }
    clean.pop();
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_secrets_and_what_sounds_like_one_are_hidden() {
        let secrets = ["my-refresh".to_owned(), "abc".to_owned()];
        let body =
            br#"{"msg":"abc my-refresh is bad","data":{"access_token":"x","list":[{"apiKey":"k","n":1}]},"tokens":5}"#;
        assert_eq!(
            words(body, &secrets),
            r#"{"data":{"access_token":"<redacted>","list":[{"apiKey":"<redacted>","n":1}]},"msg":"abc <redacted> is bad","tokens":5}"#
        );
    }

    #[test]
    fn secrets_are_hidden_in_every_way_they_may_be_written() {
        let secrets = ["pa\"ss wörd".to_owned(), "77421".to_owned()];
        let body = br#"{"msg":"pa\"ss w\u00f6rd or pa%22ss%20w%C3%B6rd with 77421, not 177421"}"#;
        assert_eq!(words(body, &secrets), r#"{"msg":"<redacted> or <redacted> with <redacted>, not 177421"}"#);
    }

    #[test]
    fn secrets_of_a_request_are_found_in_state_query_and_body() {
        let state = serde_json::json!({"refreshToken": "r-1", "deep": {"pin": 123_456}});
        assert_eq!(in_state(state.as_object().unwrap()), ["123456", "r-1"]);
        let url = Url::parse("http://x/?client=app&api_key=k%201&id=0123456789abcdef").unwrap();
        assert_eq!(in_query(&url), ["k 1", "0123456789abcdef"]);
        assert_eq!(in_body(r#"{"grant_type":"refresh","client_secret":"s3","list":["x"]}"#), ["s3"]);
        assert_eq!(in_body("grant=refresh&password=p%26w"), ["p&w"]);
    }

    #[test]
    fn what_looks_like_a_token_is_hidden_wherever_it_stands() {
        let body = format!("<p>bad token {} here</p>", "eyJhbGciOi.eyJVc2VySUQi.c2lnbmF0dXJl");
        assert_eq!(words(body.as_bytes(), &[]), "<p>bad token <redacted> here</p>");
    }

    #[test]
    fn at_most_three_hundred_characters_without_controls_are_shown() {
        assert_eq!(words("ü ".repeat(400).as_bytes(), &[]).chars().count(), 300);
        assert_eq!(words(b"a\x1b[31m\nb", &[]), "a [31m b");
        assert_eq!(words(b"", &[]), "(empty)");
        assert!(words(&[0xff, b'x'], &[]).contains('x'));
    }
}

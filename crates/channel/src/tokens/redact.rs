//! What may be repeated of a foreign answer: its first words, without anything that could be a secret.

use std::sync::LazyLock;

use serde_json::Value;

use crate::limits::REFRESH_WORDS;

const HIDDEN: &str = "<redacted>";
/// Shorter values are too common in ordinary words to be cut out of them.
const SECRET_MIN: usize = 6;
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
    for secret in secrets.iter().filter(|secret| secret.len() >= SECRET_MIN) {
        text = text.replace(secret.as_str(), HIDDEN);
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

/// Hides the values of members that sound like secrets.
fn hide(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.to_ascii_lowercase();
                match member {
                    Value::String(text) if NAMES.iter().any(|known| name.contains(known)) => *text = HIDDEN.into(),
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

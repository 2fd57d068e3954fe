//! The configuration of an account, as an operator or a program writes it: a login and its token refresh, or a refusal.

use channel::tokens::RefreshSettings;
use openim_client::Login;
use serde_json::Value;

pub(crate) fn check(data: &[u8]) {
    let Ok(Value::Object(mut account)) = serde_json::from_slice::<Value>(data) else { return };
    let _ = RefreshSettings::read(account.get("tokenRefresh"));
    let _ = RefreshSettings::read(Some(&Value::Object(account.clone())));
    read(&account);
    // The same with a login that is complete.
    for (member, value) in [
        ("token", "s3cret-token"),
        ("userID", "bot_7"),
        ("wsAddr", "ws://127.0.0.1:10001"),
        ("apiAddr", "http://127.0.0.1:10002"),
    ] {
        account.insert(member.into(), value.into());
    }
    read(&account);
}

fn read(account: &serde_json::Map<String, Value>) {
    match Login::read("support", account) {
        Ok(login) => assert!(!format!("{login:?}").contains("s3cret-token")),
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains("\"support\" is skipped") && !text.contains("s3cret-token"), "{text}");
        }
    }
}

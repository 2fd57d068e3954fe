//! Bodies of HTTP answers: a value or an error that says what to do, whose words hold no control characters.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openim_client::rest;
use openim_client::rest::records::{GroupInfo, UserInfo};

fuzz_target!(|data: &[u8]| {
    let [high, low, body @ ..] = data else { return };
    let status = 100 + u16::from_be_bytes([*high, *low]) % 500;
    match rest::understand("/user/get_users_info", status, body) {
        Ok(value) => {
            let _ = serde_json::from_value::<Vec<UserInfo>>(value["usersInfo"].clone());
            let _ = serde_json::from_value::<Vec<GroupInfo>>(value["groupInfos"].clone());
        }
        Err(error) => assert!(!error.to_string().chars().any(char::is_control), "{error}"),
    }
});

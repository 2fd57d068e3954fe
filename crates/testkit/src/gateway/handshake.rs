//! What a connection asks for, and whether it may have it. The order of the checks is the real gateway's: it decides
//! which code a client sees.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openim_core::wire::errcode;
use serde::Deserialize;

use crate::config::check_platform;
use crate::fault::Fault;
use crate::state::State;

/// The query of an upgrade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) send_id: String,
    pub(crate) token: String,
    pub(crate) platform_id: i32,
    /// The client wants the outcome as a first text frame.
    pub(crate) is_msg_resp: bool,
    pub(crate) gzip: bool,
}

/// The parameter `v`: everything in one JSON object.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Packed {
    token: String,
    #[serde(rename = "userID")]
    user_id: String,
    #[serde(rename = "platformID")]
    platform_id: i32,
    #[serde(rename = "operationID")]
    operation_id: String,
    compression: String,
    sdk_type: String,
    send_response: bool,
}

fn refuse(why: impl Into<String>) -> Fault {
    Fault::new(errcode::CONN_ARGS, why)
}

/// Reads the query. Every refusal here is answered before `isMsgResp` counts.
pub(crate) fn parse(query: &str, compression_header: Option<&str>) -> Result<Asked, Fault> {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let get = |name: &str| pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    if let Some((_, packed)) = pairs.iter().find(|(key, _)| key == "v") {
        return parse_packed(packed);
    }
    let platform_id = get("platformID").parse::<i32>().map_err(|_| refuse("platformID is not int"))?;
    let is_msg_resp = match get("isMsgResp") {
        "" => false,
        text => parse_bool(text).ok_or_else(|| refuse("isMsgResp is not bool"))?,
    };
    if parse_bool(get("isBackground")).is_none() {
        return Err(Fault::internal("isBackground is not bool"));
    }
    let gzip = get("compression") == "gzip" || compression_header == Some("gzip");
    let asked = Asked { send_id: get("sendID").into(), token: get("token").into(), platform_id, is_msg_resp, gzip };
    check(asked, get("operationID"), get("sdkType"))
}

fn parse_packed(packed: &str) -> Result<Asked, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(packed).map_err(|_| refuse("v is not base64url"))?;
    let v: Packed = serde_json::from_slice(&bytes).map_err(|_| refuse("v is not a JSON object of arguments"))?;
    let asked = Asked {
        send_id: v.user_id,
        token: v.token,
        platform_id: v.platform_id,
        is_msg_resp: v.send_response,
        gzip: v.compression == "gzip",
    };
    check(asked, &v.operation_id, &v.sdk_type)
}

fn check(asked: Asked, operation_id: &str, sdk_type: &str) -> Result<Asked, Fault> {
    for (name, value) in [("operationID", operation_id), ("token", &asked.token), ("sendID", &asked.send_id)] {
        if value.is_empty() {
            return Err(refuse(format!("{name} is empty")));
        }
    }
    check_platform(asked.platform_id).map_err(refuse)?;
    match sdk_type {
        "js" => Ok(asked),
        "" | "go" => Err(refuse("this development server speaks JSON envelopes only: ask for sdkType=js")),
        _ => Err(refuse("sdkType is neither go nor js")),
    }
}

/// The values Go's `strconv.ParseBool` takes.
fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "True" | "TRUE" => Some(true),
        "0" | "f" | "F" | "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

impl State {
    pub(crate) fn check_room(&self) -> Result<(), Fault> {
        if self.hub.count() < self.config.max_connections {
            return Ok(());
        }
        Err(Fault::new(errcode::CONN_OVER_MAX_NUM, "the gateway is full"))
    }

    /// Whether the token is good and belongs to whoever shows it.
    pub(crate) fn authorize(&self, asked: &Asked) -> Result<(), Fault> {
        let claims = self.verify_token(&asked.token)?;
        if claims.user_id != asked.send_id || claims.platform_id != asked.platform_id {
            return Err(Fault::new(errcode::TOKEN_INVALID, "the token is another user's or another platform's"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "sendID=bot_7&token=t&platformID=5&operationID=o&isBackground=false&isMsgResp=true&sdkType=js";

    fn without(name: &str) -> String {
        GOOD.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect::<Vec<_>>().join("&")
    }

    #[test]
    fn the_query_of_the_js_package_is_understood() {
        let asked = parse(GOOD, None).unwrap();
        assert_eq!(
            (asked.send_id.as_str(), asked.platform_id, asked.is_msg_resp, asked.gzip),
            ("bot_7", 5, true, false)
        );
        assert!(!parse(&without("isMsgResp"), None).unwrap().is_msg_resp);
        assert!(parse(&format!("{GOOD}&compression=gzip"), None).unwrap().gzip);
        assert!(parse(GOOD, Some("gzip")).unwrap().gzip);
        assert!(!parse(&format!("{GOOD}&compression=br"), None).unwrap().gzip);
    }

    #[test]
    fn case_06_each_missing_argument_has_its_code() {
        for name in ["operationID", "token", "sendID", "platformID"] {
            assert_eq!(parse(&without(name), None).unwrap_err().code, 1602, "{name}");
        }
        assert_eq!(parse(&without("isBackground"), None).unwrap_err().code, 500);
        let both_wrong = without("isBackground").replace("platformID=5", "platformID=x");
        assert_eq!(parse(&both_wrong, None).unwrap_err().code, 1602, "platformID is read before isBackground");
        let late = without("operationID").replace("isBackground=false", "isBackground=maybe");
        assert_eq!(parse(&late, None).unwrap_err().code, 500, "isBackground is read before operationID");
    }

    #[test]
    fn gob_framing_is_refused_with_a_text_that_says_what_to_do() {
        for query in [GOOD.replace("sdkType=js", "sdkType=go"), without("sdkType")] {
            let fault = parse(&query, None).unwrap_err();
            assert!(fault.code == 1602 && fault.detail.contains("sdkType=js"), "{fault}");
        }
    }

    #[test]
    fn case_07_the_packed_form_needs_no_background_flag_and_ignores_the_header() {
        let v = URL_SAFE_NO_PAD.encode(
            r#"{"token":"t","userID":"bot_7","platformID":5,"operationID":"o","sdkType":"js","sendResponse":true}"#,
        );
        let asked = parse(&format!("v={v}&sendID=else"), Some("gzip")).unwrap();
        assert_eq!(Ok(asked), parse(GOOD, None));
        for broken in ["v=%", "v=bm8", "v=W10"] {
            assert_eq!(parse(broken, None).unwrap_err().code, 1602, "{broken}");
        }
    }
}

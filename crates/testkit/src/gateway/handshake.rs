//! The query of an upgrade request. The arguments are checked in the real gateway's order, because the order decides
//! which code a client gets.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openim_core::wire::errcode;
use serde::Deserialize;

use crate::config::check_platform;
use crate::refusal::Refusal;

/// The query of an upgrade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConnectRequest {
    pub(crate) user_id: String,
    pub(crate) token: String,
    pub(crate) platform_id: i32,
    /// The client wants the result of the handshake as a first text frame.
    pub(crate) is_msg_resp: bool,
    pub(crate) gzip: bool,
}

/// The parameter `v`: everything in one JSON object.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct PackedRequest {
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

fn refuse(why: impl Into<String>) -> Refusal {
    Refusal::new(errcode::CONN_ARGS, why)
}

/// Reads the query. Refusals from here are HTTP answers, whatever `isMsgResp` says.
pub(crate) fn parse(query: &str, compression_header: Option<&str>) -> Result<ConnectRequest, Refusal> {
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
        return Err(Refusal::internal("isBackground is not bool"));
    }
    let gzip = get("compression") == "gzip" || compression_header == Some("gzip");
    let request =
        ConnectRequest { user_id: get("sendID").into(), token: get("token").into(), platform_id, is_msg_resp, gzip };
    check(request, get("operationID"), get("sdkType"))
}

fn parse_packed(packed: &str) -> Result<ConnectRequest, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(packed).map_err(|_| refuse("v is not base64url"))?;
    let v: PackedRequest = serde_json::from_slice(&bytes).map_err(|_| refuse("v is not a JSON object of arguments"))?;
    let request = ConnectRequest {
        user_id: v.user_id,
        token: v.token,
        platform_id: v.platform_id,
        is_msg_resp: v.send_response,
        gzip: v.compression == "gzip",
    };
    check(request, &v.operation_id, &v.sdk_type)
}

fn check(request: ConnectRequest, operation_id: &str, sdk_type: &str) -> Result<ConnectRequest, Refusal> {
    for (name, value) in [("operationID", operation_id), ("token", &request.token), ("sendID", &request.user_id)] {
        if value.is_empty() {
            return Err(refuse(format!("{name} is empty")));
        }
    }
    check_platform(request.platform_id).map_err(refuse)?;
    match sdk_type {
        "js" => Ok(request),
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

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "sendID=bot_7&token=t&platformID=5&operationID=o&isBackground=false&isMsgResp=true&sdkType=js";

    fn without(name: &str) -> String {
        GOOD.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect::<Vec<_>>().join("&")
    }

    #[test]
    fn the_query_of_the_js_package_is_read() {
        let request = parse(GOOD, None).unwrap();
        assert_eq!(
            (request.user_id.as_str(), request.platform_id, request.is_msg_resp, request.gzip),
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
    fn gob_framing_is_refused_with_a_remedy() {
        for query in [GOOD.replace("sdkType=js", "sdkType=go"), without("sdkType")] {
            let refusal = parse(&query, None).unwrap_err();
            assert!(refusal.code == 1602 && refusal.detail.contains("sdkType=js"), "{refusal}");
        }
    }

    #[test]
    fn case_07_the_packed_form_replaces_query_and_header() {
        let v = URL_SAFE_NO_PAD.encode(
            r#"{"token":"t","userID":"bot_7","platformID":5,"operationID":"o","sdkType":"js","sendResponse":true}"#,
        );
        let request = parse(&format!("v={v}&sendID=else"), Some("gzip")).unwrap();
        assert_eq!(Ok(request), parse(GOOD, None));
        for broken in ["v=%", "v=bm8", "v=W10"] {
            assert_eq!(parse(broken, None).unwrap_err().code, 1602, "{broken}");
        }
    }
}

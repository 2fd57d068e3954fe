//! What an account needs to log in to OpenIM, read from its configuration and its token.

use std::fmt;

use base::{Error, Kind, Redacted, Result, TypeScript, jwt};
use net::Network;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use crate::config_error::refuse;
use crate::json;
use crate::network_options::{self, ConnectionOptions, MediaOptions};

/// The members of an account's configuration that name its login and its connections. Each is read leniently, so that a
/// refusal can name the remedy.
#[derive(Clone, Default, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase", default)]
#[ts(inline, input)]
pub struct LoginOptions {
    /// The user's id; taken from the token where it is left out.
    #[serde(rename = "userID")]
    #[ts(type = "string")]
    pub user_id: Value,
    /// An OpenIM user token.
    #[ts(type = "string", required)]
    pub token: Value,
    /// `ws://host:10001` or `wss://…`
    #[ts(type = "string", required)]
    pub ws_addr: Value,
    /// `http://host:10002` or `https://…`
    #[ts(type = "string", required)]
    pub api_addr: Value,
    /// 5 (Web) where neither this member nor the token says otherwise.
    #[serde(rename = "platformID")]
    #[ts(type = "number")]
    pub platform_id: Value,
    /// What to do if the server does not check who a message is from, as OpenIM up to 3.8.3: `warn` (the default), or
    /// `refuse` to use it; then the login fails.
    #[ts(type = "'warn' | 'refuse'")]
    pub require_verified_sender: Value,
    /// `gzip` compresses the frames of the socket.
    #[ts(type = "'gzip' | ''")]
    pub compression: Value,
    /// The options of its files.
    #[serde(flatten)]
    pub media: MediaOptions,
    /// The options of its connections.
    #[serde(flatten)]
    pub connections: ConnectionOptions,
}

impl LoginOptions {
    /// Reads an account block. Members that belong to nothing here are passed over.
    pub fn of(block: &Map<String, Value>) -> Self {
        // Every member may be any value, so nothing can fail.
        json::read(Value::Object(block.clone())).unwrap_or_default()
    }
}

/// The platform assumed where neither configuration nor token names one: Web.
const PLATFORM_DEFAULT: i32 = 5;

/// What an account demands of its server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SenderPolicy {
    /// A server that does not check senders is used, and the operator is warned.
    #[default]
    Warn,
    /// A server that does not check senders is not used.
    Refuse,
}

/// A checked login.
#[derive(Clone)]
pub struct Login {
    pub user_id: String,
    pub platform_id: i32,
    pub token: Redacted<String>,
    /// Scheme `ws` or `wss`.
    pub ws_addr: Url,
    /// Scheme `http` or `https`.
    pub api_addr: Url,
    /// Ask the server for gzip on the socket.
    pub gzip: bool,
    /// What is demanded of a server that does not check the senders of messages.
    pub sender_policy: SenderPolicy,
    /// CA, proxy, and where its media may come from.
    pub network_options: net::Settings,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({} on platform {})", self.user_id, self.platform_id)
    }
}

impl Login {
    /// Reads an account block. Every refusal names the member and what to write there.
    pub fn read(account_id: &str, block: &Map<String, Value>) -> Result<Self> {
        Self::from_options(account_id, &LoginOptions::of(block))
    }

    /// Checks the options of a login. Every refusal names the member and what to write there.
    pub fn from_options(account_id: &str, options: &LoginOptions) -> Result<Self> {
        let reader = Reader { account_id, options };
        let token = reader.required("token", &options.token, "an OpenIM user token")?;
        let ws_addr = reader.address("wsAddr", &options.ws_addr, &["ws", "wss"], "ws://host:10001")?;
        let api_addr = reader.address("apiAddr", &options.api_addr, &["http", "https"], "http://host:10002")?;
        let claims = jwt::claims(&token).unwrap_or_default();
        let user_id = reader.user_id(claims.user_id.as_deref())?;
        let platform_id = reader.platform_id(claims.platform_id)?;
        let gzip = options.compression.as_str() == Some("gzip");
        let sender_policy = reader.sender_policy()?;
        let addresses = [&ws_addr, &api_addr];
        let network_options = network_options::read(account_id, &options.connections, &options.media, addresses)?;
        Ok(Self { user_id, platform_id, token: token.into(), ws_addr, api_addr, gzip, sender_policy, network_options })
    }

    /// The account's network: opens its connections. Reads its CA file and the environment.
    pub fn network(&self, account_id: &str) -> Result<Network> {
        Network::new(&self.network_options).map_err(|error| match error.kind() {
            Kind::Config => refuse(account_id, error.message()),
            _ => error.account(account_id.into()),
        })
    }
}

struct Reader<'a> {
    account_id: &'a str,
    options: &'a LoginOptions,
}

/// The text of a member, none where it is empty or no text.
fn text(value: &Value) -> Option<&str> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty())
}

impl Reader<'_> {
    fn required(&self, member: &str, value: &Value, what: &str) -> Result<String> {
        text(value).map(str::to_owned).ok_or_else(|| self.refuse(&format!("{member} is missing; set it to {what}")))
    }

    fn address(&self, member: &str, value: &Value, schemes: &[&str], example: &str) -> Result<Url> {
        let text = self.required(member, value, &format!("the server's address, e.g. {example}"))?;
        let refuse = || self.refuse(&format!("{member} is not an address of the form {example}"));
        let url = Url::parse(&text).map_err(|_| refuse())?;
        // A password in an address would end up in logs.
        let plain = url.username().is_empty() && url.password().is_none();
        if !schemes.contains(&url.scheme()) || url.host().is_none() || !plain {
            return Err(refuse());
        }
        Ok(url)
    }

    fn user_id(&self, claimed: Option<&str>) -> Result<String> {
        let configured = match &self.options.user_id {
            Value::Number(number) => Some(number.to_string()),
            other => text(other).map(str::to_owned),
        };
        match (configured, claimed.filter(|id| !id.is_empty())) {
            (Some(configured), Some(claimed)) if configured != claimed => Err(self.refuse(&format!(
                "userID \"{configured}\" is not the user the token was issued to (\"{claimed}\"); correct one of them"
            ))),
            (Some(configured), _) => Ok(configured),
            (None, Some(claimed)) => Ok(claimed.to_owned()),
            (None, None) => Err(self.refuse("userID is missing and the token does not name one; set userID")),
        }
    }

    fn platform_id(&self, claimed: Option<i32>) -> Result<i32> {
        let configured = self.options.platform_id.as_i64();
        let platform = match (configured.and_then(|id| i32::try_from(id).ok()), claimed) {
            (Some(configured), Some(claimed)) if configured != claimed => {
                return Err(self.refuse(&format!(
                    "platformID {configured} is not the platform the token was issued for ({claimed}); correct one of them"
                )));
            }
            (Some(configured), _) => configured,
            (None, claimed) => claimed.unwrap_or(PLATFORM_DEFAULT),
        };
        if (1..=11).contains(&platform) {
            return Ok(platform);
        }
        Err(self.refuse("platformID must be a number from 1 to 11; 5 is Web"))
    }

    fn sender_policy(&self) -> Result<SenderPolicy> {
        match &self.options.require_verified_sender {
            Value::Null => Ok(SenderPolicy::Warn),
            Value::String(policy) if policy == "warn" => Ok(SenderPolicy::Warn),
            Value::String(policy) if policy == "refuse" => Ok(SenderPolicy::Refuse),
            _ => Err(self.refuse("requireVerifiedSender is either \"warn\" or \"refuse\"")),
        }
    }

    fn refuse(&self, why: &str) -> Error {
        refuse(self.account_id, why)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;

    fn token(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    fn read(value: &Value) -> Result<Login> {
        Login::read("support", value.as_object().unwrap())
    }

    fn block(token: &str) -> Value {
        json!({"token": token, "wsAddr": "ws://127.0.0.1:10001", "apiAddr": "http://127.0.0.1:10002"})
    }

    #[test]
    fn user_and_platform_come_from_the_token() {
        let login = read(&block(&token(r#"{"UserID":"bot_7","PlatformID":3}"#))).unwrap();
        assert_eq!((login.user_id.as_str(), login.platform_id), ("bot_7", 3));
        assert_eq!(format!("{login:?}"), "Login(bot_7 on platform 3)");
    }

    #[test]
    fn host_names_in_any_script_are_read() {
        let mut raw = block(&token(r#"{"UserID":"bot_7"}"#));
        raw["wsAddr"] = json!("wss://聊天.example:10001");
        raw["apiAddr"] = json!("https://bücher.example");
        let login = read(&raw).unwrap();
        assert_eq!(login.ws_addr.host_str(), Some("xn--rss932g.example"));
        assert_eq!(login.api_addr.host_str(), Some("xn--bcher-kva.example"));
        let own = login.network_options.server.unwrap();
        assert_eq!(own.socket.as_str(), "wss://xn--rss932g.example:10001/");
        assert_eq!(own.files.as_str(), "https://xn--bcher-kva.example/object/");
    }

    #[test]
    fn the_platform_is_web_where_nobody_names_one() {
        let mut raw = block("opaque");
        raw["userID"] = json!("bot_7");
        assert_eq!(read(&raw).unwrap().platform_id, 5);
    }

    #[test]
    fn every_refusal_names_the_account_the_member_and_the_remedy() {
        let good = token(r#"{"UserID":"bot_7","PlatformID":5}"#);
        let with = |member: &str, value: Value| {
            let mut raw = block(&good);
            raw[member] = value;
            read(&raw).unwrap_err().to_string()
        };
        let cases = [
            (with("token", json!("")), "token is missing"),
            (with("token", json!({"source": "env"})), "token is missing"),
            (with("wsAddr", json!(null)), "wsAddr is missing"),
            (with("wsAddr", json!("http://x")), "wsAddr is not an address of the form ws://host:10001"),
            (with("wsAddr", json!("ws://user:secret@x")), "wsAddr is not an address"),
            (with("apiAddr", json!("x")), "apiAddr is not an address of the form http://host:10002"),
            (with("wsAddr", json!("ws://聊 天.example:10001")), "wsAddr is not an address"),
            (with("userID", json!("other")), "userID \"other\" is not the user"),
            (with("platformID", json!(2)), "platformID 2 is not the platform"),
            (with("requireVerifiedSender", json!(true)), "requireVerifiedSender is either \"warn\" or \"refuse\""),
            (read(&block("opaque")).unwrap_err().to_string(), "userID is missing and the token does not name one"),
            (read(&block(&token(r#"{"UserID":"b","PlatformID":99}"#))).unwrap_err().to_string(), "from 1 to 11"),
        ];
        for (text, expected) in cases {
            assert!(text.starts_with("multi-openim account \"support\" is skipped: "), "{text}");
            assert!(text.contains(expected) && !text.contains("secret"), "{text}");
        }
    }

    #[test]
    fn a_ca_file_that_cannot_be_read_is_named_with_the_account() {
        let mut raw = block(&token(r#"{"UserID":"bot_7","PlatformID":5}"#));
        raw["ca"] = json!("/nowhere/ca.pem");
        let text = read(&raw).unwrap().network("support").err().unwrap().to_string();
        assert!(text.starts_with("multi-openim account \"support\" is skipped: "), "{text}");
        assert!(text.contains("ca: /nowhere/ca.pem cannot be read"), "{text}");
    }
}

//! Reads the options of outgoing connections: `ca`, `clientCert`, `clientKey`, `proxy`, `mediaSources`, `mediaHosts`.

use base::{Result, TypeScript};
use net::{HostPattern, HostPatterns, MediaSources, OwnServer, Settings};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::config_error::refuse;

/// The options of an account's outgoing connections.
#[derive(Clone, Default, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase", default)]
#[ts(inline, input)]
pub struct ConnectionOptions {
    /// A PEM file with roots to trust besides the system's and those of `NODE_EXTRA_CA_CERTS`.
    #[ts(type = "string")]
    pub ca: Value,
    /// A PEM file with the account's own certificate, for servers that ask for one. Needs `clientKey`.
    #[ts(type = "string")]
    pub client_cert: Value,
    /// A PEM file with the key of that certificate, without a password. Needs `clientCert`.
    #[ts(type = "string")]
    pub client_key: Value,
    /// A proxy for all connections: `http://`, `https://`, `socks5://` or `socks5h://`; `""` or `direct` for none. Where it is
    /// left out, `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` decide.
    #[ts(type = "string")]
    pub proxy: Value,
}

/// The options that say where files come from.
#[derive(Clone, Default, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase", default)]
#[ts(inline, input)]
pub struct MediaOptions {
    /// Where files come from: the server, its storage and `mediaHosts` (`server`, the default), or any public address.
    #[ts(type = "'server' | 'any'")]
    pub media_sources: Value,
    /// Hosts that files may come from besides the server itself, also private ones.
    #[ts(type = "string[]")]
    pub media_hosts: Value,
}

/// Reads the options. It opens no file: configurations are also read just to be shown.
pub(crate) fn read(
    account_id: &str,
    options: &ConnectionOptions,
    media: &MediaOptions,
    [socket, api]: [&Url; 2],
) -> Result<Settings> {
    let wrong = |why: String| refuse(account_id, &why);
    let text = |member: &str, value: &Value| match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.trim().to_owned())),
        _ => Err(wrong(format!("{member} must be a text"))),
    };
    let file = |member: &str, value: &Value| Ok(text(member, value)?.filter(|path| !path.is_empty()).map(Into::into));
    let media_sources = match text("mediaSources", &media.media_sources)?.unwrap_or_default().as_str() {
        "" | "server" => MediaSources::Server,
        "any" => MediaSources::Any,
        _ => return Err(wrong("mediaSources is \"server\" or \"any\"".into())),
    };
    let mut media_hosts = Vec::new();
    for host in hosts(&media.media_hosts) {
        let place = host.and_then(|host| HostPattern::parse(host.trim(), true)).filter(|place| !place.is_everything());
        media_hosts.push(place.ok_or_else(|| {
            wrong("mediaHosts is a list of hosts, e.g. \"minio.lan:9000\", \".cdn.lan\" or \"10.1.0.0/16\"".into())
        })?);
    }
    let settings = Settings {
        ca: file("ca", &options.ca)?,
        client_cert: file("clientCert", &options.client_cert)?,
        client_key: file("clientKey", &options.client_key)?,
        proxy: text("proxy", &options.proxy)?.map(Into::into),
        media_hosts: HostPatterns::new(media_hosts),
        media_sources,
        server: Some(OwnServer { socket: socket.clone(), files: files(api) }),
    };
    settings.check().map_err(|error| wrong(error.message().to_owned()))?;
    Ok(settings)
}

/// The address below which OpenIM keeps files.
fn files(api: &Url) -> Url {
    let mut files = api.clone();
    files.set_path(&format!("{}/object/", api.path().trim_end_matches('/')));
    files.set_query(None);
    files.set_fragment(None);
    files
}

fn hosts(value: &Value) -> impl Iterator<Item = Option<&str>> {
    let one = Some(value).filter(|value| !value.is_array() && !value.is_null()).into_iter();
    let many = value.as_array().into_iter().flatten();
    // What is no list is refused like an entry that is no text.
    one.map(|_| None).chain(many.map(Value::as_str))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn options(value: &Value) -> Result<Settings> {
        let [socket, api] = ["ws://im.lan:10001", "https://im.lan"].map(|url| Url::parse(url).unwrap());
        let options = crate::json::read(value.clone()).unwrap();
        let media = crate::json::read(value.clone()).unwrap();
        read("support", &options, &media, [&socket, &api])
    }

    #[test]
    fn only_the_own_server_and_media_hosts_are_allowed() {
        let settings = options(&json!({"mediaHosts": ["minio.lan:9000", "10.1.0.0/16"]})).unwrap();
        let allow = &settings.media_hosts;
        for (host, port) in [("minio.lan", 9000), ("10.1.2.3", 80)] {
            assert!(allow.has_host(host, port), "{host}:{port}");
        }
        for (host, port) in [("im.lan", 22), ("im.lan", 443), ("minio.lan", 22), ("10.2.0.1", 80)] {
            assert!(!allow.has_host(host, port), "{host}:{port}");
        }
        let server = settings.server.unwrap();
        assert_eq!((server.socket.as_str(), server.files.as_str()), ("ws://im.lan:10001/", "https://im.lan/object/"));
        let api = Url::parse("http://im.lan:10002/api/?a=b#c").unwrap();
        assert_eq!(files(&api).as_str(), "http://im.lan:10002/api/object/");
    }

    #[test]
    fn files_come_from_the_server_unless_any_source_is_allowed() {
        let sources = |value: Value| options(&value).map(|settings| settings.media_sources);
        for value in [json!({}), json!({"mediaSources": null}), json!({"mediaSources": "server"})] {
            assert_eq!(sources(value).unwrap(), MediaSources::Server);
        }
        assert_eq!(sources(json!({"mediaSources": "any"})).unwrap(), MediaSources::Any);
        assert!(sources(json!({"mediaSources": "all"})).is_err());
    }

    #[test]
    fn every_refusal_names_the_account_and_the_option_and_never_a_password() {
        let read = |value: Value| options(&value).unwrap_err().to_string();
        for (text, expected) in [
            (read(json!({"ca": 7})), "ca must be a text"),
            (read(json!({"proxy": "ftp://bot:s3cret@h"})), "proxy is not a proxy's address; write http://host:port"),
            (read(json!({"mediaHosts": ["*"]})), "mediaHosts is a list of hosts"),
            (read(json!({"mediaHosts": "x"})), "mediaHosts is a list of hosts"),
            (read(json!({"mediaHosts": [7]})), "mediaHosts is a list of hosts"),
            (read(json!({"mediaSources": "all"})), "mediaSources is \"server\" or \"any\""),
            (read(json!({"mediaSources": 7})), "mediaSources must be a text"),
            (read(json!({"clientCert": 7})), "clientCert must be a text"),
            (read(json!({"clientCert": "a.pem"})), "clientCert is set without clientKey; set both, or neither"),
            (
                read(json!({"clientCert": "", "clientKey": "a.pem"})),
                "clientKey is set without clientCert; set both, or neither",
            ),
        ] {
            assert!(text.starts_with("multi-openim account \"support\" is skipped: "), "{text}");
            assert!(text.contains(expected) && !text.contains("s3cret"), "{text}");
        }
    }

    #[test]
    fn without_options_connections_are_direct_or_by_environment() {
        let network = options(&json!({"ca": "", "proxy": null})).unwrap();
        assert!(network.ca.is_none() && network.proxy.is_none());
        assert!(options(&json!({"proxy": ""})).unwrap().proxy.is_some_and(|proxy| proxy.expose().is_empty()));
    }
}

//! Reads the options of outgoing connections: `ca`, `clientCert`, `clientKey`, `proxy`, `mediaHosts`.

use base::Result;
use net::{HostPattern, HostPatterns, Settings};
use serde_json::{Map, Value};
use url::Url;

use crate::config_error::refuse;

/// Reads the options. It opens no file: configurations are also read just to be shown.
pub(crate) fn read(account_id: &str, raw: &Map<String, Value>, addresses: [&Url; 2]) -> Result<Settings> {
    let wrong = |why: String| refuse(account_id, &why);
    let text = |member: &str| match raw.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim())),
        Some(_) => Err(wrong(format!("{member} must be a text"))),
    };
    let file = |member: &str| Ok(text(member)?.filter(|path| !path.is_empty()).map(Into::into));
    let mut allow: Vec<_> = addresses.iter().filter_map(|url| own(url)).collect();
    for host in hosts(raw.get("mediaHosts")) {
        let place = host.and_then(|host| HostPattern::parse(host.trim(), true)).filter(|place| !place.is_everything());
        allow.push(place.ok_or_else(|| {
            wrong("mediaHosts is a list of hosts, e.g. \"minio.lan:9000\", \".cdn.lan\" or \"10.1.0.0/16\"".into())
        })?);
    }
    let hosts = addresses.iter().filter_map(|url| HostPattern::parse(url.host_str()?, true));
    let storage = HostPatterns::new(allow.iter().cloned().chain(hosts).collect());
    let settings = Settings {
        ca: file("ca")?,
        client_cert: file("clientCert")?,
        client_key: file("clientKey")?,
        proxy: text("proxy")?.map(|proxy| proxy.to_owned().into()),
        allow: HostPatterns::new(allow),
        storage,
    };
    settings.check().map_err(|error| wrong(error.message().to_owned()))?;
    Ok(settings)
}

fn own(url: &Url) -> Option<HostPattern> {
    HostPattern::exactly(url.host_str()?, url.port_or_known_default()?)
}

fn hosts(value: Option<&Value>) -> impl Iterator<Item = Option<&str>> {
    let one = value.filter(|value| !value.is_array() && !value.is_null()).into_iter();
    let many = value.and_then(Value::as_array).into_iter().flatten();
    // What is no list is refused like an entry that is no text.
    one.map(|_| None).chain(many.map(Value::as_str))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn options(value: &Value) -> Result<Settings> {
        let [socket, api] = ["ws://im.lan:10001", "https://im.lan"].map(|url| Url::parse(url).unwrap());
        read("support", value.as_object().unwrap(), [&socket, &api])
    }

    #[test]
    fn only_the_own_server_and_media_hosts_are_allowed() {
        let allow = options(&json!({"mediaHosts": ["minio.lan:9000", "10.1.0.0/16"]})).unwrap().allow;
        for (host, port) in [("im.lan", 10001), ("im.lan", 443), ("minio.lan", 9000), ("10.1.2.3", 80)] {
            assert!(allow.has_host(host, port), "{host}:{port}");
        }
        for (host, port) in [("im.lan", 22), ("minio.lan", 22), ("10.2.0.1", 80)] {
            assert!(!allow.has_host(host, port), "{host}:{port}");
        }
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

//! Which proxy a connection takes: the account's own, those of the environment, or none.

use base::{Error, Kind, Result};
use url::Url;

use super::Proxy;
use crate::host_patterns::HostPatterns;

/// What was configured, read once: the environment is another thread's to change.
#[derive(Debug, Clone)]
pub(crate) enum Choice {
    Direct,
    /// The account's option: everything of the account goes there.
    Always(Proxy),
    Environment {
        https: Option<Proxy>,
        http: Option<Proxy>,
        except: HostPatterns,
    },
}

impl Choice {
    /// By the account's option; without one, by the environment. Names in small letters come first, as everywhere.
    pub(crate) fn new(option: Option<&str>, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        match option.map(str::trim) {
            None => Self::of_environment(environment),
            Some("" | "direct") => Ok(Self::Direct),
            Some(text) => Ok(Self::Always(Proxy::parse(text).map_err(|why| config(&format!("proxy {why}")))?)),
        }
    }

    fn of_environment(environment: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let find = |names: &[&str]| {
            let found = names.iter().find_map(|name| {
                let value = environment(name).filter(|value| !value.trim().is_empty())?;
                Some((*name, value))
            });
            let Some((name, value)) = found else { return Ok(None) };
            let refuse = |why| {
                config(&format!(
                    "{name} of the environment {why}; or set the account's option proxy to \"direct\" to go without it"
                ))
            };
            Proxy::parse(&value).map(Some).map_err(refuse)
        };
        let https = find(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])?;
        let http = find(&["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])?;
        if https.is_none() && http.is_none() {
            return Ok(Self::Direct);
        }
        let except = ["no_proxy", "NO_PROXY"].into_iter().filter_map(environment).find(|list| !list.trim().is_empty());
        Ok(Self::Environment { https, http, except: HostPatterns::parse(&except.unwrap_or_default()) })
    }

    /// The proxy for an address, if it takes one. What is on this machine is never asked of a proxy of the environment.
    pub(crate) fn pick(&self, url: &Url) -> Option<&Proxy> {
        match self {
            Self::Direct => None,
            Self::Always(proxy) => Some(proxy),
            Self::Environment { https, http, except } => {
                let host = url.host_str().unwrap_or_default();
                let port = port(url);
                if is_this_machine(host) || except.has_host(host, port) {
                    return None;
                }
                if matches!(url.scheme(), "https" | "wss") { https.as_ref() } else { http.as_ref() }
            }
        }
    }
}

fn config(text: &str) -> Error {
    Error::new(Kind::Config, text)
}

fn port(url: &Url) -> u16 {
    url.port_or_known_default().unwrap_or_default()
}

fn is_this_machine(host: &str) -> bool {
    let local = HostPatterns::parse("localhost,127.0.0.0/8,::1");
    local.has_host(host, 0)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn choice(option: Option<&str>, environment: &[(&str, &str)]) -> Result<Choice> {
        let environment: HashMap<_, _> = environment.iter().copied().collect();
        Choice::new(option, &|name| environment.get(name).map(|value| (*value).to_owned()))
    }

    fn picked(choice: &Choice, url: &str) -> String {
        choice.pick(&Url::parse(url).unwrap()).map_or_else(|| "direct".into(), ToString::to_string)
    }

    #[test]
    fn the_environment_is_read_as_other_programs_read_it() {
        let by = choice(
            None,
            &[
                ("HTTPS_PROXY", "http://up:1"),
                ("https_proxy", "http://low:2"),
                ("ALL_PROXY", "socks5://all:3"),
                ("NO_PROXY", "corp.lan,10.0.0.0/8,:bad"),
            ],
        )
        .unwrap();
        for (url, expected) in [
            ("wss://im.example.com/", "http://low:2"),
            ("https://im.example.com/", "http://low:2"),
            ("ws://im.example.com/", "socks5://all:3"),
            ("http://im.example.com/", "socks5://all:3"),
            ("ws://a.corp.lan:10001/", "direct"),
            ("ws://10.1.2.3/", "direct"),
            ("ws://127.0.0.1:10001/", "direct"),
            ("ws://[::1]:10001/", "direct"),
            ("http://localhost:10002/", "direct"),
        ] {
            assert_eq!(picked(&by, url), expected, "{url}");
        }
        let none = choice(None, &[("HTTP_PROXY", "http://p:1"), ("no_proxy", ""), ("NO_PROXY", "*")]).unwrap();
        assert_eq!(picked(&none, "http://im.example.com/"), "direct");
        let http_only = choice(None, &[("HTTP_PROXY", "p:1")]).unwrap();
        assert_eq!(picked(&http_only, "https://im.example.com/"), "direct");
        assert_eq!(picked(&http_only, "ws://im.example.com/"), "http://p:1");
    }

    #[test]
    fn an_account_overrules_the_environment() {
        let environment = [("HTTPS_PROXY", "http://env:1"), ("NO_PROXY", "*")];
        let own = choice(Some("socks5h://own:9"), &environment).unwrap();
        assert_eq!(picked(&own, "wss://im.example.com/"), "socks5h://own:9");
        assert_eq!(picked(&own, "wss://127.0.0.1/"), "socks5h://own:9");
        for off in ["", " ", "direct"] {
            assert_eq!(picked(&choice(Some(off), &environment).unwrap(), "wss://im.example.com/"), "direct");
        }
    }

    #[test]
    fn what_is_no_proxy_is_refused_by_its_name_and_never_shown() {
        let error = choice(None, &[("HTTPS_PROXY", "ftp://bot:s3cret@x")]).unwrap_err().to_string();
        assert!(error.starts_with("HTTPS_PROXY of the environment is not a proxy's address"), "{error}");
        assert!(!error.contains("s3cret") && error.contains("\"direct\""), "{error}");
        let error = choice(Some("http://bot:s3cret@"), &[]).unwrap_err().to_string();
        assert!(error.starts_with("proxy is not a proxy's address") && !error.contains("s3cret"), "{error}");
    }
}

//! Where a part goes: the address that the server has signed, and those of its headers that storages need.

use base::{Error, Kind, Result};
use reqwest::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, DATE, EXPIRES, HOST, HeaderMap, HeaderName, HeaderValue,
};
use tracing::debug;
use url::Url;
use url::form_urlencoded::byte_serialize;

use super::object::{Pair, Sign, SignedPart};

/// The address and the headers of one PUT.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
}

impl Target {
    /// What stands for all parts first, then what stands for this one and wins.
    pub(super) fn new(sign: &Sign, part: &SignedPart, content_type: &str) -> Result<Self> {
        let address = if part.url.is_empty() { &sign.url } else { &part.url };
        let mut url = Url::parse(address).map_err(|_| unusable("an address that is none"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
            return Err(unusable("an address that is not plain http or https"));
        }
        merge(&mut url, sign.query.iter().chain(&part.query));
        let mut headers = HeaderMap::new();
        for Pair { key, values } in sign.header.iter().chain(&part.header) {
            let name: HeaderName = key.parse().map_err(|_| unusable("a header HTTP does not allow"))?;
            if name == HOST {
                check_host(&url, values)?;
                continue;
            }
            if !is_passed_on(&name) {
                debug!(header = name.as_str(), "a header of a signature was left out");
                continue;
            }
            headers.remove(&name);
            for value in values {
                let value = HeaderValue::from_str(value).map_err(|_| unusable("a header HTTP does not allow"))?;
                headers.append(&name, value);
            }
        }
        if !headers.contains_key(CONTENT_TYPE) {
            let value = HeaderValue::from_str(content_type)
                .map_err(|_| Error::new(Kind::Config, "the contentType holds characters that HTTP does not allow"))?;
            headers.insert(CONTENT_TYPE, value);
        }
        Ok(Self { url, headers })
    }

    /// Scheme, host and port: the rest is signed and nobody's business.
    pub(super) fn place(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

/// Whether storages need a header. Another one could be meant for a service that is no storage. How many bytes follow,
/// and how they are framed, is known here.
fn is_passed_on(name: &HeaderName) -> bool {
    const PREFIXES: [&str; 8] = ["content-", "x-amz-", "x-oss-", "x-cos-", "x-obs-", "x-goog-", "x-ms-", "x-qiniu-"];
    let is_listed = [AUTHORIZATION, CACHE_CONTROL, DATE, EXPIRES].contains(name);
    (is_listed || PREFIXES.iter().any(|prefix| name.as_str().starts_with(prefix))) && *name != CONTENT_LENGTH
}

/// The host stands in the address. A signature that covers another one is for another place.
fn check_host(url: &Url, values: &[String]) -> Result<()> {
    let host = url.host_str().unwrap_or_default();
    let with_port = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
    let is_same = |value: &String| {
        value.eq_ignore_ascii_case(&with_port) || (url.port().is_none() && value.eq_ignore_ascii_case(host))
    };
    if values.iter().all(is_same) { Ok(()) } else { Err(unusable("another host in a header than in the address")) }
}

/// Sets members of the query by their name. What is signed already is left as it is written, byte for byte.
fn merge<'a>(url: &mut Url, pairs: impl Iterator<Item = &'a Pair>) {
    let mut query: Vec<(String, String)> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|member| !member.is_empty())
        .map(|member| (key_of(member), member.to_owned()))
        .collect();
    for Pair { key, values } in pairs {
        query.retain(|(known, _)| known != key);
        let value = values.first().map(String::as_str).unwrap_or_default();
        query.push((key.clone(), format!("{}={}", escaped(key), escaped(value))));
    }
    let query: Vec<_> = query.into_iter().map(|(_, member)| member).collect();
    url.set_query((!query.is_empty()).then(|| query.join("&")).as_deref());
}

fn key_of(member: &str) -> String {
    url::form_urlencoded::parse(member.as_bytes()).next().map(|(key, _)| key.into_owned()).unwrap_or_default()
}

/// With `%20` for a blank: storages that sign read a plus as a plus.
fn escaped(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

fn unusable(what: &str) -> Error {
    Error::new(Kind::Protocol, format!("the server names {what} to upload to; look at its object storage's settings"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(key: &str, value: &str) -> Pair {
        Pair { key: key.into(), values: vec![value.into(), "second".into()] }
    }

    fn signed(url: &str) -> SignedPart {
        SignedPart { part_number: 1, url: url.into(), ..SignedPart::default() }
    }

    #[test]
    fn case_75_queries_are_merged_by_name_and_the_parts_own_win() {
        let sign = Sign { query: vec![pair("a", "1"), pair("b", "x y")], ..Sign::default() };
        let part =
            SignedPart { query: vec![pair("b", "2/+"), pair("c", "3")], ..signed("http://h/o?sig=A%2Fb%20c&a=0") };
        let target = Target::new(&sign, &part, "text/plain").unwrap();
        assert_eq!(target.url.as_str(), "http://h/o?sig=A%2Fb%20c&a=1&b=2%2F%2B&c=3");
    }

    #[test]
    fn case_75_an_empty_address_of_a_part_means_that_of_all() {
        let sign = Sign { url: "https://h/all".into(), ..Sign::default() };
        let target = Target::new(&sign, &signed(""), "text/plain").unwrap();
        assert_eq!(target.url.as_str(), "https://h/all");
    }

    #[test]
    fn case_75_headers_are_passed_on_as_given_except_those_of_the_length() {
        let sign = Sign { header: vec![pair("X-Amz-Date", "d"), pair("Content-Length", "7")], ..Sign::default() };
        let part =
            SignedPart { header: vec![pair("x-amz-date", "e"), pair("Authorization", "AWS4")], ..signed("http://h/") };
        let headers = Target::new(&sign, &part, "text/plain").unwrap().headers;
        assert_eq!(headers.get_all("x-amz-date").iter().collect::<Vec<_>>(), ["e", "second"]);
        assert_eq!(
            (headers["authorization"].as_bytes(), headers["content-type"].as_bytes()),
            (&b"AWS4"[..], &b"text/plain"[..])
        );
        assert!(!headers.contains_key("content-length"));
    }

    #[test]
    fn headers_that_no_storage_needs_are_left_out() {
        let names =
            ["X-Consul-Token", "X-Registry-Auth", "Cookie", "Transfer-Encoding", "Connection", "X-Forwarded-For"];
        let header = names.map(|name| pair(name, "1")).to_vec();
        let headers =
            Target::new(&Sign { header, ..Sign::default() }, &signed("http://h/"), "text/plain").unwrap().headers;
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["content-type"]);
    }

    #[test]
    fn a_host_header_has_to_name_the_place_of_the_address() {
        let target = |url: &str, host: &str| {
            let header = vec![Pair { key: "Host".into(), values: vec![host.into()] }];
            Target::new(&Sign { header, ..Sign::default() }, &signed(url), "text/plain")
        };
        for (url, host) in
            [("http://h:9000/", "H:9000"), ("https://h/", "h"), ("https://h/", "h:443"), ("http://[::1]:9/", "[::1]:9")]
        {
            assert!(!target(url, host).unwrap().headers.contains_key("host"), "{url} {host}");
        }
        for (url, host) in [("http://h:9000/", "inner:9000"), ("http://h:9000/", "h"), ("https://h/", "consul.lan")] {
            assert_eq!(target(url, host).unwrap_err().kind(), Kind::Protocol, "{url} {host}");
        }
    }

    #[test]
    fn an_address_that_is_not_plain_http_is_refused() {
        for url in ["", "ftp://h/", "file:///etc/passwd", "http://u:p@h/", "javascript:1"] {
            let error = Target::new(&Sign::default(), &signed(url), "text/plain").unwrap_err();
            assert_eq!(error.kind(), Kind::Protocol, "{url}");
        }
    }
}

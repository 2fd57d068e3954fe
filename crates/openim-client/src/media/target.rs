//! Where a part goes: the address and headers the server has signed, put together as it wants them.

use base::{Error, Kind, Result};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};
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
            // How many bytes follow, and how they are framed, is known here.
            if name == CONTENT_LENGTH || name == TRANSFER_ENCODING {
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
            SignedPart { header: vec![pair("x-amz-date", "e"), pair("Host", "inner:9000")], ..signed("http://h/") };
        let headers = Target::new(&sign, &part, "text/plain").unwrap().headers;
        assert_eq!(headers.get_all("x-amz-date").iter().collect::<Vec<_>>(), ["e", "second"]);
        assert_eq!(
            (headers["host"].to_str().unwrap(), headers["content-type"].to_str().unwrap()),
            ("inner:9000", "text/plain")
        );
        assert!(!headers.contains_key("content-length"));
    }

    #[test]
    fn an_address_that_is_not_plain_http_is_refused() {
        for url in ["", "ftp://h/", "file:///etc/passwd", "http://u:p@h/", "javascript:1"] {
            let error = Target::new(&Sign::default(), &signed(url), "text/plain").unwrap_err();
            assert_eq!(error.kind(), Kind::Protocol, "{url}");
        }
    }
}

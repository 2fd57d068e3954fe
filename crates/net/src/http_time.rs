//! Reads the times that the header lines of an HTTP answer state: `Date` and `Retry-After`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::header::{DATE, HeaderMap, RETRY_AFTER};

/// How long the server asks to wait: seconds, or a date by the clock of the same answer.
///
/// ```
/// use std::time::Duration;
///
/// let mut headers = reqwest::header::HeaderMap::new();
/// assert_eq!(net::retry_after(&headers), None);
/// headers.insert("retry-after", "30".parse().unwrap());
/// assert_eq!(net::retry_after(&headers), Some(Duration::from_secs(30)));
/// ```
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let asked = text(headers, RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    date(asked)?.duration_since(date(text(headers, DATE)?)?).ok()
}

/// What the server's clock showed when it answered, in Unix milliseconds.
pub fn server_time(headers: &HeaderMap) -> Option<i64> {
    let since = date(text(headers, DATE)?)?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

fn text(headers: &HeaderMap, name: hyper::header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "Fri, 20 Nov 2026 10:00:00 GMT";
    const LATER: &str = "Fri, 20 Nov 2026 10:00:07 GMT";

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_pause_is_read_as_seconds_or_as_a_date_by_the_servers_clock() {
        assert_eq!(retry_after(&headers(&[("retry-after", " 3 ")])), Some(Duration::from_secs(3)));
        let seven = Some(Duration::from_secs(7));
        assert_eq!(retry_after(&headers(&[("date", NOW), ("retry-after", LATER)])), seven);
        assert_eq!(retry_after(&headers(&[("date", LATER), ("retry-after", NOW)])), None, "a date in the past");
        assert_eq!(retry_after(&headers(&[("retry-after", LATER)])), None, "no clock to compare with");
        assert_eq!(retry_after(&headers(&[("retry-after", "soon")])), None);
    }

    #[test]
    fn the_servers_clock_is_read_from_its_date() {
        assert_eq!(server_time(&headers(&[("date", NOW)])), Some(1_795_168_800_000));
        assert_eq!(server_time(&headers(&[("date", "yesterday")])), None);
        assert_eq!(server_time(&headers(&[])), None);
    }
}

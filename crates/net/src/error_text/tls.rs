//! Turns a failed TLS handshake into a sentence for an operator.

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, PeerIncompatible};

use crate::certificates;

/// The second half of a sentence that began with the place.
pub(super) fn reason(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(fault) => certificate(fault),
        Error::InvalidMessage(_) => {
            "what answers there does not speak TLS; write ws:// or http://, or the server's TLS port".into()
        }
        Error::AlertReceived(AlertDescription::ProtocolVersion)
        | Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => "the server knows no TLS newer than 1.1; let it speak TLS 1.2 or 1.3".into(),
        Error::AlertReceived(AlertDescription::HandshakeFailure) => {
            "the server refused the TLS handshake: it and this side have no way of encryption in common".into()
        }
        Error::AlertReceived(AlertDescription::UnrecognisedName) => {
            "the server knows no certificate for this name; write the name it is set up for".into()
        }
        Error::AlertReceived(AlertDescription::CertificateRequired) => {
            "the server wants a certificate of the client; name its PEM files in the account's options clientCert \
                and clientKey"
                .into()
        }
        Error::AlertReceived(
            alert @ (AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied),
        ) => format!(
            "the server does not accept the certificate of the client ({alert:?}); give the account's options \
                clientCert and clientKey a certificate that the server trusts"
        ),
        other => format!("the TLS handshake failed: {other}"),
    }
}

/// Whether the other side refuses the certificate of this side, or the lack of one.
pub(super) const fn is_about_client_certificate(error: &Error) -> bool {
    matches!(
        error,
        Error::AlertReceived(
            AlertDescription::CertificateRequired
                | AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied
        )
    )
}

fn certificate(fault: &CertificateError) -> String {
    match fault {
        CertificateError::UnknownIssuer => unknown_issuer(certificates::of_system().is_empty()).into(),
        CertificateError::ExpiredContext { time, not_after } => format!(
            "the server's certificate has expired on {} (today is {}); renew it on the server",
            date(*not_after),
            date(*time)
        ),
        CertificateError::Expired => "the server's certificate has expired; renew it on the server".into(),
        CertificateError::NotValidYetContext { time, not_before } => format!(
            "the server's certificate is valid only from {} on (here it is {}); check the clock of this machine",
            date(*not_before),
            date(*time)
        ),
        CertificateError::NotValidYet => {
            "the server's certificate is not valid yet; check the clock of this machine".into()
        }
        CertificateError::NotValidForNameContext { expected, presented } => format!(
            "the server's certificate is not made out to {} but to {}; write a name it is made out to, or renew it",
            expected.to_str(),
            names(presented)
        ),
        CertificateError::NotValidForName => {
            "the server's certificate is not made out to this name; write a name it is made out to, or renew it".into()
        }
        CertificateError::BadSignature => {
            "the server's certificate is not signed by the CA of that name that is trusted here; if the \
            CA was made anew, put its new certificate into the file of the account's option ca"
                .into()
        }
        CertificateError::Revoked => "the server's certificate has been revoked; give the server another one".into(),
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "the server shows the CA's certificate itself; give the server a certificate that this CA has signed".into()
        }
        other => format!("the server's certificate is not acceptable ({other}); give the server another one"),
    }
}

/// A slim container has no roots; Node brings its own, and so nobody misses them there.
fn unknown_issuer(no_roots: bool) -> &'static str {
    if no_roots {
        return "nobody trusted here has signed the server's certificate, for this machine has no trusted roots at all; \
            install its package ca-certificates or set SSL_CERT_FILE; a CA of your own goes into the account's option ca";
    }
    "nobody trusted here has signed the server's certificate; if it comes from a CA of your own, name that CA's PEM file \
        in the account's option ca, or in NODE_EXTRA_CA_CERTS"
}

/// At most a few of what the certificate lists, as they come from a stranger: `DnsName("a.example")`.
fn names(presented: &[String]) -> String {
    const SHOWN: usize = 5;
    let bare = |name: &String| {
        let inner = name.split_once("(\"").and_then(|(_, rest)| rest.strip_suffix("\")")).unwrap_or(name);
        inner.chars().filter(|c| !c.is_control()).take(80).collect::<String>()
    };
    let mut shown: Vec<_> = presented.iter().take(SHOWN).map(bare).collect();
    if presented.len() > SHOWN {
        shown.push(format!("{} more", presented.len() - SHOWN));
    }
    if shown.is_empty() { "nobody".into() } else { shown.join(", ") }
}

/// The day of a moment in UTC.
fn date(moment: UnixTime) -> String {
    let moment = i64::try_from(moment.as_secs()).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    moment.map_or_else(|| "a day beyond all calendars".into(), |moment| moment.strftime("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let day = |secs| date(UnixTime::since_unix_epoch(Duration::from_secs(secs)));
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(951_782_400), "2000-02-29");
        assert_eq!(day(1_709_251_199), "2024-02-29");
        assert_eq!(day(1_709_251_200), "2024-03-01");
        assert_eq!(day(4_102_444_799), "2099-12-31");
    }

    #[test]
    fn a_machine_without_roots_is_told_apart() {
        assert!(unknown_issuer(true).contains("ca-certificates") && !unknown_issuer(false).contains("ca-certificates"));
    }

    #[test]
    fn names_of_a_certificate_are_shown_bare_and_few() {
        let many: Vec<_> = (0..8).map(|n| format!("DnsName(\"h{n}\")")).collect();
        assert_eq!(names(&many), "h0, h1, h2, h3, h4, 3 more");
        assert_eq!(names(&[]), "nobody");
        assert_eq!(names(&["DnsName(\"a\u{7}b\")".into()]), "ab");
    }
}

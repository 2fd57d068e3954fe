//! Binary frames of the server. Decoding one needs no session, so a large frame can be decoded on a thread of its own.

use base::gzip::{GunzipError, gunzip_up_to};

use super::envelope::{self, Response};
use super::{Malformed, compress, ops, pb};
use crate::limits::SMALL_FRAME_MAX;

/// A binary frame, decoded as far as nobody has to be asked what it answers.
#[derive(Debug)]
pub struct Frame(pub(crate) Result<Decoded, Malformed>);

/// What a frame may be.
#[derive(Debug)]
pub(crate) enum Decoded {
    /// Messages that the server pushed.
    Push(pb::PushMessages),
    /// Somebody one asked about came or went.
    Online(pb::SubUserOnlineStatusTips),
    /// An answer, a kick, or something unknown.
    Response(Response),
}

impl Frame {
    /// Decodes a frame of any size.
    pub fn decode(bytes: &[u8], gzip: bool) -> Self {
        let plain = if gzip { compress::gunzip(bytes) } else { return Self::of_plain(bytes) };
        plain.map_or_else(|malformed| Self(Err(malformed)), |plain| Self::of_plain(&plain))
    }

    /// Decodes a frame of at most [`SMALL_FRAME_MAX`] bytes, unpacked. `None` for a larger one.
    pub fn decode_small(bytes: &[u8], gzip: bool) -> Option<Self> {
        if !gzip {
            return (bytes.len() <= SMALL_FRAME_MAX).then(|| Self::of_plain(bytes));
        }
        match gunzip_up_to(bytes, SMALL_FRAME_MAX) {
            Ok(plain) => Some(Self::of_plain(&plain)),
            Err(GunzipError::TooLarge) => None,
            Err(GunzipError::Damaged) => Some(Self(Err(Malformed("gzip")))),
        }
    }

    fn of_plain(bytes: &[u8]) -> Self {
        Self(envelope::decode::<Response>(bytes).and_then(Decoded::of))
    }
}

impl Decoded {
    fn of(response: Response) -> Result<Self, Malformed> {
        match response.req_identifier {
            ops::PUSH_MSG => envelope::payload(response.data.as_deref()).map(Self::Push),
            // Without a request it is news about somebody one asked about.
            ops::SUB_USER_ONLINE_STATUS if response.msg_incr.is_empty() => {
                envelope::payload(response.data.as_deref()).map(Self::Online)
            }
            _ => Ok(Self::Response(response)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_small_frame_is_decoded_at_once() {
        let of_size = |size: usize| format!("{{\"reqIdentifier\":1,\"errMsg\":\"{}\"}}", "x".repeat(size)).into_bytes();
        let (small, large) = (of_size(1_000), of_size(SMALL_FRAME_MAX));
        for (bytes, is_small) in [(&small, true), (&large, false)] {
            assert_eq!(Frame::decode_small(bytes, false).is_some(), is_small);
            assert_eq!(Frame::decode_small(&compress::gzip(bytes), true).is_some(), is_small);
            assert!(Frame::decode(bytes, false).0.is_ok() && Frame::decode(&compress::gzip(bytes), true).0.is_ok());
        }
        assert!(Frame::decode_small(b"no gzip", true).unwrap().0.is_err());
    }
}

//! A file that somebody sent, told from its bytes: a known kind with its facts or none, whatever its length is said to be.

use std::io::Cursor;

use base::media_type::{HEAD, of_document, of_extension, of_file};
use openim_client::media::sniff::sniff;

pub(crate) fn check(data: &[u8]) {
    let len = data.len() as u64;
    for said in [len, 0, len / 2, u64::MAX] {
        if let Some(facts) = sniff(&mut Cursor::new(data), said) {
            assert!(facts.seconds() >= 0 && facts.content_type.contains('/') && !facts.extension.is_empty());
        }
    }
    let head = &data[..data.len().min(HEAD)];
    let ending = String::from_utf8_lossy(&data[..data.len().min(8)]);
    assert!(of_file(head, Some(&ending)).mime.contains('/'));
    let _ = (of_document(head), of_extension(&ending));
}

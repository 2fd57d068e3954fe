//! The rows of the ledger's file as bytes. All its tables have keys and values of bytes, so that the store's code is
//! compiled for one kind of table only.
//!
//! Every key begins with its login, numbers are big-endian: rows of one login stand together and in order.

use super::progress::DeadLetter;

const LOGIN: usize = size_of::<u128>();
const NUMBER: usize = size_of::<u64>();

/// The key of a login itself, and the beginning of all its others.
pub(super) fn login(login: u128) -> [u8; LOGIN] {
    login.to_be_bytes()
}

pub(super) fn conversation_key(login: u128, conversation: &str) -> Vec<u8> {
    [&login.to_be_bytes(), conversation.as_bytes()].concat()
}

/// The conversation in a key, if the key is of this login.
pub(super) fn conversation(login: u128, key: &[u8]) -> Option<&str> {
    std::str::from_utf8(key.strip_prefix(&login.to_be_bytes())?).ok()
}

pub(super) fn dead_letter_key(login: u128, number: u64) -> [u8; LOGIN + NUMBER] {
    let mut key = [0; LOGIN + NUMBER];
    key[..LOGIN].copy_from_slice(&login.to_be_bytes());
    key[LOGIN..].copy_from_slice(&number.to_be_bytes());
    key
}

/// The number in a dead letter's key.
pub(super) fn number(key: &[u8]) -> u64 {
    key.last_chunk().map_or(0, |number| u64::from_be_bytes(*number))
}

/// A message put aside: its sequence, the length of its conversation's name, that name, its id.
pub(super) fn dead_letter_row(dead_letter: &DeadLetter) -> Vec<u8> {
    let conversation = dead_letter.conversation.as_bytes();
    [
        &dead_letter.seq.to_be_bytes()[..],
        &(conversation.len() as u64).to_be_bytes(),
        conversation,
        dead_letter.id.as_bytes(),
    ]
    .concat()
}

pub(super) fn to_dead_letter(row: &[u8]) -> Option<DeadLetter> {
    let (seq, row) = row.split_first_chunk()?;
    let (length, row) = row.split_first_chunk()?;
    let (conversation, id) = row.split_at_checked(usize::try_from(u64::from_be_bytes(*length)).ok()?)?;
    let text = |bytes| std::str::from_utf8(bytes).ok();
    Some(DeadLetter {
        conversation: text(conversation)?.into(),
        id: text(id)?.to_owned(),
        seq: i64::from_be_bytes(*seq),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_letter_is_read_as_it_was_written(seq: i64, conversation in ".{0,20}", id in ".{0,20}") {
            let row = dead_letter_row(&DeadLetter { conversation: conversation.as_str().into(), id: id.clone(), seq });
            let read = to_dead_letter(&row).unwrap();
            prop_assert_eq!((read.seq, &*read.conversation, read.id), (seq, conversation.as_str(), id));
        }

        #[test]
        fn rubbish_is_no_letter_or_one_no_longer_than_it(row in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Some(dead_letter) = to_dead_letter(&row) {
                prop_assert_eq!(dead_letter.conversation.len() + dead_letter.id.len() + 16, row.len());
            }
        }

        #[test]
        fn keys_keep_logins_apart_and_letters_in_order(a: u128, b: u128, first: u64, second: u64, name in ".{0,20}") {
            let own = conversation_key(a, &name);
            prop_assert_eq!(conversation(a, &own), Some(name.as_str()));
            prop_assert_eq!(conversation(b, &own).is_some(), a == b);
            prop_assert_eq!(dead_letter_key(a, first) < dead_letter_key(a, second), first < second);
            prop_assert_eq!(number(&dead_letter_key(a, first)), first);
        }
    }
}

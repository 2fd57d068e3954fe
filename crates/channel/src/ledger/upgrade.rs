//! Reads a file of format 1, which version 0.3.0 wrote, and rewrites it in the current format. Format 1 packed keys and
//! values into bytes: every key begins with its login; numbers in keys are big-endian, numbers in progress little-endian.

use std::collections::BTreeSet;

use redb::{ReadableTable as _, TableDefinition, TableHandle as _, WriteTransaction};

use super::progress::DeadLetter;
use super::tables::{self, ProgressRow};

type Bytes = TableDefinition<'static, &'static [u8], &'static [u8]>;

const LOGINS: Bytes = Bytes::new("logins");
const PROGRESS: Bytes = Bytes::new("pages");
const DEAD_LETTERS: Bytes = Bytes::new("dead letters");

/// The cursor of a conversation whose sequences were never seen.
const NO_CURSOR: i64 = -1;

/// Moves everything into the tables of the current format. A login with an unreadable row loses its mark and counts as
/// new, as it did in format 1.
pub(super) fn from_format_1(write: &WriteTransaction) -> Result<(), redb::Error> {
    let names: BTreeSet<String> = write.list_tables()?.map(|table| table.name().to_owned()).collect();
    if !names.contains(PROGRESS.name()) {
        return Ok(());
    }
    let unreadable = move_progress(write)?;
    move_logins(write, &unreadable)?;
    move_dead_letters(write)
}

/// The logins that had a row nobody can read.
fn move_progress(write: &WriteTransaction) -> Result<BTreeSet<u128>, redb::Error> {
    let mut unreadable = BTreeSet::new();
    {
        let old = write.open_table(PROGRESS)?;
        let mut new = write.open_table(tables::PROGRESS)?;
        for row in old.iter()? {
            let (key, value) = row?;
            let Some((login, name)) = split_login(key.value()) else { continue };
            match (std::str::from_utf8(name), progress_row(value.value())) {
                (Ok(conversation), Some(row)) => {
                    new.insert((login, conversation), row)?;
                }
                _ => {
                    unreadable.insert(login);
                }
            }
        }
    }
    write.delete_table(PROGRESS)?;
    Ok(unreadable)
}

fn move_logins(write: &WriteTransaction, unreadable: &BTreeSet<u128>) -> Result<(), redb::Error> {
    let mut known = Vec::new();
    for row in write.open_table(LOGINS)?.iter()? {
        known.extend(split_login(row?.0.value()).map(|(login, _)| login));
    }
    // The new table has the same name, so that version 0.3.0 sets a newer file aside instead of forgetting what it knew.
    write.delete_table(LOGINS)?;
    let mut new = write.open_table(tables::LOGINS)?;
    for login in known.iter().filter(|login| !unreadable.contains(login)) {
        new.insert(login, ())?;
    }
    Ok(())
}

fn move_dead_letters(write: &WriteTransaction) -> Result<(), redb::Error> {
    let mut letters = Vec::new();
    for row in write.open_table(DEAD_LETTERS)?.iter()? {
        let (key, value) = row?;
        let number = split_login(key.value()).and_then(|(login, number)| Some((login, *number.first_chunk()?)));
        letters.extend(number.zip(dead_letter(value.value())));
    }
    write.delete_table(DEAD_LETTERS)?;
    let mut new = write.open_table(tables::DEAD_LETTERS)?;
    for ((login, number), letter) in &letters {
        new.insert((*login, u64::from_be_bytes(*number)), (&*letter.conversation, letter.id.as_str(), letter.seq))?;
    }
    Ok(())
}

/// The login at the beginning of a key, and the rest.
fn split_login(key: &[u8]) -> Option<(u128, &[u8])> {
    let (login, rest) = key.split_first_chunk()?;
    Some((u128::from_be_bytes(*login), rest))
}

/// Cursor, newest handed over, number of runs, runs, ids.
fn progress_row(row: &[u8]) -> Option<ProgressRow> {
    let (words, rest) = row.as_chunks::<8>();
    let mut words = words.iter().copied();
    let cursor = i64::from_le_bytes(words.next()?);
    let delivered = i64::from_le_bytes(words.next()?);
    let count = u64::from_le_bytes(words.next()?);
    if !rest.is_empty() || count > words.len() as u64 / 2 {
        return None;
    }
    let mut runs = Vec::new();
    for _ in 0..count {
        runs.push((i64::from_le_bytes(words.next()?), i64::from_le_bytes(words.next()?)));
    }
    Some(((cursor != NO_CURSOR).then_some(cursor), delivered, runs, words.map(u64::from_le_bytes).collect()))
}

/// Sequence, length of the conversation's name, that name, message id.
fn dead_letter(row: &[u8]) -> Option<DeadLetter> {
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
    use redb::{Database, ReadableDatabase as _};

    use super::*;

    /// As version 0.3.0 packed a dead letter.
    fn packed_letter(letter: &DeadLetter) -> Vec<u8> {
        let conversation = letter.conversation.as_bytes();
        let length = (conversation.len() as u64).to_be_bytes();
        [&letter.seq.to_be_bytes()[..], &length, conversation, letter.id.as_bytes()].concat()
    }

    /// As version 0.3.0 packed the progress of a conversation.
    fn packed_progress((cursor, delivered, runs, ids): &ProgressRow) -> Vec<u8> {
        let mut row: Vec<u8> = cursor.unwrap_or(NO_CURSOR).to_le_bytes().into();
        row.extend(delivered.to_le_bytes());
        row.extend((runs.len() as u64).to_le_bytes());
        row.extend(runs.iter().flat_map(|(first, last)| [first.to_le_bytes(), last.to_le_bytes()].concat()));
        row.extend(ids.iter().flat_map(|id| id.to_le_bytes()));
        row
    }

    fn database(rows: &[(&[u8], &[u8])]) -> Database {
        let db = redb::Builder::new().create_with_backend(redb::backends::InMemoryBackend::new()).unwrap();
        let write = db.begin_write().unwrap();
        for (key, value) in rows {
            write.open_table(PROGRESS).unwrap().insert(*key, *value).unwrap();
            write.open_table(LOGINS).unwrap().insert(&key[..16], &[][..]).unwrap();
        }
        write.open_table(DEAD_LETTERS).unwrap();
        from_format_1(&write).unwrap();
        write.commit().unwrap();
        db
    }

    #[test]
    fn a_login_with_an_unreadable_row_counts_as_new() {
        let good = packed_progress(&(Some(5), 6, vec![(8, 9)], vec![1]));
        let key = |login: u128, name: &str| [&login.to_be_bytes()[..], name.as_bytes()].concat();
        let db = database(&[(&key(1, "c"), &good), (&key(2, "c"), &good), (&key(2, "d"), b"1234567")]);
        let read = db.begin_read().unwrap();
        let logins = read.open_table(tables::LOGINS).unwrap();
        assert!(logins.get(1).unwrap().is_some() && logins.get(2).unwrap().is_none());
        let progress = read.open_table(tables::PROGRESS).unwrap();
        assert_eq!(progress.get((2, "c")).unwrap().unwrap().value().0, Some(5), "its other rows stay");
    }

    #[test]
    fn a_row_that_is_not_ours_is_refused() {
        for row in [&b""[..], b"1234567", &[0; 16], &[0; 25], &[0xff; 24]] {
            assert_eq!(progress_row(row), None, "{row:?}");
        }
    }

    proptest! {
        #[test]
        fn a_dead_letter_is_read_as_it_was_written(seq: i64, conversation in ".{0,20}", id in ".{0,20}") {
            let letter = DeadLetter { conversation: conversation.as_str().into(), id, seq };
            prop_assert_eq!(dead_letter(&packed_letter(&letter)), Some(letter));
        }

        #[test]
        fn decoding_garbage_never_yields_more_than_its_length(row in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Some(letter) = dead_letter(&row) {
                prop_assert_eq!(letter.conversation.len() + letter.id.len() + 16, row.len());
            }
        }

        #[test]
        fn progress_is_read_as_it_was_written(
            cursor in prop::option::of(0_i64..), delivered: i64, runs: Vec<(i64, i64)>, ids: Vec<u64>
        ) {
            let row = (cursor, delivered, runs, ids);
            prop_assert_eq!(progress_row(&packed_progress(&row)), Some(row));
        }
    }
}

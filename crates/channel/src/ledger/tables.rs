//! The tables of the ledger's file, format 2. Keys and values have types; `redb` packs them and refuses a table whose
//! types differ.

use redb::TableDefinition;

/// The format that this program writes.
pub(super) const CURRENT_FORMAT: u32 = 2;
/// The one key of [`FORMAT`].
pub(super) const FORMAT_KEY: &str = "format";

/// Which format the file has. Format 1 had no such table.
pub(super) const FORMAT: TableDefinition<&str, u32> = TableDefinition::new("format");

/// The logins that have finished their first sync, by fingerprint.
pub(super) const LOGINS: TableDefinition<u128, ()> = TableDefinition::new("logins");

/// The progress of each login in each of its conversations.
pub(super) const PROGRESS: TableDefinition<(u128, &str), ProgressRow> = TableDefinition::new("progress");

/// Dead letters by login and order: conversation, message id, sequence.
pub(super) const DEAD_LETTERS: TableDefinition<(u128, u64), (&str, &str, i64)> = TableDefinition::new("dead letters");

/// Cursor, newest sequence handed over, settled runs above the cursor, fingerprints of ids.
pub(super) type ProgressRow = (Option<i64>, i64, Vec<(i64, i64)>, Vec<u64>);

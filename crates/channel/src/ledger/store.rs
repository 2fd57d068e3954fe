//! The file of the ledger: one `redb` database per state directory. Every commit is durable when it returns.
//!
//! A damaged file is renamed aside and named in the report; a file another process holds is left alone.

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use base::{Error, Kind, Result};
use net::private_file;
use parking_lot::Mutex;
use redb::{
    Database, DatabaseError, Durability, ReadableDatabase as _, ReadableTable as _, StorageBackend, WriteTransaction,
};

use super::progress::{Changes, DeadLetter, LoginProgress};
use super::tables::{CURRENT_FORMAT, DEAD_LETTERS, FORMAT, FORMAT_KEY, LOGINS, PROGRESS};
use super::upgrade;
use crate::limits::{DEAD_LETTERS_KEPT, LEDGER_CACHE};
use crate::{LoginKey, fingerprint};

/// The open file. After a fault of the disk the store closes it and opens it again for the next step, because `redb` takes
/// no more writes after the first that failed.
pub(super) struct Store {
    opener: Opener,
    db: Mutex<Option<Database>>,
}

type Opener = Box<dyn Fn() -> std::result::Result<Database, Refusal> + Send + Sync>;

/// What opening did besides opening.
#[derive(Debug, Default)]
pub(super) struct Opened {
    /// Where a damaged file was moved.
    pub(super) set_aside: Option<PathBuf>,
}

impl Store {
    /// Opens or makes the file, its directory included.
    pub(super) fn open(path: &Path, now_ms: i64) -> Result<(Self, Opened)> {
        if let Some(directory) = path.parent() {
            private_file::make_directory(directory).map_err(|error| cannot("make the directory of", path, error))?;
        }
        match open_checked(path) {
            Ok(db) => {
                sign(path);
                Ok((Self::of(path, db), Opened::default()))
            }
            Err(Refusal::Busy) => Err(in_use(path)),
            Err(Refusal::Io(error)) => Err(cannot("open", path, error)),
            Err(Refusal::Newer(format)) => Err(newer(path, format)),
            Err(Refusal::Damaged) => {
                let aside = path.with_extension(format!("damaged-{now_ms}"));
                fs::rename(path, &aside).map_err(|error| cannot("set aside the damaged", path, error))?;
                let db = open_checked(path).map_err(|_| cannot("make", path, io::ErrorKind::Other.into()))?;
                sign(path);
                Ok((Self::of(path, db), Opened { set_aside: Some(aside) }))
            }
        }
    }

    fn of(path: &Path, db: Database) -> Self {
        let path = path.to_owned();
        Self { opener: Box::new(move || open_checked(&path)), db: Mutex::new(Some(db)) }
    }

    /// Uses a disk of the caller's making, opened anew after each of its faults.
    pub(super) fn on_disk<D: StorageBackend>(disk: impl Fn() -> io::Result<D> + Send + Sync + 'static) -> Self {
        let opener: Opener = Box::new(move || {
            let disk = disk().map_err(Refusal::Io)?;
            checked(|builder| builder.create_with_backend(disk))
        });
        Self { opener, db: Mutex::new(None) }
    }

    /// Runs a step on the open file.
    fn with<T>(&self, step: impl FnOnce(&Database) -> std::result::Result<T, redb::Error>) -> Result<T> {
        let mut held = self.db.lock();
        let db = match held.take() {
            Some(db) => db,
            None => (self.opener)().map_err(Refusal::again)?,
        };
        let done = guarded(|| step(&db))?;
        *held = Some(db);
        Ok(done)
    }

    /// Reads one login's rows. If one makes no sense, the login counts as new: nothing old is delivered again, and
    /// messages it lacks count as history.
    pub(super) fn load(&self, login: u128, progress: &mut LoginProgress) -> Result<()> {
        self.with(|db| {
            let read = db.begin_read()?;
            let mut is_whole = true;
            for row in read.open_table(PROGRESS)?.range((login, "")..)? {
                let (key, value) = row?;
                let (owner, conversation) = key.value();
                if owner != login {
                    break;
                }
                is_whole &= progress.load(conversation, value.value());
            }
            if is_whole && read.open_table(LOGINS)?.get(login)?.is_some() {
                progress.load_begun();
            }
            Ok(())
        })
    }

    pub(super) fn dead_letters(&self, login: u128) -> Result<Vec<DeadLetter>> {
        self.with(|db| {
            let table = db.begin_read()?.open_table(DEAD_LETTERS)?;
            let mut dead_letters = Vec::new();
            for row in table.range((login, 0)..=(login, u64::MAX))? {
                let (_, value) = row?;
                let (conversation, id, seq) = value.value();
                dead_letters.push(DeadLetter { conversation: conversation.into(), id: id.to_owned(), seq });
            }
            Ok(dead_letters)
        })
    }

    /// Writes the changes of all logins in one durable transaction.
    pub(super) fn write(&self, changes: &[(u128, Changes)]) -> Result<()> {
        self.with(|db| {
            let mut write = db.begin_write()?;
            write.set_durability(Durability::Immediate)?;
            for (login, changes) in changes {
                write_login(&write, *login, changes)?;
            }
            write.commit()?;
            Ok(())
        })
    }
}

fn write_login(write: &WriteTransaction, login: u128, changes: &Changes) -> std::result::Result<(), redb::Error> {
    if changes.begun {
        write.open_table(LOGINS)?.insert(login, ())?;
    }
    let mut progress = write.open_table(PROGRESS)?;
    for (conversation, row) in &changes.rows {
        progress.insert((login, &**conversation), row)?;
    }
    for conversation in &changes.gone {
        progress.remove((login, &**conversation))?;
    }
    let mut letters = write.open_table(DEAD_LETTERS)?;
    for letter in &changes.dead {
        let newest = letters.range((login, 0)..=(login, u64::MAX))?.next_back().transpose()?;
        let number = newest.map_or(0, |(key, _)| key.value().1) + 1;
        letters.insert((login, number), (&*letter.conversation, letter.id.as_str(), letter.seq))?;
        letters.remove((login, number.saturating_sub(DEAD_LETTERS_KEPT)))?;
    }
    Ok(())
}

/// Why a file is not opened.
enum Refusal {
    /// Another process holds it.
    Busy,
    Damaged,
    /// A newer version of this program wrote it, in this format.
    Newer(u32),
    Io(io::Error),
}

impl Refusal {
    /// The error of a write that needs the file opened again.
    fn again(self) -> Error {
        match self {
            Self::Io(error) => unwritable(&error),
            Self::Busy => unwritable(&"another process holds it"),
            Self::Damaged => damaged(),
            Self::Newer(_) => unwritable(&"a newer version of this program has taken it over"),
        }
    }
}

fn open_checked(path: &Path) -> std::result::Result<Database, Refusal> {
    let file = open_private(path).map_err(Refusal::Io)?;
    checked(|builder| builder.create_file(file))
}

/// Opens a file for its owner alone, or makes it so.
fn open_private(path: &Path) -> io::Result<fs::File> {
    let file = private_file::options().read(true).create(true).truncate(false).open(path)?;
    private_file::restrict(path)?;
    Ok(file)
}

/// Opens a database, checks that it is whole, and brings it to the current format. All tables exist afterwards.
fn checked(
    make: impl FnOnce(&redb::Builder) -> std::result::Result<Database, DatabaseError>,
) -> std::result::Result<Database, Refusal> {
    let open = || -> std::result::Result<(Database, u32), redb::Error> {
        let mut builder = redb::Builder::new();
        let mut db = make(builder.set_cache_size(LEDGER_CACHE))?;
        db.check_integrity()?;
        let write = db.begin_write()?;
        let format = write.open_table(FORMAT)?.get(FORMAT_KEY)?.map(|format| format.value());
        if let Some(format) = format.filter(|format| *format > CURRENT_FORMAT) {
            write.abort()?;
            return Ok((db, format));
        }
        if format.is_none() {
            upgrade::from_format_1(&write)?;
        }
        write.open_table(FORMAT)?.insert(FORMAT_KEY, CURRENT_FORMAT)?;
        write.open_table(LOGINS)?;
        write.open_table(PROGRESS)?;
        write.open_table(DEAD_LETTERS)?;
        write.commit()?;
        Ok((db, CURRENT_FORMAT))
    };
    match catch_unwind(AssertUnwindSafe(open)) {
        Ok(Ok((db, CURRENT_FORMAT))) => Ok(db),
        Ok(Ok((_, newer))) => Err(Refusal::Newer(newer)),
        Ok(Err(redb::Error::DatabaseAlreadyOpen)) => Err(Refusal::Busy),
        // A file shorter than a header is a damaged one, not a fault of the disk.
        Ok(Err(redb::Error::Io(error)))
            if !matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) =>
        {
            Err(Refusal::Io(error))
        }
        Ok(Err(_)) | Err(_) => Err(Refusal::Damaged),
    }
}

/// Writes down which process holds the file, for the error of another one that wants it. A failure does no harm.
fn sign(path: &Path) {
    let owner = path.with_extension("owner");
    if fs::write(&owner, std::process::id().to_string()).is_ok() {
        let _ = private_file::restrict(&owner);
    }
}

fn in_use(path: &Path) -> Error {
    let owner =
        fs::read_to_string(path.with_extension("owner")).ok().filter(|pid| pid.bytes().all(|b| b.is_ascii_digit()));
    let owner = owner.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"));
    let text = format!(
        "{} is in use by {owner}; stop the other gateway, or give it a state directory of its own",
        path.display()
    );
    Error::new(Kind::AlreadyRunning, text).op("ledger")
}

fn newer(path: &Path, format: u32) -> Error {
    let text = format!(
        "{} was written by a newer version of this plugin (format {format}, this one knows up to {CURRENT_FORMAT}); update the plugin, or give it another state directory",
        path.display()
    );
    Error::new(Kind::Config, text).op("ledger")
}

/// Runs a step of the store. Its errors and its panics become an error of ours.
fn guarded<T>(step: impl FnOnce() -> std::result::Result<T, redb::Error>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(done) => done.map_err(|error| unwritable(&error)),
        Err(_) => Err(damaged()),
    }
}

fn unwritable(why: &dyn std::fmt::Display) -> Error {
    let text = format!("the delivery ledger cannot be written: {why}; free disk space or mend its permissions");
    Error::new(Kind::Internal, text).op("ledger")
}

fn damaged() -> Error {
    Error::new(Kind::Internal, "the delivery ledger is damaged; restart the gateway").op("ledger")
}

fn cannot(what: &str, path: &Path, error: io::Error) -> Error {
    let text = format!("cannot {what} {}: {error}; mend the permissions or free disk space", path.display());
    Error::new(Kind::Config, text).op("ledger").caused_by(error)
}

pub(super) fn login_fingerprint(login: &LoginKey) -> u128 {
    fingerprint::bits128(login.as_str())
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use proptest::prelude::*;
    use redb::backends::FileBackend;

    use super::super::progress::History;
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_file_is_its_owners_from_the_beginning() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.redb");
        let file = open_private(&path).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "before anything is written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        drop((file, open_checked(&path).ok().unwrap()));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn logins_are_kept_apart(a: u128, b: u128, name in ".{0,20}", seq in 1_i64..) {
            let store = in_memory();
            let rows = vec![(name.as_str().into(), (Some(seq), 0, Vec::new(), Vec::new()))];
            store.write(&[(a, Changes { rows, begun: true, ..Changes::default() })]).unwrap();
            let loaded = |login| {
                let mut progress = LoginProgress::default();
                store.load(login, &mut progress).unwrap();
                (progress.cursor(&name), progress.history())
            };
            prop_assert_eq!(loaded(a), (Some(seq), History::Known));
            let other = if a == b { (Some(seq), History::Known) } else { (None, History::FirstRun) };
            prop_assert_eq!(loaded(b), other);
        }

        #[test]
        fn dead_letters_are_kept_in_order_and_as_written(
            login: u128, seqs in proptest::collection::vec(any::<i64>(), 1..20), name in ".{0,20}", id in ".{0,20}"
        ) {
            let store = in_memory();
            let letters = seqs.iter().map(|seq| DeadLetter { conversation: name.as_str().into(), id: id.clone(), seq: *seq });
            let dead: Vec<_> = letters.collect();
            store.write(&[(login, Changes { dead: dead.clone(), ..Changes::default() })]).unwrap();
            prop_assert_eq!(store.dead_letters(login).unwrap(), dead);
            prop_assert_eq!(store.dead_letters(login ^ 1).unwrap(), Vec::new());
        }
    }

    #[test]
    fn a_row_that_makes_no_sense_makes_its_login_new() {
        let store = in_memory();
        let row = |runs| (Some(5), 0, runs, Vec::new());
        let rows = vec![("good".into(), row(vec![(8, 9)])), ("bad".into(), row(vec![(9, 8)]))];
        store.write(&[(1, Changes { rows, begun: true, ..Changes::default() })]).unwrap();
        let mut progress = LoginProgress::default();
        store.load(1, &mut progress).unwrap();
        assert_eq!(
            (progress.history(), progress.cursor("good"), progress.cursor("bad")),
            (History::FirstRun, Some(5), None)
        );
    }

    fn in_memory() -> Store {
        Store::on_disk(|| Ok(redb::backends::InMemoryBackend::new()))
    }

    /// A disk that can be full or read-only.
    #[derive(Debug)]
    struct Disk {
        file: FileBackend,
        refuses: Arc<AtomicBool>,
        with: io::ErrorKind,
    }

    impl Disk {
        fn room(&self) -> io::Result<()> {
            if self.refuses.load(Ordering::SeqCst) { Err(self.with.into()) } else { Ok(()) }
        }
    }

    impl StorageBackend for Disk {
        fn len(&self) -> io::Result<u64> {
            self.file.len()
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            self.file.read(offset, out)
        }

        fn set_len(&self, len: u64) -> io::Result<()> {
            self.room()?;
            self.file.set_len(len)
        }

        fn sync_data(&self) -> io::Result<()> {
            self.room()?;
            self.file.sync_data()
        }

        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            self.room()?;
            self.file.write(offset, data)
        }
    }

    /// A store on a disk that refuses to be written to while the flag is up.
    pub(crate) fn on_a_disk(path: &Path, refuses: &Arc<AtomicBool>, with: io::ErrorKind) -> Store {
        let (path, refuses) = (path.to_owned(), refuses.clone());
        Store::on_disk(move || {
            let file = fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
            let file = FileBackend::new(file).map_err(io::Error::other)?;
            Ok(Disk { file, refuses: refuses.clone(), with })
        })
    }
}

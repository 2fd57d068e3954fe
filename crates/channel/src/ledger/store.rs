//! The file of the ledger: one `redb` database per state directory. Every commit is durable when it returns.
//!
//! A damaged file is renamed aside and named in the report; a file another process holds is left alone.

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use base::{Error, Kind, Result};
use parking_lot::Mutex;
use redb::{
    Database, DatabaseError, Durability, ReadableDatabase as _, ReadableTable as _, StorageBackend, Table,
    TableDefinition,
};

use super::progress::{Changes, DeadLetter, LoginProgress};
use super::rows;
use crate::LoginKey;
use crate::limits::{DEAD_LETTERS_KEPT, LEDGER_CACHE};

/// What [`rows`] makes and reads.
type Rows = TableDefinition<'static, &'static [u8], &'static [u8]>;

/// Which logins have synced once.
const LOGINS: Rows = Rows::new("logins");
/// One row per login and conversation.
const PAGES: Rows = Rows::new("conversations");
/// Messages put aside, by login and order.
const DEAD: Rows = Rows::new("dead dead_letters");

/// The file, open. After a fault of the disk the store lets go of it and opens it again for the next step: `redb` takes no
/// more writes after the first that failed.
pub(super) struct Store {
    opener: Opener,
    db: Mutex<Option<Database>>,
}

type Opener = Box<dyn Fn() -> std::result::Result<Database, Refusal> + Send + Sync>;

/// What opening had to do besides opening.
#[derive(Debug, Default)]
pub(super) struct Opened {
    /// Where a damaged file was put.
    pub(super) set_aside: Option<PathBuf>,
}

impl Store {
    /// Opens or makes the file, its directory included.
    pub(super) fn open(path: &Path, now_ms: i64) -> Result<(Self, Opened)> {
        if let Some(directory) = path.parent() {
            make_private(directory).map_err(|error| cannot("make the directory of", path, error))?;
        }
        match open_checked(path) {
            Ok(db) => {
                sign(path);
                Ok((Self::of(path, db), Opened::default()))
            }
            Err(Refusal::Busy) => Err(in_use(path)),
            Err(Refusal::Io(error)) => Err(cannot("open", path, error)),
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

    /// On a disk of the caller's making, opened anew after each of its faults.
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

    /// Reads one login's rows. Where one is unreadable the login counts as new: what it lacks is history then, and
    /// nothing old is delivered again.
    pub(super) fn load(&self, login: u128, progress: &mut LoginProgress) -> Result<()> {
        self.with(|db| {
            let read = db.begin_read()?;
            let mut whole = true;
            let own = rows::login(login);
            for row in read.open_table(PAGES)?.range(&own[..]..)? {
                let (key, value) = row?;
                if !key.value().starts_with(&own) {
                    break;
                }
                whole &= rows::conversation(login, key.value()).is_some_and(|name| progress.load(name, value.value()));
            }
            if whole && read.open_table(LOGINS)?.get(&own[..])?.is_some() {
                progress.load_begun();
            }
            Ok(())
        })
    }

    pub(super) fn dead_letters(&self, login: u128) -> Result<Vec<DeadLetter>> {
        self.with(|db| {
            let dead = db.begin_read()?.open_table(DEAD)?;
            let mut dead_letters = Vec::new();
            for row in dead.range(&rows::dead_letter_key(login, 0)[..]..=&rows::dead_letter_key(login, u64::MAX)[..])? {
                dead_letters.extend(rows::to_dead_letter(row?.1.value()));
            }
            Ok(dead_letters)
        })
    }

    /// Writes what changed, of all logins, in one durable transaction.
    pub(super) fn write(&self, changes: &[(u128, Changes)]) -> Result<()> {
        self.with(|db| {
            let mut write = db.begin_write()?;
            write.set_durability(Durability::Immediate)?;
            {
                let mut logins = write.open_table(LOGINS)?;
                let mut conversations = write.open_table(PAGES)?;
                let mut dead = write.open_table(DEAD)?;
                for (login, changes) in changes {
                    if changes.begun {
                        logins.insert(&rows::login(*login)[..], &[][..])?;
                    }
                    for (conversation, row) in &changes.rows {
                        conversations.insert(&rows::conversation_key(*login, conversation)[..], row.as_slice())?;
                    }
                    add_dead_letter(&mut dead, *login, &changes.dead)?;
                }
            }
            write.commit()?;
            Ok(())
        })
    }
}

/// Adds rows of one login behind its last one; of too many the oldest go.
fn add_dead_letter(
    dead: &mut Table<'_, &'static [u8], &'static [u8]>,
    login: u128,
    dead_letters: &[DeadLetter],
) -> std::result::Result<(), redb::Error> {
    let key = |number| rows::dead_letter_key(login, number);
    for dead_letter in dead_letters {
        let newest = dead.range(&key(0)[..]..=&key(u64::MAX)[..])?.next_back().transpose()?;
        let number = newest.map_or(0, |(key, _)| rows::number(key.value())) + 1;
        dead.insert(&key(number)[..], &rows::dead_letter_row(dead_letter)[..])?;
        dead.remove(&key(number.saturating_sub(DEAD_LETTERS_KEPT))[..])?;
    }
    Ok(())
}

enum Refusal {
    Busy,
    Damaged,
    Io(io::Error),
}

impl Refusal {
    /// What refusing to open the file again means to whoever waits for a write.
    fn again(self) -> Error {
        match self {
            Self::Io(error) => unwritable(&error),
            Self::Busy => unwritable(&"another process holds it"),
            Self::Damaged => damaged(),
        }
    }
}

fn open_checked(path: &Path) -> std::result::Result<Database, Refusal> {
    let db = checked(|builder| builder.create(path))?;
    private_file(path).map_err(Refusal::Io)?;
    Ok(db)
}

/// Opens a database and looks whether it is whole; its tables are there afterwards.
fn checked(
    make: impl FnOnce(&redb::Builder) -> std::result::Result<Database, DatabaseError>,
) -> std::result::Result<Database, Refusal> {
    let open = || -> std::result::Result<Database, redb::Error> {
        let mut builder = redb::Builder::new();
        let mut db = make(builder.set_cache_size(LEDGER_CACHE))?;
        db.check_integrity()?;
        let write = db.begin_write()?;
        write.open_table(LOGINS)?;
        write.open_table(PAGES)?;
        write.open_table(DEAD)?;
        write.commit()?;
        Ok(db)
    };
    let result = catch_unwind(AssertUnwindSafe(open)).map_err(|_| Refusal::Damaged)?;
    result.map_err(|error| match error {
        redb::Error::DatabaseAlreadyOpen => Refusal::Busy,
        // A file shorter than a header is a damaged one, not a fault of the disk.
        redb::Error::Io(error)
            if !matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) =>
        {
            Refusal::Io(error)
        }
        _ => Refusal::Damaged,
    })
}

/// Names the process that holds the file, for the error of another that wants it. Only a courtesy: failing is no fault.
fn sign(path: &Path) {
    let owner = path.with_extension("owner");
    if fs::write(&owner, std::process::id().to_string()).is_ok() {
        let _ = private_file(&owner);
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

/// Runs a step of the store; its errors and its panics become one of ours.
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

pub(super) fn fingerprint(login: &LoginKey) -> u128 {
    crate::fingerprint::wide(login.as_str())
}

#[cfg(unix)]
fn make_private(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

#[cfg(not(unix))]
fn make_private(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)
}

#[cfg(unix)]
fn private_file(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn private_file(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use redb::backends::FileBackend;

    use super::*;

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

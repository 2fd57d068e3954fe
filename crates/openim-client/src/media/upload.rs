//! Uploading a file by its path: hash it, ask the server whether it knows it, put what it wants in parts, and have it put
//! together.
//!
//! Dropping the future ends everything but the block at hand. Nothing of the file is kept in memory but the blocks on
//! their way. An upload is in no queue of messages: what is written meanwhile goes ahead.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base::{Error, Kind, RandomSource, Result, backoff, media_type};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use net::Network;
use net::names;
use parking_lot::Mutex;
use reqwest::Client;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};
use tracing::debug;
use url::Url;

use super::file::{Rules, Source};
use super::hash::{self, Part};
use super::name;
use super::object::{self, Initiate, Session, Sign, SignedPart};
use super::progress::{Meter, Watch};
use super::sniff::Facts;
use super::storage::{self, Failure};
use super::target::Target;
use crate::calls::Calls;
use crate::limits::{
    PART_ATTEMPTS, PART_BACKOFF, PART_SIGNATURES, PART_STALL, PART_WAIT_MAX, PARTS_IN_FLIGHT, PARTS_MAX,
    PARTS_SIGNED_AT_ONCE, SIGNATURE_FRESH, UPLOAD_MAX, UPLOADS_AT_ONCE, UPLOADS_WAITING,
};
use crate::new_message_id;
use crate::rest::Api;

/// Uploads for one account. Cheap to clone.
#[derive(Clone)]
pub struct Uploader(Arc<Inner>);

struct Inner {
    settings: Settings,
    at_once: Semaphore,
    waiting: Semaphore,
}

/// What uploads are made with.
pub struct Settings {
    pub user_id: String,
    pub api: Api,
    /// The way to the storage, wherever the server says it is.
    pub network: Network,
    pub random: Arc<dyn RandomSource>,
    pub patience: Patience,
}

/// How long is waited for what.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pub stall: Duration,
    pub backoff: Duration,
    pub fresh: Duration,
    pub whole: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { stall: PART_STALL, backoff: PART_BACKOFF, fresh: SIGNATURE_FRESH, whole: UPLOAD_MAX }
    }
}

/// A file to upload.
pub struct Upload {
    pub path: PathBuf,
    pub rules: Rules,
    /// The name people see; the file's own where it is left out.
    pub name: Option<String>,
    /// Found by the bytes, else by the name, where it is left out.
    pub content_type: Option<String>,
    pub watch: Option<Watch>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    pub url: String,
    pub name: String,
    pub size: u64,
    pub content_type: String,
    /// The server's hash of the content.
    pub hash: String,
    /// The server had the content already and nothing was sent.
    pub instant: bool,
    /// A name for it that nothing else has.
    pub id: String,
    pub facts: Option<Facts>,
}

/// What can be said of a file without uploading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub name: String,
    pub size: u64,
    pub content_type: String,
    pub facts: Option<Facts>,
}

/// Opens a file and looks what it is.
pub async fn look(path: PathBuf, rules: Rules, named: Option<&str>, content_type: Option<&str>) -> Result<Look> {
    let source = Source::open(path, rules).await?;
    Ok(describe(&source, named, content_type).await)
}

async fn describe(source: &Source, named: Option<&str>, content_type: Option<&str>) -> Look {
    let facts = source.sniff().await;
    let mut name = named.map_or_else(|| source.name.to_string(), names::safe);
    if name::ending(&name).is_none()
        && let Some(facts) = facts
    {
        name = names::safe(&format!("{name}.{}", facts.extension));
    }
    let by_name = name::content_type(&name);
    // Documents of an office are archives, and their name says more than their bytes.
    let by_bytes = facts.filter(|facts| facts.content_type != "application/zip" || by_name.is_none());
    let content_type = content_type.or(by_bytes.map(|facts| facts.content_type)).or(by_name);
    Look { size: source.len, content_type: content_type.unwrap_or(media_type::UNKNOWN).to_owned(), name, facts }
}

/// How one round ended that may be followed by another.
enum Round {
    Done(String, bool),
    Again(Error),
}

impl Uploader {
    pub fn new(settings: Settings) -> Self {
        let (at_once, waiting) = (Semaphore::new(UPLOADS_AT_ONCE), Semaphore::new(UPLOADS_AT_ONCE + UPLOADS_WAITING));
        Self(Arc::new(Inner { settings, at_once, waiting }))
    }

    /// For the account whose calls these are.
    pub fn beside(calls: &Calls, network: Network, random: Arc<dyn RandomSource>) -> Self {
        let (user_id, api) = (calls.login.user_id.clone(), calls.api().clone());
        Self::new(Settings { user_id, api, network, random, patience: Patience::default() })
    }

    pub async fn upload(&self, upload: Upload) -> Result<Uploaded> {
        let named = |error: Error| error.account(self.0.settings.api.account().clone());
        let Ok(_waiting) = self.0.waiting.try_acquire() else {
            let text = format!("{UPLOADS_WAITING} uploads of this account wait already; wait for some of them");
            return Err(named(Error::new(Kind::Backpressure, text)));
        };
        let _at_once = self.0.at_once.acquire().await;
        let whole = self.0.settings.patience.whole;
        match timeout(whole, self.run(upload)).await {
            Ok(result) => result.map_err(named),
            Err(_) => {
                let text =
                    format!("the upload was not through after {} minutes; send a smaller file", whole.as_secs() / 60);
                Err(named(Error::new(Kind::Timeout, text)))
            }
        }
    }

    async fn run(&self, upload: Upload) -> Result<Uploaded> {
        let Settings { user_id, api, random, .. } = &self.0.settings;
        let source = Source::open(upload.path, upload.rules).await?;
        let Look { name, content_type, facts, .. } =
            describe(&source, upload.name.as_deref(), upload.content_type.as_deref()).await;
        let part_size = usable(object::part_size(api, source.len).await?, source.len)?;
        let parts = hash::hash_parts(&source, part_size).await?;
        source.check().await?;
        let hash = hash::joined(&parts);
        let id = new_message_id(random.as_ref());
        let object = name::object(user_id, &id, &name)
            .ok_or_else(|| Error::new(Kind::Config, "the account's user id is too long for the name of a file"))?;
        // The answer with all signatures of a large file would be large, and most of them would be stale when their turn comes.
        let max_parts = if parts.len() <= PARTS_SIGNED_AT_ONCE { -1 } else { 0 };
        let what = Initiate {
            hash: &hash,
            size: source.len,
            part_size,
            max_parts,
            cause: "",
            name: &object,
            content_type: &content_type,
        };
        let meter = Meter::new(source.len, upload.watch);
        let clients = Mutex::default();
        let job = Job { uploader: self, source: &source, what: &what, parts: &parts, meter: &meter, clients };
        // A second round: the storage may forget an upload, and an answer may get lost.
        let round = match job.round().await? {
            Round::Again(_) => job.round().await?,
            done => done,
        };
        match round {
            Round::Done(url, instant) => {
                meter.done();
                Ok(Uploaded { url: checked(url)?, name, size: source.len, content_type, hash, instant, id, facts })
            }
            Round::Again(error) => Err(error),
        }
    }
}

/// A size the server may ask for; what makes too many parts, or none, is a mistake of its own.
fn usable(part_size: u64, size: u64) -> Result<u64> {
    if part_size > 0 && size.div_ceil(part_size) <= PARTS_MAX {
        return Ok(part_size);
    }
    let text = format!(
        "the server wants a file of {size} bytes in parts of {part_size}; look at its object storage's settings"
    );
    Err(Error::new(Kind::Protocol, text))
}

fn checked(url: String) -> Result<String> {
    let plain = Url::parse(&url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if plain {
        return Ok(url);
    }
    Err(Error::new(
        Kind::Protocol,
        "the server took the file and names no address for it; look at its object storage's settings",
    ))
}

/// One file being uploaded.
struct Job<'a> {
    uploader: &'a Uploader,
    source: &'a Source,
    what: &'a Initiate<'a>,
    parts: &'a [String],
    meter: &'a Meter,
    /// One for each place of the storage, which is nearly always one place.
    clients: Mutex<Vec<(String, Client)>>,
}

impl Job<'_> {
    fn settings(&self) -> &Settings {
        &self.uploader.0.settings
    }

    async fn round(&self) -> Result<Round> {
        self.meter.restart();
        let api = &self.settings().api;
        let initiated = object::initiate(api, self.what).await?;
        let Some(session) = initiated.upload else {
            return Ok(Round::Done(initiated.url, true));
        };
        if session.part_size != 0 && session.part_size != self.what.part_size {
            let text = "the server wants parts of another size than it told before; try again";
            return Err(Error::new(Kind::Protocol, text));
        }
        let signatures = Signatures::new(session, self.parts.len() == 1);
        if let Err(failure) = self.put_all(&signatures).await {
            return match failure {
                Failure::Forgotten(error) => Ok(Round::Again(error)),
                other => Err(other.into_error()),
            };
        }
        self.source.check().await?;
        match object::complete(api, &signatures.upload_id, self.parts, self.what).await {
            Ok(url) => Ok(Round::Done(url, false)),
            // Whether it is through is told by the next round: then the server knows the content.
            Err(error) if error.is_maybe_delivered() || error.kind() == Kind::Server => Ok(Round::Again(error)),
            Err(error) => Err(error),
        }
    }

    async fn put_all(&self, signatures: &Signatures) -> Result<(), Failure> {
        let parts = hash::parts(self.source.len, self.what.part_size);
        stream::iter(parts.map(|part| self.put_one(signatures, part)))
            .buffer_unordered(PARTS_IN_FLIGHT)
            .try_collect::<()>()
            .await
    }

    async fn put_one(&self, signatures: &Signatures, part: Part) -> Result<(), Failure> {
        let Settings { patience, random, .. } = self.settings();
        let (mut attempts, mut renewals) = (0, 0);
        let mut renew = false;
        loop {
            let target = self.signed(signatures, part, renew).await.map_err(Failure::Final)?;
            let moved = self.meter.attempt();
            let putting = async {
                let http = self.client(&target).await?;
                storage::put(&http, target, self.source, part, patience.stall, &moved.each()).await
            };
            let failure = match putting.await {
                Ok(()) => return Ok(()),
                Err(failure) => failure,
            };
            // The file may be the reason.
            self.source.check().await.map_err(Failure::Final)?;
            moved.undo();
            attempts += 1;
            debug!(part = part.number, attempts, error = %failure.error(), "a part was not taken");
            let wait = match failure {
                Failure::Again(error, asked) => {
                    let wait = asked.unwrap_or_else(|| backoff::doubled(patience.backoff, attempts, random.bits()));
                    if attempts >= PART_ATTEMPTS || wait > PART_WAIT_MAX {
                        return Err(Failure::Final(told(&error, part, attempts)));
                    }
                    renew = false;
                    wait
                }
                Failure::Unsigned(error) => {
                    renewals += 1;
                    if signatures.single {
                        return Err(Failure::Forgotten(error));
                    }
                    if renewals > PART_SIGNATURES {
                        return Err(Failure::Final(error));
                    }
                    renew = true;
                    Duration::ZERO
                }
                other => return Err(other),
            };
            sleep(wait).await;
        }
    }

    /// The client for where a part goes; the place is checked once an upload.
    async fn client(&self, target: &Target) -> Result<Client, Failure> {
        let place = target.place();
        let known = self.clients.lock().iter().find(|(known, _)| *known == place).map(|(_, client)| client.clone());
        if let Some(client) = known {
            return Ok(client);
        }
        let client = self.settings().network.storage(&target.url).await.map_err(unreachable)?;
        self.clients.lock().push((place, client.clone()));
        Ok(client)
    }

    /// Where a part goes, with a signature that is fresh enough.
    async fn signed(&self, signatures: &Signatures, part: Part, renew: bool) -> Result<Target> {
        let fresh = self.settings().patience.fresh;
        if !renew && let Some(target) = signatures.target(part.number, fresh, self.what.content_type) {
            return target;
        }
        if !signatures.single {
            let last = i32::try_from(self.parts.len()).unwrap_or(i32::MAX);
            // Those of the next parts at once, but never more than are used while they are fresh.
            let ahead = i32::try_from(PARTS_IN_FLIGHT * 4).unwrap_or(i32::MAX);
            let numbers: Vec<i32> = if renew {
                vec![part.number]
            } else {
                (part.number..=last.min(part.number.saturating_add(ahead))).collect()
            };
            let sign = object::auth_sign(&self.settings().api, &signatures.upload_id, &numbers).await?;
            signatures.add(sign);
        }
        signatures.target(part.number, Duration::MAX, self.what.content_type).unwrap_or_else(|| {
            Err(Error::new(Kind::Protocol, format!("the server does not sign part {} of the upload", part.number)))
        })
    }
}

/// A place that may not be reached stays one; a name may be found a little later.
fn unreachable(error: Error) -> Failure {
    if error.kind() == Kind::Offline {
        return Failure::Again(error, None);
    }
    let text = format!("the server wants the file at an address that is not used: {}", error.message());
    Failure::Final(Error::new(Kind::Upload, text))
}

fn told(error: &Error, part: Part, attempts: u32) -> Error {
    let text = format!("part {} of the file was not taken in {attempts} attempts: {}", part.number, error.message());
    let told = Error::new(error.kind(), text);
    match error.wait() {
        Some(wait) => told.retry_after(wait),
        None => told,
    }
}

/// What the server has signed for one upload.
struct Signatures {
    upload_id: String,
    /// A file of one part is put without an upload behind it: what is signed for it is not signed again.
    single: bool,
    known: Mutex<Vec<(Instant, Arc<Sign>, SignedPart)>>,
}

impl Signatures {
    fn new(session: Session, single: bool) -> Self {
        let this = Self { upload_id: session.upload_id, single, known: Mutex::default() };
        this.add(session.sign);
        this
    }

    fn add(&self, mut sign: Sign) {
        let parts = std::mem::take(&mut sign.parts);
        let (sign, now) = (Arc::new(sign), Instant::now());
        let mut known = self.known.lock();
        for part in parts {
            known.retain(|(_, _, other)| other.part_number != part.part_number);
            known.push((now, sign.clone(), part));
        }
    }

    fn target(&self, number: i32, fresh: Duration, content_type: &str) -> Option<Result<Target>> {
        let known = self.known.lock();
        let (since, sign, part) = known.iter().find(|(_, _, part)| part.part_number == number)?;
        (self.single || since.elapsed() <= fresh).then(|| Target::new(sign, part, content_type))
    }
}

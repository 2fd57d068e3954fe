//! The numbers of this side of the wire, each with its reason.

use std::time::Duration;

/// What a connection reads at once, and holds for it as long as it stands: frames are small, accounts many.
pub const READ_BUFFER: usize = 16 * 1024;
/// Frames that wait to be written; a server that takes none is given up.
pub const WRITE_QUEUE: usize = 256;
/// A frame must be on its way by then.
pub const WRITE_MAX: Duration = Duration::from_secs(10);
/// Requests that wait to enter the connection: the whole outbox and what the sync asks.
pub const COMMAND_QUEUE: usize = openim_core::limits::OUTBOX_MAX + 64;
/// Ids of own messages that are remembered: those on their way and as many whose echoes are still to come.
pub const OWN_IDS_KEPT: usize = 2 * openim_core::limits::OUTBOX_MAX;
/// A line about malformed frames is written no oftener.
pub const SKIPPED_NOTED_EVERY: Duration = Duration::from_secs(60);
/// Transport activity is reported no oftener: it only has to be fresher than half an hour.
pub const ACTIVITY_EVERY: Duration = Duration::from_secs(1);

/// One attempt of a REST call: dialling, the request and the whole answer. A healthy server needs a fraction of it.
pub const REST_ATTEMPT_MAX: Duration = Duration::from_secs(10);
/// A REST call with all its attempts and waits; no further attempt begins when it would not end by then.
pub const REST_CALL_MAX: Duration = Duration::from_secs(30);
/// One attempt at a change of many things at once, such as removing 250 members: a real server was seen to take 11 s.
pub const REST_BULK_ATTEMPT_MAX: Duration = Duration::from_secs(45);
/// Such a change with all its attempts: every call ends within a minute.
pub const REST_BULK_CALL_MAX: Duration = Duration::from_secs(58);
/// Attempts of one call.
pub const REST_ATTEMPTS: u32 = 3;
/// The wait before the second attempt; it doubles, half of it random.
pub const REST_BACKOFF: Duration = Duration::from_millis(500);
/// A server that asks for a longer pause gets it from the caller: the call ends and says how long.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(10);
/// An answer, unpacked. The server's own limit for what it takes from a service is 8 MiB, which is 11 as JSON.
pub const REST_ANSWER_MAX: usize = 16 * 1024 * 1024;
/// Calls on their way at once, per account: more would only queue at the server.
pub const REST_AT_ONCE: usize = 16;
/// Calls that wait for one of these places; more is a caller in a loop.
pub const REST_WAITING: usize = 1_024;
/// Ids in one request; longer lists become several.
pub const IDS_AT_ONCE: usize = 200;
/// Items of one page: what JavaScript can take in one go without a noticeable pause.
pub const PAGE_ITEMS_MAX: u32 = 1_000;
/// Pages of a list that is asked for as a whole.
pub const WHOLE_LIST_PAGES: u32 = 10;
/// Messages of one page of history: what a page of a chat needs, many times over.
pub const HISTORY_ITEMS_MAX: u32 = 500;
/// Pulls of one such page: empty places and notifications between messages must not make it endless.
pub const HISTORY_SLICES_MAX: u32 = 40;
/// Pulls in search of one message by its id.
pub const SEARCH_SLICES_MAX: u32 = 20;
/// Conversations whose newest place is remembered, so that only the first page of a history waits.
pub const HISTORIES_REMEMBERED: usize = 64;
/// The newest message is not read earlier than this after its place was learned: the server writes it meanwhile.
pub const READABLE_AFTER: Duration = Duration::from_millis(300);
/// A message that was just sent is looked for as long as this before it counts as absent.
pub const STORED_SOON: Duration = Duration::from_secs(1);
/// ... with this pause between two looks.
pub const LOOK_PAUSE: Duration = Duration::from_millis(100);
/// A message counts as just sent for this long, ...
pub const JUST_SENT: Duration = Duration::from_secs(5);
/// ... and only so many are remembered: they are taken back within moments or at leisure.
pub const JUST_SENT_MAX: usize = 256;
/// Users whose coming and going is watched; the server keeps as much for every connection.
pub const SUBSCRIPTIONS_MAX: usize = 3_000;
/// The account repeats that it is typing after this long.
pub const TYPING_AGAIN: Duration = Duration::from_secs(10);
/// Conversations in which this account was said to be typing.
pub const TYPISTS_MAX: usize = 1_024;

/// What is read of a file to tell what it is: enough for a head, a tail, and the directory of a film.
pub const SNIFF_BYTES: usize = 1 << 20;
/// ... in so many pieces.
pub const SNIFF_READS: usize = 2_048;
/// The piece of a recording that is looked at for its frames.
pub const SNIFF_WINDOW: usize = 128 * 1024;
/// Boxes, chunks or elements of a file that are walked over.
pub const SNIFF_BOXES: usize = 512;

/// A file is read in blocks of this size: large enough for the disk, small enough that a few of them are nothing.
pub const UPLOAD_BLOCK: usize = 1 << 20;
/// Threads that read and hash for all uploads of the process: hashing is faster than any line a file leaves by.
pub const UPLOAD_THREADS: usize = 4;
/// The server takes no longer name of an object.
pub const OBJECT_NAME_MAX: usize = 1_024;
/// Parts of one file on their way at once: enough to fill a line, few enough to hold little in memory.
pub const PARTS_IN_FLIGHT: usize = 3;
/// The storage takes no more parts of one file.
pub const PARTS_MAX: u64 = 10_000;
/// A file of more parts has its signatures asked for as their turn comes.
pub const PARTS_SIGNED_AT_ONCE: usize = 100;
/// Signatures in headers are good for about 15 minutes; older than this they are renewed beforehand.
pub const SIGNATURE_FRESH: Duration = Duration::from_secs(10 * 60);
/// Attempts at one part, and new signatures for it.
pub const PART_ATTEMPTS: u32 = 4;
pub const PART_SIGNATURES: u32 = 2;
/// The wait before the second attempt; it doubles, half of it random.
pub const PART_BACKOFF: Duration = Duration::from_secs(1);
/// A storage that asks for a longer pause gets it from the caller.
pub const PART_WAIT_MAX: Duration = Duration::from_secs(30);
/// A connection that takes nothing for so long is dead; the storage may also need some time to take in a part.
pub const PART_STALL: Duration = Duration::from_secs(60);
/// No upload takes longer, whatever the line.
pub const UPLOAD_MAX: Duration = Duration::from_secs(2 * 3_600);
/// Uploads of one account at once, and those that wait for their turn.
pub const UPLOADS_AT_ONCE: usize = 2;
pub const UPLOADS_WAITING: usize = 64;
/// How often progress is told.
pub const PROGRESS_EVERY: Duration = Duration::from_millis(100);
/// What is read of a storage's refusal to find its word for it.
pub const STORAGE_WORDS_MAX: usize = 4_096;
/// Messages with a file that are made and not sent yet; of more the oldest have to be made again.
pub const ATTACHMENTS_MAX: usize = 256;
/// Both sides of the preview the server is asked for; the SDK's own number.
pub const SNAPSHOT_SIDE: i64 = 640;
/// The largest file that is uploaded where the caller names no limit of its own.
pub const UPLOAD_BYTES_MAX: u64 = 2 << 30;
/// People one message may mention, as in OpenIM's own clients; everybody counts as one.
pub const MENTIONS_MAX: usize = 10;

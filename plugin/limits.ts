// Bounds of the plugin's own work, each with its reason.

/** Largest file in or out, in MiB, unless `mediaMaxMb` says otherwise: a long video from a phone passes, a film does not. */
export const MEDIA_MAX_MB = 20;
/** Files fetched for one message; a message of OpenIM has one, one it quotes another. */
export const MEDIA_PER_MESSAGE = 4;
/** How long a file may take: the turn waits for it. */
export const MEDIA_TIMEOUT_MS = 60_000;
/**
 * How long the next message of a conversation waits for the host to queue the one before it. The host takes far less,
 * unless it hears a long voice note first; a `/stop` must not wait for a turn that never gets its place.
 */
export const QUEUED_WAIT_MS = 10_000;
/** How long a message that asks to stop a turn waits for the messages before it: they may be about to begin that turn. */
export const STOP_WAIT_MS = 1_000;
/** How long messages wait for the host to resume an interrupted turn. It begins once it is ready, and retries. */
export const RESUMPTION_MS = 60_000;
export const RESUMPTION_POLL_MS = 200;
/** Sessions remembered as recovered since the restart; others are checked again. */
export const SESSIONS_KNOWN_MAX = 10_000;
/** Characters of a quoted or forwarded text that the agent reads. */
export const QUOTED_CHARS = 2_000;
/** Messages of a forward that the agent reads; the rest is counted. */
export const FORWARDED_MESSAGES = 50;
/** How soon after a send its absence from the conversation counts: the server may take so long to store a message. */
export const STORED_AFTER_MS = 10_000;
/** How far the server's clock may be behind this machine's when a conversation is read back to a time. */
export const CLOCKS_APART_MS = 60 * 60_000;
/** Messages of one page when a conversation is read back, and pages: a busy group of the last hour and more. */
export const LOOK_BACK_PER_PAGE = 200;
export const LOOK_BACK_PAGES = 10;
/** Characters of an answer's last message that show the agent how far its answer got. */
export const LAST_WORDS_CHARS = 200;
/** Mentioned people whose ids the agent reads; OpenIM's own clients name 10 at most. */
export const MENTIONED_PEOPLE = 100;
/** Characters of a name on one line. */
export const NAME_CHARS = 64;
/** How long an answer waits for an account that is offline: outages that last longer are noticed and mended by people. */
export const ANSWER_WAIT_MS = 30 * 60_000;
/** How long it waits for an account that does not run: a restart takes seconds, and a removed account never comes back. */
export const ABSENT_MS = 60_000;
export const CONNECTION_POLL_MS = 500;
/** The pauses before a message is sent again that a connected server did not take. */
export const RESEND_PAUSES_MS = [1_000, 2_000, 5_000, 15_000, 30_000];
/** The host reports so often that it still has a message in its queue. */
export const QUEUE_HEARTBEAT_MS = 60_000;
/** How long the host may be silent about a message in its queue before the message counts as lost there. */
export const QUEUE_SILENT_MS = 10 * 60_000;
/** Messages of one sender that are with the host at once: less than a session takes, so that others get their turn. */
export const PER_SENDER = 12;
/** Refused messages that are remembered until they come again. */
export const ATTEMPTS_KEPT = 1_000;

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
/** Characters of a quoted or forwarded text that the agent reads. */
export const QUOTED_CHARS = 2_000;
/** Messages of a forward that the agent reads; the rest is counted. */
export const FORWARDED_MESSAGES = 50;
/** Characters of a name on one line. */
export const NAME_CHARS = 64;

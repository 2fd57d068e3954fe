// What a restart left of a session. The host resumes a turn that was under way when it died, and sends an answer that was
// in its outbound queue, as long as no other turn of the session begins before. It leaves alone a turn that was over and
// whose answer had not got there. So messages wait until the host has taken up what it takes up, and one that comes again
// although its session has it already is either left to the host or asked again.

import { setTimeout } from "node:timers/promises";

import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { loadTranscriptEventsSync, type SessionEntry } from "openclaw/plugin-sdk/session-store-runtime";

import { errorText } from "../status/failures.js";
import { hostRuntime } from "../host.js";
import { RESUMPTION_MS, RESUMPTION_POLL_MS, SESSIONS_KNOWN_MAX } from "../limits.js";
import { CHANNEL_ID } from "../names.js";

export interface Place {
  cfg: OpenClawConfig;
  agentId: string;
  sessionKey: string;
}

/** How a message stands in its session. */
export interface Standing {
  /** How often the agent was asked it, and the id of the last time. */
  asked: number;
  turn?: string;
  /** Why it is the host's: it brings the turn to an end, or has done so. */
  handledByHost?: "its turn is resumed" | "its answer is on its way" | "its turn is on record";
}

type Kept = Partial<SessionEntry>;

interface Entry {
  role?: unknown;
  idempotencyKey?: unknown;
  provenance?: { sourceTool?: unknown };
  __openclaw?: { transport?: { channel?: unknown; messageId?: unknown } };
}

/** How the host marks what it tells the agent of a turn that a restart interrupted. */
const RESUMED = "main_session_restart_recovery";
const AGAIN = "-again-";

export const UNASKED: Standing = { asked: 0 };

/** Sessions in which nothing from before this process is left to be taken up. */
const known = new Set<string>();

/** Waits for the host to take up what a restart left of a session; not again, where that is over. */
export async function untilTakenUp(place: Place, signal: AbortSignal): Promise<void> {
  const key = JSON.stringify([place.agentId, place.sessionKey]);
  if (known.has(key)) return;
  await takenUp(() => sessionOf(place)?.entry, signal);
  if (known.size >= SESSIONS_KNOWN_MAX) known.clear();
  known.add(key);
}

/** Reads again and again while something is left of the session; one that cannot be read is not waited for. */
export async function takenUp(read: () => Kept | undefined, signal?: AbortSignal): Promise<void> {
  const end = performance.now() + RESUMPTION_MS;
  try {
    while (isUnsettled(read()) && performance.now() < end) {
      await setTimeout(RESUMPTION_POLL_MS, undefined, { ref: false, ...(signal ? { signal } : {}) });
    }
  } catch {
    signal?.throwIfAborted();
  }
}

/** A session that cannot be read is no reason to answer nobody: the message is asked as if it were new. */
export function standingOf(place: Place, messageId: string, warn: (words: string) => void): Standing {
  try {
    const session = sessionOf(place);
    return session ? standingIn(session.entry, loadTranscriptEventsSync(session.where), messageId) : UNASKED;
  } catch (error) {
    warn(`cannot see whether a message that comes again was answered: ${errorText(error)}`);
    return UNASKED;
  }
}

/** `events` is what was said, oldest first, and what else the host writes there. */
export function standingIn(session: Kept, events: unknown[], messageId: string): Standing {
  const entries = messagesOf(events);
  const asked = entries.filter((entry) => isFrom(entry, messageId)).length;
  if (asked === 0) return UNASKED;
  const [question, ...since] = entries.slice(entries.findLastIndex((entry) => isFrom(entry, messageId)));
  const turn = turnId(messageId, { asked: asked - 1 });
  const handledByHost = whyHandledByHost(session, question, since);
  return { asked, turn, ...(handledByHost ? { handledByHost } : {}) };
}

function whyHandledByHost(session: Kept, question: Entry | undefined, since: Entry[]): Standing["handledByHost"] {
  if (isResumed(session)) return "its turn is resumed";
  const answer = since.some(isQuestion) ? [] : answerOf(session);
  // `unknown` is what was being sent: the conversation tells more.
  if (answer.some((state) => state !== "prepared" && state !== "unknown")) return "its answer is on its way";
  if (answer.length > 0) return undefined;
  if (since.some(isResumption)) return "its turn is resumed";
  return isRecorded(session, question?.idempotencyKey) ? "its turn is on record" : undefined;
}

/** The id of a turn. The host writes no question under an id that it has: whoever is asked again is asked under another. */
export function turnId(messageId: string, { asked }: Standing): string {
  return asked > 0 ? `${messageId}${AGAIN}${asked}` : messageId;
}

function sessionOf({ cfg, agentId, sessionKey }: Place) {
  const sessions = hostRuntime()?.agent.session;
  const storePath = sessions?.resolveStorePath(cfg.session?.store, { agentId });
  const entry = sessions?.getSessionEntry({ agentId, sessionKey, storePath, readConsistency: "latest" });
  return entry && { entry, where: { agentId, sessionKey, sessionId: entry.sessionId, storePath } };
}

/** Under way since before this process, or marked by the host to be taken up, or with an answer that waits to be sent. */
function isUnsettled(session: Kept | undefined): boolean {
  if (session?.status === "running") {
    return session.abortedLastRun === true || (session.startedAt ?? 0) < performance.timeOrigin;
  }
  const { createdAt = Infinity, deliveries = [] } = session?.pendingFinalDelivery ?? {};
  return createdAt < performance.timeOrigin && deliveries.some(({ state }) => state === "queued");
}

/** The host is about to take its turn up, or at it. */
function isResumed({ status, abortedLastRun, restartRecoveryRuns = [] }: Kept): boolean {
  return status === "running" && (abortedLastRun === true || restartRecoveryRuns.length > 0);
}

/** Of a turn that is over the host's record says that its answer was given; of one that has no end, that it is owed. */
function isRecorded(session: Kept, turn: unknown): boolean {
  if (typeof turn !== "string") return false;
  const { status, restartRecoveryTerminalRunIds: over, restartRecoveryDeliverySourceRunId: interrupted } = session;
  return over?.includes(turn) === true || (status === "running" && interrupted === turn);
}

/**
 * Where each part of the answer of the session's last turn stands: `prepared` until it is in the host's outbound queue.
 * While a turn is under way, and after one of which nothing was kept, what is kept is the answer of an earlier one.
 */
function answerOf({ status, startedAt = 0, pendingFinalDelivery: kept }: Kept): string[] {
  if (!kept || status === "running" || kept.createdAt < startedAt) return [];
  return (kept.deliveries ?? []).map(({ state }) => state);
}

function messagesOf(events: unknown[]): Entry[] {
  return events.flatMap((event) => {
    const { type, message } = (event ?? {}) as { type?: unknown; message?: Entry };
    return type === "message" && message ? [message] : [];
  });
}

function isQuestion({ role, __openclaw: origin }: Entry): boolean {
  return role === "user" && origin?.transport?.messageId !== undefined;
}

function isFrom({ role, __openclaw: origin }: Entry, id: string): boolean {
  const { channel, messageId } = origin?.transport ?? {};
  const isSame = typeof messageId === "string" && (messageId === id || messageId.startsWith(id + AGAIN));
  return role === "user" && channel === CHANNEL_ID && isSame;
}

function isResumption({ role, provenance }: Entry): boolean {
  return role === "user" && provenance?.sourceTool === RESUMED;
}

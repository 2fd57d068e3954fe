// Reads what a restart left of a session. The host resumes a turn that it was running when it died, and sends an answer that was
// in its outbound queue, unless another turn of the session begins first. It does nothing about a turn that was over but whose
// answer had not reached the queue. So messages wait until the host has recovered, and a redelivered message that its session
// already has is either left to the host or asked again (docs/restart.md).

import { setTimeout } from "node:timers/promises";

import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { loadTranscriptEventsSync, type SessionEntry } from "openclaw/plugin-sdk/session-store-runtime";

import { errorText } from "../status/failures.js";
import { hostRuntime } from "../host.js";
import { RESUMPTION_MS, RESUMPTION_POLL_MS, SESSIONS_KNOWN_MAX } from "../limits.js";
import { CHANNEL_ID } from "../names.js";

export interface SessionPlace {
  cfg: OpenClawConfig;
  agentId: string;
  sessionKey: string;
}

/** The turns that a message had in its session. */
export interface TurnRecord {
  /** How many turns the message had, going by the ids of those that are there, and the id of the last one. */
  asked: number;
  turn?: string;
  /** Why the message is left to the host: it finishes the turn, or has done so. */
  handledByHost?: "its turn is resumed" | "its answer is on its way" | "its turn is on record";
}

type Kept = Partial<SessionEntry>;

interface Entry {
  role?: unknown;
  idempotencyKey?: unknown;
  provenance?: { sourceTool?: unknown };
  __openclaw?: { transport?: { channel?: unknown; messageId?: unknown } };
}

/** The host's mark on its message to the agent about an interrupted turn. */
const RESUMED = "main_session_restart_recovery";
const AGAIN = "-again-";

export const NEVER_ASKED: TurnRecord = { asked: 0 };

/** Sessions in which the host has nothing left to recover from before this process. */
const known = new Set<string>();

/** Waits until the host has recovered a session after a restart; returns at once when it has. */
export async function waitForRecovery(place: SessionPlace, signal: AbortSignal): Promise<void> {
  const key = JSON.stringify([place.agentId, place.sessionKey]);
  if (known.has(key)) return;
  await recovered(() => sessionOf(place)?.entry, signal);
  if (known.size >= SESSIONS_KNOWN_MAX) known.clear();
  known.add(key);
}

/** Reads the session again and again while there is something to recover; does not wait for one that cannot be read. */
export async function recovered(read: () => Kept | undefined, signal?: AbortSignal): Promise<void> {
  const end = performance.now() + RESUMPTION_MS;
  try {
    while (isUnsettled(read()) && performance.now() < end) {
      await setTimeout(RESUMPTION_POLL_MS, undefined, { ref: false, ...(signal ? { signal } : {}) });
    }
  } catch {
    signal?.throwIfAborted();
  }
}

/** When the session cannot be read, the message counts as new: nobody stays without an answer for that. */
export function turnRecordOf(place: SessionPlace, messageId: string, warn: (words: string) => void): TurnRecord {
  try {
    const session = sessionOf(place);
    return session ? turnRecordIn(session.entry, loadTranscriptEventsSync(session.where), messageId) : NEVER_ASKED;
  } catch (error) {
    warn(`cannot see whether a message that comes again was answered: ${errorText(error)}`);
    return NEVER_ASKED;
  }
}

/** `events` is the host's transcript of the session, oldest first. */
export function turnRecordIn(session: Kept, events: unknown[], messageId: string): TurnRecord {
  const entries = messagesOf(events);
  const turns = entries.map((entry) => turnOf(entry, messageId));
  const last = turns.findLastIndex((turn) => turn !== undefined);
  const turn = turns[last];
  if (turn === undefined) return NEVER_ASKED;
  const [question, ...since] = entries.slice(last);
  const asked = Math.max(...turns.map((id) => (id === undefined ? 0 : repetition(id, messageId) + 1)));
  const handledByHost = whyHandledByHost(session, question, since);
  return { asked, turn, ...(handledByHost ? { handledByHost } : {}) };
}

function whyHandledByHost(session: Kept, question: Entry | undefined, since: Entry[]): TurnRecord["handledByHost"] {
  if (isResumed(session)) return "its turn is resumed";
  const answer = since.some(isQuestion) ? [] : answerOf(session);
  // `unknown`: it was being sent; the conversation itself shows more.
  if (answer.some((state) => state !== "prepared" && state !== "unknown")) return "its answer is on its way";
  if (answer.length > 0) return undefined;
  if (since.some(isResumption)) return "its turn is resumed";
  return isRecorded(session, question?.idempotencyKey) ? "its turn is on record" : undefined;
}

/** The id of the next turn of a message. The host drops a question whose id it knows, so every repeat has another one. */
export function turnId(messageId: string, { asked }: TurnRecord): string {
  return asked > 0 ? `${messageId}${AGAIN}${asked}` : messageId;
}

/** The number behind the id of a repeated turn; 0 for the first turn. */
function repetition(turn: string, messageId: string): number {
  const number = Number(turn.slice(messageId.length + AGAIN.length));
  return Number.isSafeInteger(number) ? number : 0;
}

function sessionOf({ cfg, agentId, sessionKey }: SessionPlace) {
  const sessions = hostRuntime()?.agent.session;
  const storePath = sessions?.resolveStorePath(cfg.session?.store, { agentId });
  const entry = sessions?.getSessionEntry({ agentId, sessionKey, storePath, readConsistency: "latest" });
  return entry && { entry, where: { agentId, sessionKey, sessionId: entry.sessionId, storePath } };
}

/** Running since before this process, marked by the host for recovery, or with an answer that waits to be sent. */
function isUnsettled(session: Kept | undefined): boolean {
  if (session?.status === "running") {
    return session.abortedLastRun === true || (session.startedAt ?? 0) < performance.timeOrigin;
  }
  const { createdAt = Infinity, deliveries = [] } = session?.pendingFinalDelivery ?? {};
  return createdAt < performance.timeOrigin && deliveries.some(({ state }) => state === "queued");
}

/** The host resumes the session's turn, now or soon. */
function isResumed({ status, abortedLastRun, restartRecoveryRuns = [] }: Kept): boolean {
  return status === "running" && (abortedLastRun === true || restartRecoveryRuns.length > 0);
}

/** Whether the host's record has the turn: as over, then it was answered; as interrupted, then the host answers it. */
function isRecorded(session: Kept, turn: unknown): boolean {
  if (typeof turn !== "string") return false;
  const { status, restartRecoveryTerminalRunIds: over, restartRecoveryDeliverySourceRunId: interrupted } = session;
  return over?.includes(turn) === true || (status === "running" && interrupted === turn);
}

/**
 * The state of each part of the last turn's answer: `prepared` until it is in the host's outbound queue. While a turn is running,
 * and after a turn without a kept answer, the host still keeps the answer of an earlier turn; that one does not count.
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

/** The id of the turn when the entry is this message's question. */
function turnOf({ role, __openclaw: origin }: Entry, id: string): string | undefined {
  const { channel, messageId } = origin?.transport ?? {};
  if (role !== "user" || channel !== CHANNEL_ID || typeof messageId !== "string") return undefined;
  return messageId === id || messageId.startsWith(id + AGAIN) ? messageId : undefined;
}

function isResumption({ role, provenance }: Entry): boolean {
  return role === "user" && provenance?.sourceTool === RESUMED;
}

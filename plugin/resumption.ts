// What becomes of a message that comes again after a restart although its session has it already. The host resumes a turn
// that was under way. It leaves alone a turn that was over, even when the answer had not got into its outbound queue: such
// a message is asked again.

import { setTimeout } from "node:timers/promises";

import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { loadTranscriptEventsSync, type SessionEntry } from "openclaw/plugin-sdk/session-store-runtime";

import { errorText } from "./failures.js";
import { hostRuntime } from "./host.js";
import { RESUMPTION_MS, RESUMPTION_POLL_MS } from "./limits.js";
import { CHANNEL_ID } from "./names.js";

export interface Question {
  cfg: OpenClawConfig;
  agentId: string;
  sessionKey: string;
  messageId: string;
}

/** How a message stands in its session. */
export interface Standing {
  /** How often the agent was asked it. */
  asked: number;
  /** The host has brought its turn to an end, or is about to. */
  hosts: boolean;
}

/** What the host keeps of a session. */
export interface Session {
  status?: unknown;
  startedAt?: number | undefined;
  /** The host is taking its turn up again. */
  recovering: boolean;
  /** The turns of which the host keeps a record. */
  recorded: unknown[];
  /** Where each part of its last answer stands: `prepared` until it is in the host's outbound queue. */
  answer: string[];
}

interface Entry {
  role?: unknown;
  idempotencyKey?: unknown;
  provenance?: { sourceTool?: unknown };
  __openclaw?: { transport?: { channel?: unknown; messageId?: unknown } };
}

/** How the host marks what it tells the agent of a turn that a restart interrupted. */
const RESUMED = "main_session_restart_recovery";
const AGAIN = "-again-";

export const UNASKED: Standing = { asked: 0, hosts: false };

/** A session that cannot be read is no reason to answer nobody: the message is asked as if it were new. */
export async function standingOf(question: Question, warn: (words: string) => void): Promise<Standing> {
  try {
    const session = await takenUp(() => sessionOf(question));
    return session ? standingIn(session, loadTranscriptEventsSync(session.where), question.messageId) : UNASKED;
  } catch (error) {
    warn(`cannot see whether a message that comes again was answered: ${errorText(error)}`);
    return UNASKED;
  }
}

/** The session once the host has had its time to take up what was interrupted; a turn it leaves alone is over. */
export async function takenUp<T extends Session>(read: () => T | undefined): Promise<T | undefined> {
  const end = performance.now() + RESUMPTION_MS;
  let session = read();
  for (; session && isInterrupted(session) && performance.now() < end; session = read()) {
    await setTimeout(RESUMPTION_POLL_MS);
  }
  return session;
}

/** `events` is what was said, oldest first, and what else the host writes there. */
export function standingIn(session: Session, events: unknown[], messageId: string): Standing {
  const entries = messagesOf(events);
  const asked = entries.filter((entry) => isFrom(entry, messageId)).length;
  if (asked === 0) return UNASKED;
  const [question, ...since] = entries.slice(entries.findLastIndex((entry) => isFrom(entry, messageId)));
  if (isTakenUp(session)) return { asked, hosts: true };
  if (session.answer.length > 0 && !since.some(isQuestion)) return { asked, hosts: !session.answer.every(isPrepared) };
  return { asked, hosts: session.recorded.includes(question?.idempotencyKey) || since.some(isResumption) };
}

/** The id of a turn. The host writes no question under an id that it has: whoever is asked again is asked under another. */
export function turnId(messageId: string, { asked }: Standing): string {
  return asked > 0 ? `${messageId}${AGAIN}${asked}` : messageId;
}

function sessionOf({ cfg, agentId, sessionKey }: Question) {
  const sessions = hostRuntime()?.agent.session;
  const storePath = sessions?.resolveStorePath(cfg.session?.store, { agentId });
  const entry = sessions?.getSessionEntry({ agentId, sessionKey, storePath, readConsistency: "latest" });
  if (!entry) return undefined;
  const { sessionId, status, startedAt } = entry;
  const recovering = entry.abortedLastRun === true || (entry.restartRecoveryRuns ?? []).length > 0;
  const turns = [...(entry.restartRecoveryTerminalRunIds ?? []), entry.restartRecoveryDeliverySourceRunId];
  const where = { agentId, sessionKey, sessionId, storePath };
  return { where, status, startedAt, recovering, recorded: turns.filter(Boolean), answer: answerOf(entry) };
}

/** While a turn is under way, and after one that the host makes no record of, the record is that of an earlier one. */
export function answerOf({ status, startedAt = 0, pendingFinalDelivery: pending }: Partial<SessionEntry>): string[] {
  if (!pending || status === "running" || pending.createdAt < startedAt) return [];
  return (pending.deliveries ?? []).map(({ state }) => state);
}

/** What has been running since before this process is still to be taken up; what began later is another turn. */
function isInterrupted(session: Session): boolean {
  const { status, startedAt = 0 } = session;
  return status === "running" && startedAt < performance.timeOrigin && !isTakenUp(session);
}

function isTakenUp({ status, recovering }: Session): boolean {
  return status === "running" && recovering;
}

function messagesOf(events: unknown[]): Entry[] {
  return events.flatMap((event) => {
    const { type, message } = (event ?? {}) as { type?: unknown; message?: Entry };
    return type === "message" && message ? [message] : [];
  });
}

const isPrepared = (state: string): boolean => state === "prepared";

function isQuestion({ role, __openclaw: origin }: Entry): boolean {
  return role === "user" && origin?.transport?.messageId !== undefined;
}

function isFrom({ role, __openclaw: origin }: Entry, id: string): boolean {
  const { channel, messageId } = origin?.transport ?? {};
  const known = typeof messageId === "string" && (messageId === id || messageId.startsWith(id + AGAIN));
  return role === "user" && channel === CHANNEL_ID && known;
}

function isResumption({ role, provenance }: Entry): boolean {
  return role === "user" && provenance?.sourceTool === RESUMED;
}

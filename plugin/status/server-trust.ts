// What the client of a running account has found out about its server and about other programs with the same login.

import { loadedNative } from "../native/native.js";

export interface ServerTrust {
  /** Whether the server checks who a message says it is from; null until that was found out. */
  senderVerified: boolean | null;
  /** When another program was last seen writing as this account, Unix milliseconds. */
  sentElsewhereAt: number | null;
}

/** How long another program counts after it was seen. */
const ELSEWHERE_MS = 24 * 60 * 60_000;

/** Undefined where the account does not run in this process, or is not connected. */
export function serverTrust(accountId: string): ServerTrust | undefined {
  const status = loadedNative()?.running.get(accountId)?.clients.getConnectedClient(accountId)?.status();
  return status && readTrust(status);
}

/** Reads it from a status, or from a snapshot that came from another process. */
export function readTrust(from: unknown): ServerTrust {
  const { senderVerified, sentElsewhereAt } = (from ?? {}) as Record<string, unknown>;
  return {
    senderVerified: typeof senderVerified === "boolean" ? senderVerified : null,
    sentElsewhereAt: typeof sentElsewhereAt === "number" ? sentElsewhereAt : null,
  };
}

export interface TrustProblem {
  message: string;
  fix: string;
}

/** What an operator has to know about it. */
export function trustProblems({ senderVerified, sentElsewhereAt }: ServerTrust, now = Date.now()): TrustProblem[] {
  const isElsewhere = sentElsewhereAt !== null && now - sentElsewhereAt < ELSEWHERE_MS;
  return [
    ...(senderVerified === false
      ? [
          {
            message: "the server does not check who a message says it is from: everybody on it can write as anybody",
            fix: "Update the OpenIM server, or let nobody on it whom you do not trust.",
          },
        ]
      : []),
    ...(isElsewhere
      ? [
          {
            message: "another program writes as this account: people may get every answer twice",
            fix: "Stop the other program or gateway, or give one of the two a user of its own.",
          },
        ]
      : []),
  ];
}

// Reads and writes targets, `user:<id>` and `group:<id>`. Ids keep their case. Pure: the addon's `parseTarget` is made of it.

import { ALIASES } from "../names.js";

export interface Target {
  kind: "user" | "group";
  id: string;
}

/** A user id as an allowlist may spell it: `alice`, `user:alice` or `multi-openim:user:alice`. */
export function normalizeUserEntry(entry: string): string {
  return withoutChannelPrefix(entry.trim())
    .replace(/^user:/i, "")
    .trim();
}

/** Reads a target with or without a prefix of the channel, such as `multi-openim:user:alice`. */
export function parseTarget(raw: string): Target | null {
  return parseBareTarget(withoutChannelPrefix(raw.trim()));
}

/** Reads a target without a prefix. */
export function parseBareTarget(raw: string): Target | null {
  const match = /^\s*(user|group)\s*:(.*)$/is.exec(raw);
  const [, kind, rest] = match ?? [];
  const id = rest?.trim();
  if (!kind || !id || /\p{Cc}/u.test(id)) return null;
  return { kind: kind.toLowerCase() as Target["kind"], id };
}

export function formatTarget(target: Target): string {
  return `${target.kind}:${target.id}`;
}

/** The canonical spelling of a target, or undefined when it is none. */
export function normalizeTarget(raw: string): string | undefined {
  const target = parseTarget(raw);
  return target ? formatTarget(target) : undefined;
}

/** The text without a prefix of the channel, such as `multi-openim:`. */
export function withoutChannelPrefix(text: string): string {
  const lower = text.toLowerCase();
  const alias = ALIASES.find((name) => lower.startsWith(`${name}:`));
  return alias ? text.slice(alias.length + 1).trim() : text;
}

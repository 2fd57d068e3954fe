// Fetches the files of an admitted message and puts them into the host's store. The addon fetches them: the host's own
// `saveRemoteMedia` refuses private servers. A file that cannot be fetched becomes a line of text, so the message still arrives.

import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";

import { toInboundMediaFacts } from "openclaw/plugin-sdk/channel-inbound";
import { saveMediaStream } from "openclaw/plugin-sdk/media-store";

import type { MessageMedia, InboundState } from "multi-openim-channel";
import { errorText } from "../status/failures.js";
import { MEDIA_PER_MESSAGE, MEDIA_TIMEOUT_MS, NAME_CHARS } from "../limits.js";
import { contentTypeAs, HOST_KINDS, KIND_WORDS } from "../media-kinds.js";
import { oneLine } from "../text.js";
import { insideNote } from "./notes.js";

export type MediaFacts = ReturnType<typeof toInboundMediaFacts>;

export interface Fetched {
  facts: MediaFacts;
  /** One line for each file that could not be fetched. */
  missing: string[];
}

export interface FetchContext {
  state: Pick<InboundState, "download">;
  messageId: string;
  /** The user id of the sender, who has only some of the places for downloads. */
  sender: string;
  maxBytes: number;
  /** Gets the reason why a file could not be fetched; the agent and the sender do not. */
  warn(message: string): void;
}

export async function fetchMedia(items: readonly MessageMedia[], context: FetchContext): Promise<Fetched> {
  const facts: MediaFacts = [];
  const missing: string[] = [];
  for (const [index, item] of items.entries()) {
    if (index >= MEDIA_PER_MESSAGE) {
      missing.push(`[${items.length - index} more files were not fetched]`);
      break;
    }
    try {
      facts.push(...(await fetchOne(item, context)));
    } catch (error) {
      const reason = error instanceof TooLarge ? error.message : "it could not be fetched";
      missing.push(`[${label(item)}: ${reason}]`);
      context.warn(`${label(item)} of message ${context.messageId} was not fetched: ${errorText(error)}`);
    }
  }
  return { facts, missing };
}

class TooLarge extends Error {}

async function fetchOne(item: MessageMedia, { state, messageId, sender, maxBytes }: FetchContext): Promise<MediaFacts> {
  if (item.size > maxBytes) {
    throw new TooLarge(`${inWords(item.size)}, at most ${inWords(maxBytes)} are fetched`);
  }
  const file = await state.download(item.url, { maxBytes, timeoutMs: MEDIA_TIMEOUT_MS, sender });
  try {
    const claimed = file.contentType || item.contentType || undefined;
    const name = item.name || file.name || undefined;
    const saved = await saveMediaStream(createReadStream(file.path), claimed, "inbound", maxBytes, name);
    const contentType = contentTypeAs(item.kind, saved.contentType ?? claimed);
    return toInboundMediaFacts([
      {
        path: saved.path,
        kind: HOST_KINDS[item.kind],
        messageId,
        ...(contentType ? { contentType } : {}),
        ...(name ? { fileName: oneLine(name, NAME_CHARS) ?? null } : {}),
        ...(item.duration > 0 ? { durationMs: item.duration * 1_000 } : {}),
        ...(item.width > 0 && item.height > 0 ? { width: item.width, height: item.height } : {}),
      },
    ]);
  } finally {
    await rm(file.path, { force: true });
  }
}

function label(item: MessageMedia): string {
  const name = oneLine(item.name, NAME_CHARS);
  const kind = KIND_WORDS[item.kind];
  return name ? `${kind} ${insideNote(name)}` : kind;
}

function inWords(bytes: number): string {
  const megabytes = bytes / 1024 / 1024;
  return megabytes < 1 ? `${Math.ceil(bytes / 1024)} KB` : `${megabytes.toFixed(1).replace(/\.0$/, "")} MB`;
}

// Turns a path or an address that the host or an agent wants to send into a private local file, and sends it. Local files must
// be where the host lets this agent read; the account fetches remote ones, with its address guard.

import { rm } from "node:fs/promises";

import type { ChannelOutboundContext } from "openclaw/plugin-sdk/channel-contract";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { PlatformMessageNotDispatchedError } from "openclaw/plugin-sdk/error-runtime";
import { buildOutboundMediaLoadOptions } from "openclaw/plugin-sdk/media-runtime";
import { saveMediaBuffer } from "openclaw/plugin-sdk/media-store";
import { loadWebMediaRaw } from "openclaw/plugin-sdk/web-media";

import { errorText } from "../status/failures.js";
import { MEDIA_TIMEOUT_MS } from "../limits.js";
import { mediaMaxBytes } from "../config/media-limit.js";
import { kindOf, type MediaKind } from "../media-kinds.js";
import { connectedClient, sendMedia, type Sent } from "./send.js";

export interface OutboundFile {
  path: string;
  contentType?: string;
  name?: string;
  /** Removes the copy. */
  discard(): Promise<void>;
}

export interface FileRequest {
  cfg: OpenClawConfig;
  accountId: string | null | undefined;
  /** A path, a `file:` address, or an http(s) address. */
  source: string;
  /** Where the host lets this agent read, and how; the host's own fields. */
  access: Pick<ChannelOutboundContext, "mediaAccess" | "mediaLocalRoots" | "mediaReadFile">;
}

/** Every rejection says that nothing was dispatched: nobody has been sent anything yet. */
export async function localCopy(request: FileRequest): Promise<OutboundFile> {
  const { cfg, accountId, source } = request;
  try {
    const maxBytes = mediaMaxBytes(cfg, accountId ?? "");
    return /^https?:\/\//i.test(source) ? await fetched(request, maxBytes) : await copied(request, maxBytes);
  } catch (error) {
    if (error instanceof PlatformMessageNotDispatchedError) throw error;
    const cause = error instanceof Error ? error : new Error(errorText(error));
    throw new PlatformMessageNotDispatchedError(cause.message, { cause, retryable: retryable(error) });
  }
}

async function fetched({ cfg, accountId, source }: FileRequest, maxBytes: number): Promise<OutboundFile> {
  // The agent or the host chose the address, not a stranger.
  const options = { maxBytes, timeoutMs: MEDIA_TIMEOUT_MS, sources: "any" } as const;
  const file = await connectedClient({ cfg, accountId }).download(source, options);
  return outbound(file.path, file.contentType, file.name);
}

async function copied({ source, access }: FileRequest, maxBytes: number): Promise<OutboundFile> {
  const { mediaAccess, mediaLocalRoots, mediaReadFile } = access;
  const media = await loadWebMediaRaw(
    source,
    buildOutboundMediaLoadOptions({
      maxBytes,
      ...(mediaAccess ? { mediaAccess } : {}),
      ...(mediaLocalRoots ? { mediaLocalRoots } : {}),
      ...(mediaReadFile ? { mediaReadFile } : {}),
    }),
  );
  const saved = await saveMediaBuffer(media.buffer, media.contentType, "outbound", maxBytes, media.fileName);
  return outbound(saved.path, saved.contentType ?? media.contentType, media.fileName);
}

function outbound(path: string, contentType?: string | null, name?: string | null): OutboundFile {
  return {
    path,
    ...(contentType ? { contentType } : {}),
    ...(name ? { name } : {}),
    discard: () => rm(path, { force: true }),
  };
}

function retryable(error: unknown): boolean {
  return typeof error === "object" && error !== null && (error as { retryable?: unknown }).retryable === true;
}

/** Sends the file at a path or an address, as a kind that the receivers' clients show. */
export async function sendFile(request: FileRequest & SendFile): Promise<Sent> {
  const { cfg, accountId, to, asFile, signal, clientMsgID } = request;
  const file = await localCopy(request);
  try {
    signal?.throwIfAborted();
    await request.beforeSend?.();
    const kind = request.kind ?? kindOf(file.contentType, asFile);
    const name = request.name ?? file.name;
    return await sendMedia({ cfg, to, accountId, path: file.path, kind, name, clientMsgID });
  } finally {
    await file.discard();
  }
}

interface SendFile {
  to: string;
  /** Left out, what the content says. */
  kind?: MediaKind;
  asFile?: boolean;
  name?: string | undefined;
  /** The id the message is to have; left out, a new one. */
  clientMsgID?: string | undefined;
  signal?: AbortSignal | undefined;
  /** The host's last check before anything is sent. */
  beforeSend?: () => Promise<void>;
}

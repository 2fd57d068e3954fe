// The kinds of files: what OpenIM and the host call them, and which kind a content type is of. Pure.

import type { MessageMedia } from "multi-openim-channel";

/** How a sent file is shown. */
export type MediaKind = "image" | "voice" | "video" | "file";

/** A received file's kind in the host's words. */
export const HOST_KINDS = { image: "image", audio: "audio", video: "video", file: "document" } as const;

/** A received file's kind in words for the agent. */
export const KIND_WORDS = { image: "picture", audio: "voice message", video: "video", file: "file" } as const;

/** Pictures that every OpenIM client shows; others go as files. */
const PICTURES = /^image\/(jpeg|png|gif|webp|bmp)$/;

/** The kind as which a file is sent, by its content type; `asFile` is the sender's wish. */
export function kindOf(contentType: string | undefined, asFile = false): MediaKind {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (asFile) return "file";
  if (PICTURES.test(type)) return "image";
  if (type.startsWith("video/")) return "video";
  return type.startsWith("audio/") ? "voice" : "file";
}

/** The content type of a received file of this kind: a voice message in a video container is still audio. */
export function contentTypeAs(kind: MessageMedia["kind"], contentType: string | undefined): string | undefined {
  return kind === "audio" ? contentType?.replace(/^video\//, "audio/") : contentType;
}

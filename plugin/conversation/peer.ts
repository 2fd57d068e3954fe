// Names the peer of a conversation for the host's session keys. The host folds capitals and knows nothing of servers, so the
// peer spells every id differently and, except on the home server, names the server (docs/decisions/0080). Pure.

/** A peer that names its server begins with this, a tag and a dot. An escape is `~` and two digits, so none looks like it. */
const SCOPE = "~s";
const SCOPED = /^~s([0-9a-f]{16})\./;
const KEPT_ASCII = /[a-z0-9_.@-]/;
const KEPT_OTHER = /[\p{L}\p{N}\p{M}]/u;

/** The peer of an id; `tag` is that of its server, left out on the home server. */
export function peerId(id: string, tag?: string): string {
  return `${tag === undefined ? "" : `${SCOPE}${tag}.`}${[...id].map(encoded).join("")}`;
}

/** The id that a peer stands for; null when the peer is none of ours. */
export function idOfPeer(peer: string): string | null {
  const bytes = peer.replace(SCOPED, "");
  if (/~(?![0-9a-f]{2})/.test(bytes)) return null;
  const id = Buffer.concat(
    bytes.split(/(~[0-9a-f]{2})/).map((part) => Buffer.from(...(part.startsWith("~") ? hex(part) : utf8(part)))),
  ).toString();
  return id === "" || id.includes("\ufffd") ? null : id;
}

/** Escaped are capitals of every script, and signs that could mean something in a session key. */
function encoded(char: string): string {
  const isKept = char < "\u0080" ? KEPT_ASCII.test(char) : KEPT_OTHER.test(char) && char === char.toLowerCase();
  if (isKept) return char;
  return [...Buffer.from(char)].map((byte) => `~${byte.toString(16).padStart(2, "0")}`).join("");
}

const hex = (part: string): [string, BufferEncoding] => [part.slice(1), "hex"];
const utf8 = (part: string): [string, BufferEncoding] => [part, "utf8"];

// Tells the servers of the accounts apart. Two spellings of one address count as one server, with http and https. Pure.

import { createHash } from "node:crypto";

import { accountBlock, listAccountIds } from "./account.js";
import { readOwn } from "./options.js";

/** Hexadecimal digits of a tag: nobody finds an address whose tag is another server's. */
const TAG_DIGITS = 16;

/** The tag of an account's server: the same for every account on it. Undefined without an address. */
export function serverTag(cfg: unknown, accountId: string | null | undefined): string | undefined {
  const address = readOwn("apiAddr", accountBlock(cfg, accountId) ?? {});
  return address === undefined ? undefined : tagOf(address);
}

/** The tags of all servers in the configuration, also of accounts that are switched off. */
export function serverTags(cfg: unknown): Set<string> {
  const tags = listAccountIds(cfg).map((id) => serverTag(cfg, id));
  return new Set(tags.filter((tag) => tag !== undefined));
}

/** Whether an id alone may mean several people. */
export function hasSeveralServers(cfg: unknown): boolean {
  return serverTags(cfg).size > 1;
}

function tagOf(address: string): string {
  return createHash("sha256").update(canonical(address)).digest("hex").slice(0, TAG_DIGITS);
}

/** Host, port and path of an address. One that cannot be read is a server of its own. */
export function canonical(address: string): string {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return address.trim();
  }
  const port = url.port || (url.protocol === "https:" || url.protocol === "wss:" ? "443" : "80");
  const host = url.hostname.replace(/\.$/, "");
  return `${host}:${port}${url.pathname.replace(/\/+$/, "")}`;
}

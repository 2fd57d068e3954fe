// Reads the host's lists of privileged users (command owners, who may give commands, elevated tools) for one account. These
// lists are common to all accounts, so with several servers an entry has to name its account: `<account>/<id>`. Pure.

import { storedAccountId } from "./account.js";
import { asBlock } from "./option-types.js";
import { hasSeveralServers } from "./servers.js";
import { normalizeUserEntry, withoutChannelPrefix } from "./targets.js";
import { CHANNEL_ID } from "../names.js";

interface Formatting {
  cfg: unknown;
  accountId?: string | null | undefined;
  allowFrom: readonly (string | number)[];
}

/** An entry of one of these lists. */
interface PrivilegedEntry {
  /** Where the entry is in the configuration. */
  path: string;
  /** The account it names; undefined for a bare id. */
  account: string | undefined;
  id: string;
}

/**
 * The ids that entries mean for one account. The host formats the sender of a message in the same way and compares the two. An
 * entry that does not name this account becomes a text that equals nothing: left out, it would leave an empty list, and an
 * empty list of owners makes an owner of everybody.
 */
export function formatAllowFrom({ cfg, accountId, allowFrom }: Formatting): string[] {
  const texts = allowFrom.map((entry) => String(entry).trim()).filter(Boolean);
  const ambiguous = new Set(ambiguousEntries(cfg).map(({ id }) => id));
  return texts.map((text) => {
    const { account, id } = readEntry(text);
    if (account === undefined) return ambiguous.has(id) ? nobody(id) : id;
    return isSameAccount(cfg, account, accountId) ? id : nobody(text);
  });
}

/** The entries that name no account although several servers may have such a user. */
export function ambiguousEntries(cfg: unknown): PrivilegedEntry[] {
  if (!hasSeveralServers(cfg)) return [];
  return privilegedEntries(cfg).filter(({ account, id }) => account === undefined && id !== "*");
}

/** The entries of this channel in all of the host's lists. */
export function privilegedEntries(cfg: unknown): PrivilegedEntry[] {
  const commands = asBlock(asBlock(cfg)["commands"]);
  const allowFrom = asBlock(commands["allowFrom"]);
  return [
    ...entriesIn(commands["ownerAllowFrom"], "commands.ownerAllowFrom"),
    ...entriesIn(allowFrom["*"], 'commands.allowFrom["*"]'),
    ...entriesIn(allowFrom[CHANNEL_ID], `commands.allowFrom["${CHANNEL_ID}"]`),
    ...elevatedLists(cfg).flatMap(({ list, path }) => entriesIn(list, path)),
  ];
}

function elevatedLists(cfg: unknown): { list: unknown; path: string }[] {
  const agents = asBlock(asBlock(cfg)["agents"]);
  const roster = Array.isArray(agents["list"]) ? agents["list"] : Object.values(asBlock(agents["entries"]));
  return [asBlock(cfg), ...roster.map(asBlock)].map((owner, index) => {
    const elevated = asBlock(asBlock(owner["tools"])["elevated"]);
    const path = `${index === 0 ? "" : "agents.*."}tools.elevated.allowFrom["${CHANNEL_ID}"]`;
    return { list: asBlock(elevated["allowFrom"])[CHANNEL_ID], path };
  });
}

function entriesIn(list: unknown, path: string): PrivilegedEntry[] {
  if (!Array.isArray(list)) return [];
  const texts = list.map((entry) => (typeof entry === "number" ? String(entry) : entry));
  return texts
    .filter((entry): entry is string => typeof entry === "string" && entry.trim() !== "")
    .filter((entry) => !isOfAnotherChannel(entry))
    .map((entry) => ({ path, ...readEntry(entry.trim()) }));
}

/** `telegram:123` is not ours; a bare id may be anybody's, so it counts as ours too. */
function isOfAnotherChannel(entry: string): boolean {
  const bare = withoutChannelPrefix(entry.trim());
  return bare === entry.trim() && /^[^:/]+:/.test(bare) && !/^user:/i.test(bare);
}

/** `alice`, `user:alice` or `<account>/alice`, each with or without a prefix of the channel. */
function readEntry(text: string): { account: string | undefined; id: string } {
  const bare = withoutChannelPrefix(text);
  const slash = bare.lastIndexOf("/");
  if (slash <= 0) return { account: undefined, id: normalizeUserEntry(text) };
  return { account: bare.slice(0, slash).trim(), id: normalizeUserEntry(bare.slice(slash + 1)) };
}

function isSameAccount(cfg: unknown, named: string, accountId: string | null | undefined): boolean {
  const account = storedAccountId(cfg, named);
  return account !== undefined && account === storedAccountId(cfg, accountId);
}

let nobodies = 0;

/** A text that equals no other: it contains a colon, as no clean id does, and a number that is never used again. */
function nobody(entry: string): string {
  nobodies += 1;
  return `nobody:${nobodies}:${entry}`;
}

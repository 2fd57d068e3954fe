// Reads the channel block of the host's configuration leniently: one broken account never hides another.

import { CHANNEL_ID } from "../names.js";
import type { AccountPolicyOptions, DmPolicy, GroupPolicy, PolicyOptions } from "./policy.js";

export type Block = Record<string, unknown>;

const DM_POLICIES: readonly string[] = ["pairing", "allowlist", "open", "disabled"] satisfies DmPolicy[];
const GROUP_POLICIES: readonly string[] = ["allowlist", "open", "disabled"] satisfies GroupPolicy[];

/** `channels.multi-openim`, or an empty block. */
export function channelBlock(cfg: unknown): Block {
  return asBlock(asBlock(asBlock(cfg)["channels"])[CHANNEL_ID]);
}

/** The account blocks by the names the operator gave them. Names with nothing but blanks do not count. */
export function accountBlocks(cfg: unknown): Map<string, Block> {
  const accounts = Object.entries(asBlock(channelBlock(cfg)["accounts"]));
  return new Map(
    accounts.filter(([id, block]) => id.trim() && isBlock(block)).map(([id, block]) => [id, asBlock(block)]),
  );
}

/** The host's default group policy for all channels, if the operator set one. */
export function hostGroupPolicy(cfg: unknown): GroupPolicy | undefined {
  return oneOf<GroupPolicy>(asBlock(asBlock(asBlock(cfg)["channels"])["defaults"])["groupPolicy"], GROUP_POLICIES);
}

export function readPolicyOptions(block: Block): PolicyOptions {
  const dmPolicy = oneOf<DmPolicy>(block["dmPolicy"], DM_POLICIES);
  const groupPolicy = oneOf<GroupPolicy>(block["groupPolicy"], GROUP_POLICIES);
  const allowFrom = readIds(block["allowFrom"]);
  const groupAllowFrom = readIds(block["groupAllowFrom"]);
  return {
    ...(dmPolicy ? { dmPolicy } : {}),
    ...(groupPolicy ? { groupPolicy } : {}),
    ...(allowFrom ? { allowFrom } : {}),
    ...(groupAllowFrom ? { groupAllowFrom } : {}),
  };
}

export function readAccountPolicyOptions(block: Block): AccountPolicyOptions {
  return { ...readPolicyOptions(block), inboundWhitelist: readIds(block["inboundWhitelist"]) ?? [] };
}

/** What an account does with messages from while it was away. */
export type OfflineMode = "answer" | "context" | "ignore";

const OFFLINE_MODES: readonly string[] = ["answer", "context", "ignore"] satisfies OfflineMode[];

/** An account's `offline.mode`, else the channel's, else the default. */
export function readOfflineMode(account: Block, channel: Block): OfflineMode {
  const mode = (block: Block) => oneOf<OfflineMode>(asBlock(block["offline"])["mode"], OFFLINE_MODES);
  return mode(account) ?? mode(channel) ?? "answer";
}

/** What of others the agent may read beside a message; the host's own option. */
export type ContextVisibility = "all" | "allowlist" | "allowlist_quote";

const VISIBILITIES: readonly string[] = ["all", "allowlist", "allowlist_quote"] satisfies ContextVisibility[];

/** An account's `contextVisibility`, else the channel's, else the host's default for all channels. */
export function readContextVisibility(account: Block, channel: Block, cfg: unknown): ContextVisibility {
  const defaults = asBlock(asBlock(asBlock(cfg)["channels"])["defaults"]);
  const read = (block: Block) => oneOf<ContextVisibility>(block["contextVisibility"], VISIBILITIES);
  return read(account) ?? read(channel) ?? read(defaults) ?? "all";
}

/** A number above 0, or undefined where there is none. */
export function readPositive(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 ? value : undefined;
}

/** A trimmed string, or undefined where there is none. */
export function readText(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() ? value.trim() : undefined;
}

export function readFlag(value: unknown, fallback: boolean): boolean {
  return typeof value === "boolean" ? value : fallback;
}

export function isBlock(value: unknown): value is Block {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asBlock(value: unknown): Block {
  return isBlock(value) ? value : {};
}

function oneOf<T extends string>(value: unknown, allowed: readonly string[]): T | undefined {
  return typeof value === "string" && allowed.includes(value) ? (value as T) : undefined;
}

function readIds(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const ids = value.filter((item) => typeof item === "string" || typeof item === "number");
  return ids.map((item) => String(item).trim()).filter((id) => id.length > 0);
}

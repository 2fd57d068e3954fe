// What `openclaw security audit` says about this channel: who can pass for whom, and who can reach what.

import { resolveAgentRoute } from "openclaw/plugin-sdk/routing";
import type { ChannelPlugin, OpenClawConfig } from "openclaw/plugin-sdk/channel-core";

import { type Account, accountPath, listAccountIds, resolveAccount } from "../config/account.js";
import { ambiguousEntries } from "../config/privileges.js";
import { serverTag } from "../config/servers.js";
import { CHANNEL_ID } from "../names.js";
import { serverTrust } from "./server-trust.js";

type Collect = NonNullable<NonNullable<ChannelPlugin<Account>["security"]>["collectAuditFindings"]>;
export type Finding = Awaited<ReturnType<Collect>>[number];

const check = (name: string): string => `channels.${CHANNEL_ID}.${name}`;

/** The findings about the channel as a whole. */
export function channelFindings(cfg: OpenClawConfig): Finding[] {
  return [...privilegeFindings(cfg), ...sharedAgentFindings(cfg)];
}

/** The findings about one account. */
export function accountFindings(account: Account): Finding[] {
  return account.enabled ? [...senderFindings(account), ...groupFindings(account)] : [];
}

function privilegeFindings(cfg: OpenClawConfig): Finding[] {
  return ambiguousEntries(cfg).map(({ path, id }) => ({
    checkId: check("privileges.no_account"),
    severity: "critical",
    title: "A privileged OpenIM user is named without an account",
    detail:
      `The accounts are on several servers, and on each of them somebody may be called "${id}". ` +
      `In this channel the entry in ${path} therefore matches nobody.`,
    remediation: `Name the account: "${CHANNEL_ID}:<account>/${id}", with an account of ${accountNames(cfg)}.`,
  }));
}

function sharedAgentFindings(cfg: OpenClawConfig): Finding[] {
  const servers = new Map<string, Map<string, string[]>>();
  for (const accountId of listAccountIds(cfg).filter((id) => resolveAccount(cfg, id).enabled)) {
    const [agent, tag] = [agentOf(cfg, accountId), serverTag(cfg, accountId)];
    if (agent === undefined || tag === undefined) continue;
    const byServer = servers.get(agent) ?? new Map<string, string[]>();
    servers.set(agent, byServer.set(tag, [...(byServer.get(tag) ?? []), accountId]));
  }
  return [...servers]
    .filter(([, byServer]) => byServer.size > 1)
    .map(([agent, byServer]) => ({
      checkId: check("servers.shared_agent"),
      severity: "warn",
      title: "People of several OpenIM servers reach one agent",
      detail:
        `Agent "${agent}" answers for accounts on ${byServer.size} servers: ` +
        `${[...byServer.values()].flat().join(", ")}. They share its workspace, its memory and, with session.dmScope ` +
        `"main", its direct conversations.`,
      remediation:
        "Bind the accounts of each server to an agent of their own with bindings[].match.accountId, " +
        'or set session.dmScope to "per-account-channel-peer".',
    }));
}

function agentOf(cfg: OpenClawConfig, accountId: string): string | undefined {
  try {
    return resolveAgentRoute({ cfg, channel: CHANNEL_ID, accountId }).agentId;
  } catch {
    // The host has no agent for the account; it says so itself.
    return undefined;
  }
}

function senderFindings({ accountId }: Account): Finding[] {
  if (serverTrust(accountId)?.senderVerified !== false) return [];
  return [
    {
      checkId: check("sender.unverified"),
      severity: "critical",
      title: "Everybody on the OpenIM server can write as anybody",
      detail:
        `The server of account "${accountId}" does not check who a message says it is from. ` +
        "Pairing, allow-lists and command owners protect from nobody who has an account there.",
      remediation: "Update the OpenIM server, or let nobody on it whom you do not trust.",
    },
  ];
}

function groupFindings({ accountId, access, requireMention }: Account): Finding[] {
  if (access.groupPolicy !== "open" || requireMention) return [];
  const path = accountPath(accountId);
  return [
    {
      checkId: check("groups.open_without_mention"),
      severity: "warn",
      title: "Every message of every group starts a turn",
      detail:
        `Account "${accountId}" has groupPolicy "open" and requireMention false. ` +
        "OpenIM adds an account to a group without asking it, so anybody can start turns, and two bots can answer each other without end.",
      remediation: `Set ${path}.requireMention to true, or ${path}.groupPolicy to "allowlist".`,
    },
  ];
}

function accountNames(cfg: unknown): string {
  return listAccountIds(cfg).join(", ");
}

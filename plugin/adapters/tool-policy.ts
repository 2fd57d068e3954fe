// Decides by which account, and to whom, a tool of this plugin may send for one run of an agent. The host's settings for its own
// message tool hold here as well.

import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { resolveAgentConfig } from "openclaw/plugin-sdk/agent-scope-runtime";
import type { OpenClawPluginToolContext } from "openclaw/plugin-sdk/plugin-entry";
import { normalizeAgentId } from "openclaw/plugin-sdk/routing";

import { listAccountIds, storedAccountId } from "../config/account.js";
import { asBlock, type Block } from "../config/option-types.js";
import { normalizeTarget } from "../config/targets.js";
import { CHANNEL_ID } from "../names.js";

/** The facts of a run that decide. */
export type ToolRun = Pick<
  OpenClawPluginToolContext,
  "agentId" | "messageChannel" | "agentAccountId" | "deliveryContext" | "senderIsOwner"
>;

/** All of these tools do what the host calls by this name. */
const ACTION = "send";

/** The account that a tool sends by. Throws when this run may not use the account it names. */
export function sendingAccount(run: ToolRun, cfg: OpenClawConfig, given: unknown): string {
  const own = ownAccount(run, cfg);
  const asked = typeof given === "string" ? given.trim() : "";
  if (!asked && own === undefined) throw new Error("accountId is required (no default fallback)");
  const account = asked ? storedAccountId(cfg, asked) : own;
  // An unknown account has no connection; sending says so.
  if (account === undefined || account === own || mayUse(run, cfg, account)) return account ?? asked;
  throw new Error(
    `account "${account}" is not the one this run belongs to: only the owner may ask for it, ` +
      `or an agent that bindings[].match.accountId binds to it`,
  );
}

/** Throws when the host's settings keep this run from sending there. */
export function checkMessagePolicy(run: ToolRun, cfg: OpenClawConfig, way: { accountId: string; to: string }): void {
  const { allow, crossContext } = messageSettings(cfg, run.agentId);
  if (allow.length > 0 && !allow.includes(ACTION)) {
    throw new Error(`tools.message.actions.allow does not allow "${ACTION}" for this agent`);
  }
  const provider = providerOf(run);
  if (provider === undefined) return;
  if (provider !== CHANNEL_ID) {
    if (crossContext["allowAcrossProviders"] !== false) return;
    throw new Error(
      `tools.message.crossContext.allowAcrossProviders keeps a run of ${provider} from sending over OpenIM`,
    );
  }
  if (crossContext["allowWithinProvider"] !== false || isSameConversation(run, cfg, way)) return;
  throw new Error("tools.message.crossContext.allowWithinProvider keeps this run from sending to another conversation");
}

function isSameConversation(run: ToolRun, cfg: OpenClawConfig, { accountId, to }: { accountId: string; to: string }) {
  const here = normalizeTarget(run.deliveryContext?.to ?? "");
  return here !== undefined && here === to && ownAccount(run, cfg) === accountId;
}

/** The account by which the message came that the run answers. */
function ownAccount(run: ToolRun, cfg: OpenClawConfig): string | undefined {
  if (providerOf(run) !== CHANNEL_ID) return undefined;
  return storedAccountId(cfg, run.agentAccountId ?? run.deliveryContext?.accountId);
}

function providerOf({ messageChannel, deliveryContext }: ToolRun): string | undefined {
  return (messageChannel ?? deliveryContext?.channel)?.trim().toLowerCase() || undefined;
}

/** With a single account there is no other one to be kept from. */
function mayUse(run: ToolRun, cfg: OpenClawConfig, account: string): boolean {
  return run.senderIsOwner === true || listAccountIds(cfg).length === 1 || isBound(run.agentId, cfg, account);
}

/** A binding names the account itself, and the whole of it. */
function isBound(agentId: string | undefined, cfg: OpenClawConfig, account: string): boolean {
  if (!agentId) return false;
  const bindings: unknown[] = Array.isArray(cfg.bindings) ? cfg.bindings : [];
  return bindings.map(asBlock).some(({ agentId: bound, match }) => {
    const { channel, accountId, peer } = asBlock(match);
    return (
      typeof bound === "string" &&
      normalizeAgentId(bound) === normalizeAgentId(agentId) &&
      channel === CHANNEL_ID &&
      typeof accountId === "string" &&
      accountId.trim() !== "*" &&
      peer === undefined &&
      storedAccountId(cfg, accountId) === account
    );
  });
}

/** The settings of `tools.message`; those of the agent come first. */
function messageSettings(cfg: OpenClawConfig, agentId: string | undefined): { allow: unknown[]; crossContext: Block } {
  const common = asBlock(asBlock(cfg.tools)["message"]);
  const own = agentId ? asBlock(asBlock(asBlock(resolveAgentConfig(cfg, agentId))["tools"])["message"]) : {};
  const { allow } = { ...asBlock(common["actions"]), ...asBlock(own["actions"]) };
  return {
    allow: Array.isArray(allow) ? allow.filter((action) => typeof action === "string" && action.trim() !== "") : [],
    crossContext: { ...asBlock(common["crossContext"]), ...asBlock(own["crossContext"]) },
  };
}

// The four tools with which an agent sends files and texts by its account; an operator has to allow them (they are optional). The
// host evaluates the plugin anew for tools; they send through the evaluation that runs the account.

import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { getAgentScopedMediaLocalRoots } from "openclaw/plugin-sdk/media-local-roots";
import type { AnyAgentTool, OpenClawPluginToolContext } from "openclaw/plugin-sdk/plugin-entry";

import { CHANNEL_ID } from "../names.js";
import type { MediaKind } from "../media-kinds.js";
import { sendText, type Sent } from "../outbound/send.js";
import { normalizeTarget } from "../config/targets.js";
import { checkMessagePolicy, sendingAccount } from "./tool-policy.js";

export const TOOL_NAMES = [
  "multi_openim_send_text",
  "multi_openim_send_image",
  "multi_openim_send_video",
  "multi_openim_send_file",
] as const;

type Params = Record<string, unknown>;

const ACCOUNT = {
  type: "string",
  description:
    "The account the message leaves by, as named under channels.multi-openim.accounts. Left out, the account this conversation belongs to.",
};
const TO = { type: "string", description: "Who gets it: user:<id> or group:<id>." };

function schema(properties: Record<string, unknown>, required: string[]) {
  return {
    type: "object",
    additionalProperties: false,
    properties: { accountId: ACCOUNT, to: TO, ...properties },
    required: ["to", ...required],
  };
}

function source(what: string) {
  return { type: "string", description: `Path of ${what} this agent may read, or its http(s) address.` };
}

const NAME = { type: "string", description: "File name the receiver sees. Left out, the file's own." };

/** The tools for one run of an agent. */
export function createTools(context: OpenClawPluginToolContext): AnyAgentTool[] {
  return [
    tool(context, {
      name: "multi_openim_send_text",
      label: "OpenIM: send text",
      description: "Send a text message over OpenIM to a user or a group.",
      parameters: schema({ text: { type: "string", description: "What to send." } }, ["text"]),
      send: ({ cfg, to, accountId, params }) => sendText({ cfg, to, accountId, text: text(params, "text") }),
    }),
    fileTool(context, "image", "picture", "multi_openim_send_image", { image: source("a picture") }),
    fileTool(context, "video", "video", "multi_openim_send_video", { video: source("a video") }),
    fileTool(context, "file", "file", "multi_openim_send_file", { file: source("a file"), name: NAME }),
  ];
}

interface Sending {
  cfg: OpenClawConfig;
  to: string;
  accountId: string;
  params: Params;
  signal: AbortSignal | undefined;
}

interface Definition {
  name: (typeof TOOL_NAMES)[number];
  label: string;
  description: string;
  parameters: object;
  send(sending: Sending): Promise<Sent>;
}

function fileTool(
  context: OpenClawPluginToolContext,
  kind: MediaKind,
  word: string,
  name: Definition["name"],
  properties: Record<string, unknown>,
): AnyAgentTool {
  const [key = "file"] = Object.keys(properties);
  return tool(context, {
    name,
    label: `OpenIM: send ${word}`,
    description: `Send a ${word} over OpenIM to a user or a group.`,
    parameters: schema(properties, [key]),
    send: async ({ cfg, to, accountId, params, signal }) => {
      const path = text(params, key);
      const { sendFile } = await import("../outbound/media.js");
      const fileName = typeof params["name"] === "string" && params["name"].trim() ? params["name"].trim() : undefined;
      return sendFile({
        cfg,
        to,
        accountId,
        kind,
        source: path,
        name: fileName,
        signal,
        access: { mediaLocalRoots: roots(context, cfg) },
        beforeSend: async () => context.assertInvocationCurrent?.(),
      });
    },
  });
}

/** The folders that the host lets this agent read; the agent's own words never widen them. */
function roots(
  { agentId, workspaceDir, sandboxed }: OpenClawPluginToolContext,
  cfg: OpenClawConfig,
): readonly string[] {
  return getAgentScopedMediaLocalRoots(cfg, agentId, sandboxed ? workspaceDir : undefined);
}

function tool(context: OpenClawPluginToolContext, definition: Definition): AnyAgentTool {
  const { send, ...rest } = definition;
  return {
    ...rest,
    parameters: definition.parameters as AnyAgentTool["parameters"],
    execute: async (_id: string, given: unknown, signal?: AbortSignal) => {
      const params = (given ?? {}) as Params;
      const to = normalizeTarget(typeof params["to"] === "string" ? params["to"] : "");
      if (!to) throw new Error("invalid target, expected user:<id> or group:<id>");
      const cfg = context.getRuntimeConfig?.() ?? context.runtimeConfig ?? context.config ?? {};
      const accountId = sendingAccount(context, cfg, params["accountId"]);
      checkMessagePolicy(context, cfg, { accountId, to });
      context.assertInvocationCurrent?.();
      const { messageId } = await send({ cfg, to, accountId, params, signal });
      const details = { ok: true, provider: CHANNEL_ID, messageId };
      return { content: [{ type: "text" as const, text: JSON.stringify(details) }], details };
    },
  };
}

function text(params: Params, key: string): string {
  const value = params[key];
  if (typeof value !== "string" || !value.trim()) throw new Error(`${key} is missing`);
  return value;
}

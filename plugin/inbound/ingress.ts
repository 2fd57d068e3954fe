// Asks the host whether a message may trigger a turn. The host decides; this file only gathers the facts.

import { defineStableChannelIngressIdentity } from "openclaw/plugin-sdk/channel-ingress-runtime";
import type { ResolvedChannelMessageIngress } from "openclaw/plugin-sdk/channel-ingress-runtime";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";

import type { Message } from "multi-openim-channel";
import type { Account } from "../config/account.js";
import type { Conversation } from "../conversation/conversation.js";
import type { ChannelRuntime } from "../host.js";
import { mentionSignal } from "../conversation/mention.js";
import { CHANNEL_ID } from "../names.js";
import { normalizeUserEntry } from "../config/targets.js";

/** A user id of the server: the only thing that decides who someone is. */
export const identity = defineStableChannelIngressIdentity({
  key: "openim-user-id",
  normalizeEntry: (entry) => normalizeUserEntry(entry) || null,
  normalizeSubject: (id) => id.trim() || null,
  sensitivity: "pii",
  // The server stamps the sender of a message from its login, not from what the client wrote.
  authentication: "asserted",
});

export interface IngressQuestion {
  runtime: ChannelRuntime;
  cfg: OpenClawConfig;
  account: Account;
  message: Message;
  conversation: Conversation;
  route: { agentId: string; sessionKey: string };
  /** The text without a mention of the bot. */
  text: string;
  /** The message answers one of the bot's own. */
  quotesSelf: boolean;
}

export interface IngressAnswer {
  ingress: ResolvedChannelMessageIngress;
  wasMentioned: boolean;
  hasControlCommand: boolean;
}

export async function askIngress(question: IngressQuestion): Promise<IngressAnswer> {
  const { runtime, cfg, account, message, conversation, route, text, quotesSelf } = question;
  const { access } = account;
  const isGroup = conversation.kind === "group";
  const hasControlCommand = runtime.text.hasControlCommand(text, cfg);
  const allowTextCommands = runtime.commands.shouldHandleTextCommands({
    cfg,
    surface: CHANNEL_ID,
    commandSource: "text",
  });
  const signal = mentionSignal(message);
  const wasMentioned = isGroup && isMentioned(question, signal);
  const ingress = await runtime.inbound.ingress.resolve({
    channelId: CHANNEL_ID,
    accountId: account.accountId,
    identity,
    subject: { stableId: message.sendID },
    conversation: { kind: conversation.kind, id: conversation.peerId },
    contextBinding: {
      agentId: route.agentId,
      sessionKey: route.sessionKey,
      messageId: message.clientMsgID,
      inboundEventKind: "user_request",
    },
    event: { kind: "message", authMode: "inbound", mayPair: !isGroup },
    policy: {
      dmPolicy: access.dmPolicy,
      groupPolicy: access.groupPolicy,
      // resolveAccess has already applied the fallback.
      groupAllowFromFallbackToAllowFrom: false,
      ...(isGroup ? { activation: { requireMention: account.requireMention, allowTextCommands } } : {}),
    },
    ...(isGroup
      ? {
          mentionFacts: {
            canDetectMention: true,
            wasMentioned,
            hasAnyMention: signal.hasAnyMention,
            implicitMentionKinds: quotesSelf ? ["quoted_bot"] : [],
          },
        }
      : {}),
    allowFrom: access.allowFrom,
    groupAllowFrom: access.groupAllowFrom,
    ...(cfg.accessGroups ? { accessGroups: cfg.accessGroups } : {}),
    useDefaultPairingStore: access.dmPolicy === "pairing",
    command: { allowTextCommands, hasControlCommand },
  });
  return { ingress, wasMentioned, hasControlCommand };
}

function isMentioned(question: IngressQuestion, explicit: ReturnType<typeof mentionSignal>): boolean {
  const { runtime, cfg, route, conversation, message } = question;
  const mentionRegexes = runtime.mentions.buildMentionRegexes(cfg, route.agentId, {
    provider: CHANNEL_ID,
    conversationId: conversation.peerId,
  });
  return runtime.mentions.matchesMentionWithExplicit({ text: message.text, mentionRegexes, explicit });
}

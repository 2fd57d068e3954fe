// Asks the host whether a message may trigger a turn. The host decides; this file only gathers the facts.

import {
  defineStableChannelIngressIdentity,
  resolveChannelImplicitMentions,
} from "openclaw/plugin-sdk/channel-ingress-runtime";
import type { ResolvedChannelMessageIngress } from "openclaw/plugin-sdk/channel-ingress-runtime";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";

import type { Message } from "multi-openim-channel";
import type { Account } from "../config/account.js";
import type { Conversation } from "../conversation/conversation.js";
import type { ChannelRuntime } from "../host.js";
import { mentionSignal } from "../conversation/mention.js";
import { CHANNEL_ID } from "../names.js";
import { isCleanUserId } from "../conversation/ids.js";
import { normalizeUserEntry } from "../config/targets.js";

/** A user id of the server: the only thing that decides who someone is. Compared byte for byte. */
export const identity = defineStableChannelIngressIdentity({
  key: "openim-user-id",
  normalizeEntry: (entry) => normalizeUserEntry(entry) || null,
  normalizeSubject: (id) => (isCleanUserId(id) ? id : null),
  sensitivity: "pii",
  // The server says who wrote a message. Older servers do not check it (the status says so: senderVerified).
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
  selfId: string;
  /** The message answers one of the bot's own. */
  quotesSelf: boolean;
}

export interface IngressAnswer {
  ingress: ResolvedChannelMessageIngress;
  wasMentioned: boolean;
  hasControlCommand: boolean;
}

export async function askIngress(question: IngressQuestion): Promise<IngressAnswer> {
  const { runtime, cfg, account, message, conversation, route, text, selfId, quotesSelf } = question;
  const { access } = account;
  const isGroup = conversation.kind === "group";
  const hasControlCommand = runtime.text.hasControlCommand(text, cfg);
  const allowTextCommands = runtime.commands.shouldHandleTextCommands({
    cfg,
    surface: CHANNEL_ID,
    commandSource: "text",
  });
  const signal = mentionSignal(message, { selfId, respondToMentionAll: account.respondToMentionAll });
  const implicitMentions = resolveChannelImplicitMentions({
    cfg,
    channel: CHANNEL_ID,
    accountId: account.accountId,
  });
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
      ...(isGroup
        ? { activation: { requireMention: account.requireMention, implicitMentions, allowTextCommands } }
        : {}),
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

/** Whether nothing but a missing mention can keep the message from a turn. */
export function isForMentionOnly({ ingress }: IngressAnswer): boolean {
  const { admission, reasonCode } = ingress.ingress;
  return admission === "dispatch" || reasonCode === "activation_skipped";
}

function isMentioned(question: IngressQuestion, explicit: ReturnType<typeof mentionSignal>): boolean {
  const { runtime, cfg, route, conversation, message } = question;
  const mentionRegexes = runtime.mentions.buildMentionRegexes(cfg, route.agentId, {
    provider: CHANNEL_ID,
    conversationId: conversation.peerId,
  });
  return runtime.mentions.matchesMentionWithExplicit({ text: message.text, mentionRegexes, explicit });
}

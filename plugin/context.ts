// Builds the host's context of one admitted message.

import type { ResolvedChannelMessageIngress } from "openclaw/plugin-sdk/channel-ingress-runtime";
import type { HistoryEntry } from "openclaw/plugin-sdk/reply-history";

import type { NativeMessage } from "./addon.js";
import type { Account } from "./config.js";
import { type Conversation, displayName } from "./conversation.js";
import type { ChannelRuntime } from "./host.js";
import { CHANNEL_ID } from "./names.js";

type Route = ReturnType<ChannelRuntime["routing"]["resolveAgentRoute"]>;

export interface ContextFacts {
  runtime: ChannelRuntime;
  account: Account;
  message: NativeMessage;
  conversation: Conversation;
  route: Route;
  /** The text without a mention of the bot. */
  text: string;
  wasMentioned: boolean;
  ingress: ResolvedChannelMessageIngress;
  /** What was said while the account was away and nobody answered. */
  missed: HistoryEntry[] | undefined;
}

export function buildContext(facts: ContextFacts) {
  const { runtime, account, message, conversation, route, text, ingress, missed } = facts;
  const isGroup = conversation.kind === "group";
  const name = displayName(message.senderNickname);
  return runtime.inbound.buildContext({
    channel: CHANNEL_ID,
    provider: CHANNEL_ID,
    surface: CHANNEL_ID,
    accountId: account.accountId,
    messageId: message.clientMsgID,
    timestamp: message.sendTime,
    from: conversation.from,
    sender: { id: message.sendID, ...(name ? { name } : {}) },
    conversation: {
      kind: conversation.kind,
      id: conversation.peerId,
      label: isGroup ? conversation.target : (name ?? message.sendID),
      routePeer: { kind: conversation.kind, id: conversation.peerId },
    },
    route: {
      agentId: route.agentId,
      accountId: route.accountId,
      routeSessionKey: route.sessionKey,
      mainSessionKey: route.mainSessionKey,
      ...(route.dmScope ? { dmScope: route.dmScope } : {}),
    },
    reply: { to: conversation.target, originatingTo: conversation.target },
    message: {
      inboundEventKind: "user_request",
      rawBody: message.text,
      body: text,
      bodyForAgent: text,
      commandBody: text,
      ...(missed ? { inboundHistory: missed } : {}),
    },
    access: {
      commands: { authorized: ingress.commandAccess.authorized },
      ...(isGroup ? { mentions: mentions(facts) } : {}),
    },
    channelIngress: ingress,
  });
}

function mentions({ account, message, wasMentioned, ingress }: ContextFacts) {
  return {
    canDetectMention: true,
    wasMentioned,
    hasAnyMention: message.isAtSelf || message.atUserIDList.length > 0,
    explicitlyMentionedBot: message.isAtSelf,
    mentionedUserIds: message.atUserIDList,
    requireMention: account.requireMention,
    effectiveWasMentioned: ingress.activationAccess.effectiveWasMentioned ?? wasMentioned,
  };
}

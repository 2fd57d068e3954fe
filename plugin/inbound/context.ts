// Builds the host's context of one admitted message.

import type { HistoryEntry } from "openclaw/plugin-sdk/reply-history";

import { displayName } from "../conversation/conversation.js";
import { mentionSignal } from "../conversation/mention.js";
import { MENTIONED_PEOPLE } from "../limits.js";
import { CHANNEL_ID } from "../names.js";
import { supplementOf } from "./supplemental.js";
import type { AdmittedTurn } from "./admitted-turn.js";

/** `missed` are the unanswered messages from while the account was offline. */
export async function buildContext(turn: AdmittedTurn, missed: HistoryEntry[] | undefined) {
  const { runtime, account, message, messageId, conversation, route, text, commandText, media, answer, selfId } = turn;
  const { quotesSelf } = turn;
  const isGroup = conversation.kind === "group";
  const name = displayName(message.senderNickname);
  const { access, contextVisibility } = account;
  const readers = { selfId, access, visibility: contextVisibility, quotesSelf };
  const supplemental = supplementOf(message, readers, turn.fetchQuoted);
  return runtime.inbound.buildContext({
    channel: CHANNEL_ID,
    provider: CHANNEL_ID,
    surface: CHANNEL_ID,
    accountId: account.accountId,
    messageId,
    timestamp: message.sendTime,
    from: conversation.from,
    sender: { id: message.sendID, ...(name ? { name } : {}) },
    conversation: {
      kind: conversation.kind,
      id: conversation.peerId,
      label: isGroup ? conversation.target : (name ?? message.sendID),
      routePeer: turn.peer,
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
      rawBody: commandText,
      body: text,
      bodyForAgent: text,
      commandBody: commandText,
      ...(missed ? { inboundHistory: missed } : {}),
    },
    ...(media.length > 0 ? { media } : {}),
    ...(supplemental ? { supplemental } : {}),
    resolveSupplementalMedia: true,
    contextVisibility,
    access: {
      commands: { authorized: answer.ingress.commandAccess.authorized },
      ...(isGroup ? { mentions: mentions(turn) } : {}),
    },
    channelIngress: answer.ingress,
  });
}

function mentions({ account, message, answer, selfId }: AdmittedTurn) {
  const { ingress, wasMentioned } = answer;
  const signal = mentionSignal(message, { selfId, respondToMentionAll: account.respondToMentionAll });
  return {
    canDetectMention: true,
    wasMentioned,
    hasAnyMention: signal.hasAnyMention,
    explicitlyMentionedBot: signal.isExplicitlyMentioned,
    mentionedUserIds: message.atUserIDList.slice(0, MENTIONED_PEOPLE),
    requireMention: account.requireMention,
    effectiveWasMentioned: ingress.activationAccess.effectiveWasMentioned ?? wasMentioned,
  };
}

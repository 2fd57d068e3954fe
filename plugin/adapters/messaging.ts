// The messaging adapter: how targets are written, and which session a message of the host's own belongs to. (message.ts sends.)

import { buildChannelOutboundSessionRoute, type ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import { resolveAgentRoute } from "openclaw/plugin-sdk/routing";

import type { Account } from "../config/account.js";
import { idOfPeer } from "../conversation/peer.js";
import { routePeer } from "../conversation/route-peer.js";
import { ALIASES, CHANNEL_ID } from "../names.js";
import { formatTarget, normalizeTarget, parseTarget } from "../config/targets.js";

export const messagingAdapter: NonNullable<ChannelPlugin<Account>["messaging"]> = {
  targetPrefixes: [...ALIASES],
  directTargetStyle: "user-prefixed",
  targetIdComparison: "case-sensitive",
  normalizeTarget,
  inferTargetChatType: ({ to }) => chatType(to),
  targetResolver: {
    looksLikeId: (raw) => parseTarget(raw) !== null,
    hint: "<user:ID|group:ID>",
    resolveTarget: async ({ input }) => {
      const target = parseTarget(input);
      return target ? { to: formatTarget(target), kind: target.kind, source: "normalized" } : null;
    },
  },
  resolveDeliveryTarget: ({ conversationId }) => {
    const to = normalizeTarget(conversationId);
    return to ? { to } : null;
  },
  // `id` is the peer of a session key.
  resolveSessionTarget: ({ kind, id: peer }) => {
    const id = kind === "group" ? idOfPeer(peer) : null;
    return id === null ? undefined : formatTarget({ kind: "group", id });
  },
  // The host asks by the peer alone; bindings name the bare id.
  resolveConversationRouteOwner: ({ cfg, accountId, conversation: { kind, peerId } }) => {
    const id = kind === "channel" ? null : idOfPeer(peerId);
    if (kind === "channel" || id === null) return undefined;
    const peer = { kind, id: peerId };
    const route = resolveAgentRoute({ cfg, channel: CHANNEL_ID, accountId, peer, parentPeer: { kind, id } });
    return { kind: "agent", agentId: route.agentId };
  },
  // The host builds the session key, by the same rules as for a received message.
  resolveOutboundSessionRoute: ({ cfg, agentId, accountId, target, threadId }) => {
    const parsed = parseTarget(target);
    const kind = chatType(target);
    if (!parsed || !kind) return null;
    return buildChannelOutboundSessionRoute({
      cfg,
      agentId,
      channel: CHANNEL_ID,
      accountId: accountId ?? null,
      recipientSessionExact: true,
      peer: routePeer(cfg, accountId, { kind, id: parsed.id }).peer,
      chatType: kind,
      from: kind === "group" ? `${CHANNEL_ID}:group:${parsed.id}` : `${CHANNEL_ID}:${parsed.id}`,
      to: formatTarget(parsed),
      ...(threadId == null ? {} : { threadId }),
    });
  },
};

function chatType(raw: string): "direct" | "group" | undefined {
  const target = parseTarget(raw);
  return target ? (target.kind === "group" ? "group" : "direct") : undefined;
}

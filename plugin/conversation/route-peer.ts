// The peer by which the host routes a conversation and names its session, and the way back from it.

import { homeServer } from "../config/home-server.js";
import { serverTag } from "../config/servers.js";
import { peerId } from "./peer.js";

export interface ConversationId {
  kind: "direct" | "group";
  id: string;
}

export interface RoutePeer {
  peer: ConversationId;
  /** The conversation by its bare id, so that bindings by that id match. Left out where the peer is the bare id. */
  parentPeer?: ConversationId;
}

/** The peer of a conversation of this account. */
export function routePeer(cfg: unknown, accountId: string | null | undefined, { kind, id }: ConversationId): RoutePeer {
  const tag = serverTag(cfg, accountId) ?? "0".repeat(16);
  const peer = { kind, id: peerId(id, tag === homeServer(cfg) ? undefined : tag) };
  return peer.id === id ? { peer } : { peer, parentPeer: { kind, id } };
}

// A message that the host admitted, with everything its turn needs. Types only.

import type { Message, MessageQuote } from "multi-openim-channel";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";

import type { Account } from "../config/account.js";
import type { Conversation } from "../conversation/conversation.js";
import type { ConversationId } from "../conversation/route-peer.js";
import type { ChannelRuntime, GatewayContext } from "../host.js";
import type { IngressAnswer } from "./ingress.js";
import type { MediaFacts } from "./media.js";

export interface AdmittedTurn {
  ctx: GatewayContext;
  runtime: ChannelRuntime;
  cfg: OpenClawConfig;
  account: Account;
  message: Message;
  /** The id under which the host knows the message. */
  messageId: string;
  conversation: Conversation;
  route: ReturnType<ChannelRuntime["routing"]["resolveAgentRoute"]>;
  /** The text for the agent. */
  text: string;
  /** The sender's own words, in which a command may stand. */
  commandText: string;
  media: MediaFacts;
  fetchQuoted(quote: MessageQuote): Promise<MediaFacts>;
  selfId: string;
  /** The message quotes one of the account's own. */
  quotesSelf: boolean;
  /** The peer by which the conversation was routed. */
  peer: ConversationId;
  answer: IngressAnswer;
  /** The key of the messages that were missed in this conversation. */
  history: string;
}

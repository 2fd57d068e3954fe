// Quotes and forwards of a message, as context for the agent: other people's words are never part of the sender's own.

import type { MessageForward, Message, MessageQuote } from "multi-openim-channel";
import { CHANNEL_ID } from "../names.js";
import { FORWARDED_MESSAGES, NAME_CHARS, QUOTED_CHARS } from "../limits.js";
import type { MediaFacts } from "./media.js";
import type { ContextVisibility } from "../config/account.js";
import type { AccessPolicy } from "../config/policy.js";
import { dateOf } from "../conversation/clean-message.js";
import { isCleanUserId, messageKey } from "../conversation/ids.js";
import { cut, oneLine, visible } from "../text.js";
import { insideNote } from "./notes.js";

/** Whose words the agent may read as context: a stranger in a group cannot trigger, and may be kept out here as well. */
export interface Readers {
  selfId: string;
  access: AccessPolicy;
  visibility: ContextVisibility;
  /** The quoted message was found among the account's own. */
  quotesSelf: boolean;
}

export interface Supplement {
  quote?: {
    id: string;
    body: string;
    sender: string;
    senderAllowed: boolean;
    isQuote: true;
    /** The host leaves the words out: the session has them. */
    isSelf?: true;
    media: () => Promise<MediaFacts>;
  };
  channelStructuredContext?: { label: string; source: string; type: string; payload: unknown }[];
}

export function supplementOf(
  message: Message,
  readers: Readers,
  fetchQuoted: (quote: MessageQuote) => Promise<MediaFacts>,
): Supplement | undefined {
  const { quote, forwarded } = message;
  if (!quote && !forwarded) return undefined;
  const isAllowed = (id: string) => id === message.sendID || mayBeRead(id, message, readers);
  return {
    ...(quote
      ? {
          quote: {
            id: messageKey(quote.clientMsgID),
            body: cut(visible(quote.text), QUOTED_CHARS),
            sender: quotedSender(quote, readers),
            senderAllowed: isAllowed(quote.sendID),
            isQuote: true,
            ...(readers.quotesSelf ? { isSelf: true } : {}),
            media: () => fetchQuoted(quote),
          },
        }
      : {}),
    ...(forwarded
      ? {
          channelStructuredContext: [
            {
              label: "Forwarded messages",
              source: CHANNEL_ID,
              type: "forwarded_messages",
              payload: forwardPayload(forwarded, readers.visibility, isAllowed),
            },
          ],
        }
      : {}),
  };
}

/** The sender's own words of a forward: that it is one. Its contents are added as context. */
export function forwardWords(forwarded: MessageForward): string {
  const title = oneLine(forwarded.title, NAME_CHARS);
  return title ? `[forwarded messages: ${insideNote(title)}]` : "[forwarded messages]";
}

function mayBeRead(id: string, message: Message, { selfId, access }: Readers): boolean {
  if (id === selfId || !message.groupID) return true;
  if (access.groupPolicy !== "allowlist") return access.groupPolicy === "open";
  return access.groupAllowFrom.some((entry) => entry === "*" || entry === id);
}

function forwardPayload(forwarded: MessageForward, visibility: ContextVisibility, isAllowed: (id: string) => boolean) {
  const readable = forwarded.messages.filter(({ sendID }) => visibility === "all" || isAllowed(sendID));
  const shown = readable.slice(0, FORWARDED_MESSAGES);
  // A summary names nobody by id, so it cannot be filtered.
  const summary = forwarded.messages.length === 0 && visibility === "all" ? forwarded.summary : [];
  const left = forwarded.messages.length - shown.length;
  return {
    title: oneLine(forwarded.title, NAME_CHARS) ?? "",
    ...(summary.length > 0
      ? { summary: summary.slice(0, FORWARDED_MESSAGES).map((line) => cut(visible(line), QUOTED_CHARS)) }
      : {}),
    messages: shown.map((one) => ({
      from: nameOf(one),
      text: cut(visible(one.text), QUOTED_CHARS),
      ...sentAt(one.sendTime),
    })),
    ...(left > 0 ? { notShown: left } : {}),
  };
}

function sentAt(time: number): { sentAt?: string } {
  const date = dateOf(time);
  return date > 0 ? { sentAt: new Date(date).toISOString() } : {};
}

/** Nobody but the account itself says what it wrote. */
function quotedSender(quote: MessageQuote, { selfId, quotesSelf }: Readers): string {
  return quote.sendID === selfId && !quotesSelf ? `${nameOf(quote)}, not verified` : nameOf(quote);
}

function nameOf({ sendID, senderNickname }: { sendID: string; senderNickname: string }): string {
  const id = isCleanUserId(sendID) ? sendID : "unknown";
  const name = oneLine(senderNickname, NAME_CHARS);
  return name && name !== id ? `${name} (${id})` : id;
}

// Answers a stranger's first direct message with a code that an operator can approve.

import type { Message } from "multi-openim-channel";

import { pairingAdapter } from "../adapters/pairing.js";
import type { Account } from "../config/account.js";
import { formatTarget } from "../config/targets.js";
import { displayName } from "../conversation/conversation.js";
import type { ChannelRuntime } from "../host.js";
import { CHANNEL_ID } from "../names.js";
import { clientMsgID } from "../outbound/delivery-id.js";
import { sendText } from "../outbound/send.js";

/**
 * Sends the code once: while a request is pending, further messages get no further answer. A message that comes again does,
 * because the sending of its code may have failed.
 */
export async function sendPairingCode(params: {
  runtime: ChannelRuntime;
  cfg: unknown;
  account: Account;
  message: Message;
}): Promise<void> {
  const { runtime, cfg, account, message } = params;
  const { code, created } = await runtime.pairing.upsertPairingRequest({
    channel: CHANNEL_ID,
    accountId: account.accountId,
    id: message.sendID,
    meta: { name: displayName(message.senderNickname) },
    pairingAdapter,
  });
  // Without a code there are too many pending requests.
  if (!code || !(created || message.redelivered)) return;
  await sendText({
    cfg,
    accountId: account.accountId,
    to: formatTarget({ kind: "user", id: message.sendID }),
    // The same id again: receivers show a message under one id once.
    clientMsgID: clientMsgID({ deliveryQueueId: `the pairing code for ${message.clientMsgID}` }),
    text: runtime.pairing.buildPairingReply({
      channel: CHANNEL_ID,
      idLine: `Your OpenIM user id: ${message.sendID}`,
      code,
    }),
  });
}

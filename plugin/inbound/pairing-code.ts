// Answers a stranger's first direct message with a code that an operator can approve.

import type { Message } from "multi-openim-channel";

import { pairingAdapter } from "../adapters/pairing.js";
import type { Account } from "../config/account.js";
import { formatTarget } from "../config/targets.js";
import { displayName } from "../conversation/conversation.js";
import type { ChannelRuntime } from "../host.js";
import { CHANNEL_ID } from "../names.js";
import { sendText } from "../outbound/send.js";

/** Sends the code once: while a request is pending, further messages get no further answer. */
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
  if (!created) return;
  await sendText({
    cfg,
    accountId: account.accountId,
    to: formatTarget({ kind: "user", id: message.sendID }),
    text: runtime.pairing.buildPairingReply({
      channel: CHANNEL_ID,
      idLine: `Your OpenIM user id: ${message.sendID}`,
      code,
    }),
  });
}

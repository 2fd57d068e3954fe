// Pairing: a stranger's first direct message is answered with a code that an operator can approve.

import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";

import type { Message } from "multi-openim-channel";
import { type Account, listAccountIds } from "../config/account.js";
import { displayName } from "../conversation/conversation.js";
import type { ChannelRuntime } from "../host.js";
import { CHANNEL_ID } from "../names.js";
import { sendText } from "../outbound/send.js";
import { formatTarget, normalizeUserEntry } from "../config/targets.js";

/** Sends the code once: while a request is pending, further messages get no further answer. */
export async function answerWithCode(params: {
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

export const pairingAdapter: NonNullable<ChannelPlugin<Account>["pairing"]> = {
  idLabel: "openimUserId",
  normalizeAllowEntry: normalizeUserEntry,
  notifyApproval: async ({ cfg, id, accountId }) => {
    // The host may not say which account asked; a single one needs no saying.
    const accounts = listAccountIds(cfg);
    await sendText({
      cfg,
      accountId: accountId ?? (accounts.length === 1 ? accounts[0] : undefined),
      to: formatTarget({ kind: "user", id }),
      text: "You are approved. Write again and I will answer.",
    });
  },
};

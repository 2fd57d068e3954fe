// The pairing adapter: how allow-list entries are written, and the message to a user who was approved.

import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";

import { type Account, listAccountIds } from "../config/account.js";
import { sendText } from "../outbound/send.js";
import { formatTarget, normalizeUserEntry } from "../config/targets.js";

export const pairingAdapter: NonNullable<ChannelPlugin<Account>["pairing"]> = {
  idLabel: "openimUserId",
  normalizeAllowEntry: normalizeUserEntry,
  notifyApproval: async ({ cfg, id, accountId }) => {
    // The host does not always name the account; with a single one it is clear.
    const accounts = listAccountIds(cfg);
    await sendText({
      cfg,
      accountId: accountId ?? (accounts.length === 1 ? accounts[0] : undefined),
      to: formatTarget({ kind: "user", id }),
      text: "You are approved. Write again and I will answer.",
    });
  },
};

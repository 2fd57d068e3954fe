// Which changes of the configuration restart an account. Pure.

import { CHANNEL_ID } from "../names.js";
import { optionNames } from "./option-table.js";

const channel = `channels.${CHANNEL_ID}`;

/**
 * A change under one account restarts that account alone. The options of `noopPrefixes` restart nothing: who may trigger is
 * read per message, and a running account looks for a new token itself, so that a refreshed one costs no connection.
 */
export const reload = {
  configPrefixes: [channel],
  noopPrefixes: [
    ...optionNames((option) => option.isLive === true && option.channel !== undefined).map(
      (name) => `${channel}.${name}`,
    ),
    ...optionNames((option) => option.isLive === true && option.account !== undefined).map(
      (name) => `${channel}.accounts.*.${name}`,
    ),
  ],
  accountScopedRestart: true,
};

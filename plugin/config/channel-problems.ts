// What is wrong with the channel's block itself: one sentence each, with the remedy. Pure: the addon's script uses it too.

import { optionNames } from "./option-table.js";
import { type Block, isBlock } from "./option-types.js";

/** Options that belong to an account; at channel level they have no meaning. */
export const ACCOUNT_ONLY_OPTIONS = optionNames(({ isLogin }) => isLogin === true);

export function channelProblems(channel: Block): string[] {
  const misplaced = ACCOUNT_ONLY_OPTIONS.filter((option) => channel[option] !== undefined);
  const accounts = isBlock(channel["accounts"]) ? Object.entries(channel["accounts"]) : [];
  const broken = accounts.filter(([id, block]) => !id.trim() || !isBlock(block)).map(([id]) => id);
  return [
    ...(misplaced.length > 0
      ? [`${misplaced.join(", ")} at channel level is ignored: there is no default account; move it to accounts.<name>`]
      : []),
    ...broken.map((id) => `account "${id}" is skipped: it must be an object under a name`),
  ];
}

// Reads the channel's block of the host's configuration as the option table says. Lenient: one broken account never hides
// another, and a value of the wrong type counts as absent. Pure: the addon's script uses it as well.

import { CHANNEL_ID } from "../names.js";
import { type OptionName, OPTIONS, type OptionValue } from "./option-table.js";
import { asBlock, type Block, isBlock, type Option } from "./option-types.js";

/** `channels.multi-openim`, or an empty block. */
export function channelBlock(cfg: unknown): Block {
  return asBlock(asBlock(asBlock(cfg)["channels"])[CHANNEL_ID]);
}

/** `channels.defaults`: what the host's operator set for all channels. */
export function hostDefaults(cfg: unknown): Block {
  return asBlock(asBlock(asBlock(cfg)["channels"])["defaults"]);
}

/** The account blocks by the names the operator gave them. Names with nothing but blanks do not count. */
export function accountBlocks(channel: Block): Map<string, Block> {
  const accounts = Object.entries(asBlock(channel["accounts"]));
  return new Map(accounts.flatMap(([id, block]) => (id.trim() && isBlock(block) ? [[id, block]] : [])));
}

type WithDefault = { [K in OptionName]: (typeof OPTIONS)[K] extends { default: unknown } ? K : never }[OptionName];
/** The value of an option; undefined only for options without a default. */
export type Read<K extends OptionName> = K extends WithDefault ? OptionValue<K> : OptionValue<K> | undefined;

/** The option as this block alone has it. */
export function readOwn<K extends OptionName>(name: K, block: Block): OptionValue<K> | undefined {
  const value = name.split(".").reduce<unknown>((at, key) => asBlock(at)[key], block);
  return OPTIONS[name].type.read(value) as OptionValue<K> | undefined;
}

/** The option for an account: its own, the channel's where the table allows that, or the default. */
export function readOption<K extends OptionName>(name: K, account: Block, channel: Block): Read<K> {
  const option: Option = OPTIONS[name];
  const inherited = option.account === "channel" ? readOwn(name, channel) : undefined;
  return (readOwn(name, account) ?? inherited ?? option.default) as Read<K>;
}

/** The option for the channel itself. */
export function readChannelOption<K extends OptionName>(name: K, channel: Block): Read<K> {
  const option: Option = OPTIONS[name];
  return (readOwn(name, channel) ?? option.default) as Read<K>;
}

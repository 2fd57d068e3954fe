// The native descriptor of this evaluation, made on first use.

import type { ChannelDescriptor, ChannelPluginContext } from "multi-openim-channel";

import { writeToken } from "../config/token-write.js";
import { stateDir } from "../host.js";
import { native } from "./native.js";

export type DispatchInbound = NonNullable<ChannelPluginContext["dispatchInbound"]>;
export type Logger = Required<ChannelPluginContext["logger"]>;

let own: ChannelDescriptor | undefined;

/** The descriptor of this evaluation. Throws the loader's one sentence when the addon is missing. */
export function descriptor(logger: Logger, dispatchInbound: DispatchInbound): ChannelDescriptor {
  if (own) return own;
  const dir = stateDir();
  own = native().addon.createChannelPlugin({
    // The configuration comes with each start, and status/warnings.ts warns about it.
    channel: undefined,
    logger,
    dispatchInbound,
    onToken: (news) => writeToken(news, logger),
    ...(dir ? { stateDir: dir } : {}),
  });
  return own;
}

/** The descriptor of this evaluation if it has been made. */
export function madeDescriptor(): ChannelDescriptor | undefined {
  return own;
}

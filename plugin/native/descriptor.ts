// The native descriptor of this evaluation, made on first use, and which descriptor runs which account.

import type { DispatchInbound, NativeDescriptor, NativeLogger } from "./addon-types.js";
import { stateDir } from "../host.js";
import { native } from "./native.js";
import { channelBlock } from "../config/options.js";
import { writeToken } from "../config/token-write.js";

let own: NativeDescriptor | undefined;

/** The descriptor of this evaluation. Throws the loader's one sentence when the addon is missing. */
export function descriptor(cfg: unknown, logger: NativeLogger, dispatchInbound: DispatchInbound): NativeDescriptor {
  if (own) return own;
  const dir = stateDir();
  own = native().addon.createChannelPlugin({
    channel: channelBlock(cfg),
    cfg,
    logger,
    dispatchInbound,
    onToken: (news) => writeToken(news, logger),
    ...(dir ? { stateDir: dir } : {}),
  });
  return own;
}

/** The descriptor of this evaluation if it has been made. */
export function madeDescriptor(): NativeDescriptor | undefined {
  return own;
}

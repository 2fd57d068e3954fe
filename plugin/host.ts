// The parts of the host's runtime the plugin works with.

import type { ChannelGatewayContext } from "openclaw/plugin-sdk/channel-contract";
import type { OpenClawConfig, PluginRuntime } from "openclaw/plugin-sdk/channel-core";

import type { Account } from "./config/account.js";

export type ChannelRuntime = PluginRuntime["channel"];
export type GatewayContext = ChannelGatewayContext<Account>;

let runtime: PluginRuntime | undefined;

/** Called by the entry point with the runtime of this evaluation. */
export function setRuntime(next: PluginRuntime): void {
  runtime = next;
}

/** The host's runtime; undefined where the entry point has not run. */
export function hostRuntime(): PluginRuntime | undefined {
  return runtime;
}

/** The configuration as it is now: bindings, agents and policies may change while an account runs. */
export function currentConfig(ctx: Pick<GatewayContext, "cfg">): OpenClawConfig {
  return (runtime?.config.current() as OpenClawConfig | undefined) ?? ctx.cfg;
}

/** The host's state directory; undefined before the entry point has run. */
export function stateDir(): string | undefined {
  return runtime?.state.resolveStateDir();
}

/** The runtime the host hands to a start; every gateway of the supported range gives one. */
export function channelRuntime(ctx: GatewayContext): ChannelRuntime {
  const channel = ctx.channelRuntime ?? runtime?.channel;
  if (!channel)
    throw new Error("this OpenClaw gives channels no runtime: update it, see README for the supported range");
  return channel as unknown as ChannelRuntime;
}

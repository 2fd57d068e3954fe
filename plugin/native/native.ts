// Loads the native addon on first use and keeps one handle per version for the whole process.
//
// The host evaluates this package many times, each time from another copy. A `.node` file loaded from another copy is another
// library with its own threads. Only `globalThis` is common to all copies.

import { createRequire } from "node:module";

import type { ChannelDescriptor } from "multi-openim-channel";

import { PLUGIN_ID } from "../names.js";
import { NATIVE_MISSING } from "../status/failures.js";
import { VERSION } from "../version.js";

type Addon = typeof import("multi-openim-channel");

/** What the evaluations of one version share. */
export interface NativeHandle {
  readonly addon: Addon;
  /** The descriptor that runs an account at the moment, by account: every send goes through it. */
  readonly running: Map<string, ChannelDescriptor>;
}

const slot = Symbol.for(`${PLUGIN_ID}.native.v${VERSION}`);
const shared = globalThis as typeof globalThis & { [slot]?: NativeHandle };

/** The handle if some evaluation has loaded the addon already; never loads it. */
export function loadedNative(): NativeHandle | undefined {
  return shared[slot];
}

/** The handle, loading the addon if need be. Throws one sentence that says what is missing and what to do. */
export function native(): NativeHandle {
  return (shared[slot] ??= { addon: load(), running: new Map() });
}

function load(): Addon {
  const loaded = createRequire(import.meta.url)("../../loader.js") as Addon & { default?: Addon };
  const addon = loaded.default ?? loaded;
  const version = addon.addonVersion();
  if (version === VERSION) return addon;
  throw Object.assign(
    new Error(
      `${PLUGIN_ID} ${VERSION} found a native addon of version ${version}: reinstall with ` +
        `"openclaw plugins install npm:${PLUGIN_ID} --force" and restart the gateway.`,
    ),
    { code: NATIVE_MISSING },
  );
}

// The addon's export `parseTarget`.

import { parseBareTarget, type Target } from "../../plugin/config/targets.js";

/** Reads `user:<id>` or `group:<id>`; null for anything else. */
export function parseTarget(to: unknown): Target | null {
  return typeof to === "string" ? parseBareTarget(to) : null;
}

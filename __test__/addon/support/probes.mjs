// A second addon, a debug build with the feature `probes`: it panics where it is told to. Never shipped.
import { copyFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildLibrary } from "../../../scripts/lib/build.mjs";

/** Builds it and resolves with the path of a copy, because the next build writes to the same place. */
export async function buildProbes() {
  const library = await buildLibrary(["--features", "probes"], { name: "cargo-build-probes" });
  const copy = join(mkdtempSync(join(tmpdir(), "openim-probes-")), "probes.node");
  copyFileSync(library, copy);
  return copy;
}

// A second addon, built as the released one is but with the feature `probes`: it panics where it is told to. Never shipped.
import { copyFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cargo } from "../../../scripts/lib/build.mjs";
import { ownTarget, releaseEnv } from "../../../scripts/lib/rustflags.mjs";

const LIBRARY = /(^|[/\\])(lib)?multi_openim_channel\.(so|dylib|dll)$/;

/** Builds it and resolves with the path of a copy. */
export async function buildProbes() {
  const target = ownTarget();
  const args = [
    "build",
    "--release",
    "--target",
    target,
    "-p",
    "multi-openim-channel",
    "--lib",
    "--features",
    "probes",
  ];
  const out = await cargo([...args, "--message-format", "json-render-diagnostics"], {
    name: "cargo-build-probes",
    env: releaseEnv(target),
  });
  for (const line of out.split("\n").reverse()) {
    if (!line.includes('"compiler-artifact"')) continue;
    const library = JSON.parse(line).filenames.find((file) => LIBRARY.test(file));
    if (!library) continue;
    // The next build writes to the same place.
    const copy = join(mkdtempSync(join(tmpdir(), "openim-probes-")), "probes.node");
    copyFileSync(library, copy);
    return copy;
  }
  throw new Error("cargo built no addon with the feature probes");
}

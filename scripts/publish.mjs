// `node scripts/publish.mjs [--dry-run] DIR`: publishes the packed tarballs, the platform packages first and the main one
// last, so that nobody can install a main package without its binaries. A version that is published already is skipped: a
// release that stopped half-way is continued by running it again. The files must have the digests in DIGESTS, which
// `node scripts/publish.mjs --digests DIR` prints where they are packed.
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkDigests, digestsOf } from "./lib/digests.mjs";
import { npm } from "./lib/npm.mjs";
import { publishedManifest } from "./lib/pack.mjs";
import { manifest } from "./lib/paths.mjs";
import { tarballManifest } from "./lib/registry.mjs";
import { Failure, main, say, step } from "./lib/steps.mjs";

async function isPublished(name, version) {
  const out = await npm(["view", `${name}@${version}`, "version", "--json"], {
    name: `npm-view-${name}`,
    okCodes: [0, 1],
  });
  // When there is no such version, npm prints an error object, or nothing at all.
  return out.trim() === JSON.stringify(version);
}

await main(async () => {
  const dryRun = process.argv.includes("--dry-run");
  const dir = resolve(process.argv.slice(2).find((arg) => !arg.startsWith("--")) ?? "packed");
  if (process.argv.includes("--digests")) return void process.stdout.write(`${JSON.stringify(digestsOf(dir))}\n`);
  if (!dryRun && process.env.TAG !== `v${manifest.version}`) {
    throw new Failure(`the tag ${process.env.TAG ?? "(none)"} is not v${manifest.version}`, {
      remedy: "tag the release commit",
    });
  }
  if (!dryRun) checkDigests(dir, process.env.DIGESTS);
  const packed = readdirSync(dir)
    .filter((file) => file.endsWith(".tgz"))
    .map((file) => ({ path: join(dir, file), manifest: tarballManifest(join(dir, file)) }));
  const wanted = [...Object.keys(publishedManifest().optionalDependencies), manifest.name];
  for (const name of wanted) {
    const one = packed.find((each) => each.manifest.name === name && each.manifest.version === manifest.version);
    if (!one) throw new Failure(`${name} ${manifest.version} is not in ${dir}`);
    if (!dryRun && (await isPublished(name, manifest.version))) {
      say(`${name} ${manifest.version} is published already`);
      continue;
    }
    const how = dryRun ? ["--dry-run"] : ["--provenance"];
    await step(`${dryRun ? "Trying" : "Publishing"} ${name}`, () =>
      npm(["publish", one.path, "--access", "public", "--ignore-scripts", ...how], { name: `npm-publish-${name}` }),
    );
  }
});

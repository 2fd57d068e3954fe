// The digests of packed tarballs: the job that packed them announces them, and the job that publishes compares.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./steps.mjs";

/**
 * The SHA-512 of each tarball of a folder, by file name in alphabetical order.
 * @param {string} dir
 * @returns {Record<string, string>}
 */
export function digestsOf(dir) {
  const files = readdirSync(dir).filter((file) => file.endsWith(".tgz"));
  const digest = (/** @type {string} */ file) =>
    createHash("sha512")
      .update(readFileSync(join(dir, file)))
      .digest("hex");
  return Object.fromEntries(files.sort().map((file) => [file, digest(file)]));
}

/**
 * Fails unless the folder holds exactly the announced tarballs.
 * @param {string} dir
 * @param {string | undefined} announced the digests as JSON
 */
export function checkDigests(dir, announced) {
  if (!announced) {
    throw new Failure("no digests of the packed files were announced", {
      remedy: "set DIGESTS to the output of `node scripts/publish.mjs --digests DIR` where the files were packed",
    });
  }
  const [wanted, found] = [JSON.parse(announced), digestsOf(dir)];
  for (const file of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
    if (wanted[file] === found[file]) continue;
    const fault = !found[file] ? "is missing" : !wanted[file] ? "was not announced" : "is not the file that was packed";
    throw new Failure(`${file} ${fault}`, { remedy: "run the release workflow again from the beginning" });
  }
}

// How much a process may hold on to after trouble is over.
const MiB = 1024 * 1024;

/** The allocator and the JavaScript heap move about by this much; 100 leaked connections would be more. */
const RSS_MAX = 24 * MiB;
/** A blocked JavaScript thread: at most 1,024 messages wait per account, and two batches are with JavaScript. */
export const BLOCKED_GROWTH_MAX = 64 * MiB;
/** Threads of a pool may still be starting up. */
const THREADS_MAX = 4;

/** What grew beyond its measure, in sentences. */
export function grown({ before, after }) {
  const said = [];
  const look = (what, allowed) => {
    if (after[what] > before[what] + allowed) said.push(`${what}: ${before[what]} before, ${after[what]} after`);
  };
  look("rss", RSS_MAX);
  look("descriptors", 0);
  look("handles", 0);
  look("threads", THREADS_MAX);
  return said;
}

// Cleans and cuts text that strangers wrote, before it is shown. Pure.

/** One line without control and format characters, cut; undefined when nothing is left of it. */
export function oneLine(text: string, chars: number): string | undefined {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  return [...line].slice(0, chars).join("") || undefined;
}

/** A text without characters that reorder it, and without those that nobody sees. Joiners stay: letters and emoji need them. */
export function visible(text: string): string {
  return text.replace(/[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\u{e0000}-\u{e007f}]/gu, "");
}

/** A text of several lines, cut with a sign that it was. */
export function cut(text: string, chars: number): string {
  // A character may be two code units, so this slice is long enough; it only bounds the work.
  const letters = [...text.slice(0, 2 * chars + 2)];
  return letters.length > chars ? `${letters.slice(0, chars).join("")}…` : text;
}

// The plugin's notes inside the text that an agent reads stand in square brackets. This file keeps senders from writing such
// notes themselves. Pure.

const NOTES = [
  "A restart (?:lost|may have lost|cut off) the answer",
  "forwarded messages\\b",
  "\\d+ more files (?:was|were) not fetched",
  "(?:picture|voice message|video|file)\\b[^\\]\\n]*: [^\\]\\n]*\\bfetched",
];
const FORGED = new RegExp(`\\[(?=\\s*(?:${NOTES.join("|")}))`, "gi");

/** The text with other brackets where it looks like a note of the plugin. */
export function withoutNotes(text: string): string {
  return text.replace(FORGED, "(");
}

/** A name that stands inside a note cannot end it. */
export function insideNote(name: string): string {
  return name.replaceAll("[", "(").replaceAll("]", ")");
}

// The option tables of docs/configuration.md, between markers; the prose around them is written by hand.
import { absentText } from "./manifest.mjs";

function row(cells) {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function table(heading, rows) {
  return [row([heading, "Default", "Meaning"]), row(["---", "---", "---"]), ...rows.map(row)].join("\n");
}

/** `withDetails`: whether this is the widest place of the option, which says all there is to say. */
function rows(options, placeName, withDetails) {
  return Object.entries(options).flatMap(([name, option]) => {
    const place = option[placeName];
    if (!place) return [];
    const help = place.help ?? option.help;
    const meaning = option.details && withDetails(option) ? `${help} ${option.details}` : help;
    return [[`\`${name}\``, absentText(option, place), meaning]];
  });
}

/** The tables by the names of their markers. */
export function optionTables({ OPTIONS, TOKEN_REFRESH_OPTIONS, GROUPS }) {
  const channel = rows(OPTIONS, "channel", () => true);
  const misplaced = Object.entries(OPTIONS).flatMap(([name, option]) => (option.isLogin ? [`\`${name}\``] : []));
  return {
    accounts: table(
      "Option under `accounts.<name>`",
      rows(OPTIONS, "account", (option) => !option.channel),
    ),
    channel: table("Option", [
      channel[0],
      ["`accounts`", "required", GROUPS.accounts.help],
      ...channel.slice(1),
      [misplaced.join(", "), "none", "Ignored here with a warning: they belong to an account."],
    ]),
    tokenRefresh: table(
      "Option under `tokenRefresh`",
      rows(TOKEN_REFRESH_OPTIONS, "channel", () => true),
    ),
  };
}

/** The page with each table between its markers. */
export function withTables(page, tables) {
  return Object.entries(tables).reduce((text, [name, table]) => {
    const [begin, end] = [`<!-- generated: ${name} -->`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/configuration.md lacks the markers ${begin} and ${end}`);
    return `${text.slice(0, from + begin.length)}\n\n${table}\n\n${text.slice(to)}`;
  }, page);
}

// The JSON schema and the UI hints of `channels.multi-openim`, made from the option table.

/** Markdown without its marks, for places that show plain text. */
export const plain = (markdown) => markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "");

/** What applies when an option is absent, in Markdown. */
export function absentText(option, place) {
  if (place === "channel") return "the channel's";
  return place.absent ?? `\`${JSON.stringify(option.default)}\``;
}

function description(option, place) {
  const help = plain((place === "channel" ? undefined : place.help) ?? option.help);
  const absent = plain(absentText(option, place));
  return absent === "required" ? help : `${help} Default: ${absent}.`;
}

const strictObject = (rest, properties) => ({ type: "object", additionalProperties: false, ...rest, properties });

/** Puts a value at a dotted path of nested object schemas. */
function put(properties, path, value, groups) {
  const [name, ...rest] = path;
  if (rest.length === 0) {
    properties[name] = value;
    return;
  }
  properties[name] ??= strictObject({ description: groups[name].help }, {});
  put(properties[name].properties, rest, value, groups);
}

function properties(options, placeName, groups) {
  const found = {};
  for (const [name, option] of Object.entries(options)) {
    const place = option[placeName];
    if (place) {
      put(found, name.split("."), { ...option.type.schema, description: description(option, place) }, groups);
    }
  }
  return found;
}

export function channelSchema({ OPTIONS, TOKEN_REFRESH_OPTIONS, GROUPS }) {
  const { enabled, ...channel } = properties(OPTIONS, "channel", GROUPS);
  const misplaced = Object.entries(OPTIONS).filter(([, option]) => option.isLogin);
  return strictObject(
    {},
    {
      enabled,
      accounts: {
        type: "object",
        additionalProperties: strictObject({}, properties(OPTIONS, "account", GROUPS)),
        description: GROUPS.accounts.help,
      },
      tokenRefresh: strictObject(
        { description: GROUPS.tokenRefresh.help },
        properties(TOKEN_REFRESH_OPTIONS, "channel", GROUPS),
      ),
      ...channel,
      ...Object.fromEntries(
        misplaced.map(([name]) => [
          name,
          { description: `Ignored here with a warning: ${name} belongs to an account.` },
        ]),
      ),
    },
  );
}

function hint({ label, help, placeholder, isAdvanced, isSensitive }, place) {
  return {
    label,
    help: plain(place.help ?? help),
    ...(placeholder ? { placeholder } : {}),
    ...(isSensitive ? { sensitive: true } : {}),
    ...(isAdvanced ? { advanced: true } : {}),
  };
}

export function uiHints({ OPTIONS, TOKEN_REFRESH_OPTIONS, GROUPS }) {
  const hints = { accounts: { label: GROUPS.accounts.label, help: GROUPS.accounts.help } };
  const options = Object.entries(OPTIONS);
  for (const [name, option] of options) if (option.account) hints[`accounts.*.${name}`] = hint(option, option.account);
  for (const [name, option] of options) if (option.channel) hints[name] = hint(option, option.channel);
  for (const [name, option] of Object.entries(TOKEN_REFRESH_OPTIONS)) {
    hints[`tokenRefresh.${name}`] = hint(option, option.channel);
  }
  // It does not belong there, but somebody may write one there.
  for (const [name, option] of options) {
    if (option.isLogin && option.isSensitive) hints[name] = { sensitive: true, advanced: true };
  }
  return hints;
}

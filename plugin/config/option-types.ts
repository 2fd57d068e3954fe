// What an option is, and the types of options: the JSON schema of a value, and how a value is read. Pure.

export type Schema = Readonly<Record<string, unknown>>;

export interface OptionType<T> {
  schema: Schema;
  /** The value, or undefined when it is not of this type. */
  read(value: unknown): T | undefined;
}

/** Where an option may be set, and what applies when it is not. */
export interface Place {
  /** What applies when the option is absent, in Markdown. Left out, the default, or "required". */
  absent?: string;
  /** Another help text than the option's own. */
  help?: string;
}

export interface Option<T = unknown> {
  type: OptionType<T>;
  /** The value where nothing is set. */
  default?: T;
  /** One or two sentences in Markdown: the schema's description, and the first words of the documentation. */
  help: string;
  /** More for the documentation of the widest place, in Markdown. */
  details?: string;
  /** Allowed in an account's block. `"channel"`: absent, the channel's value applies. */
  account?: Place | "channel";
  /** Allowed in the channel's block. */
  channel?: Place;
  /** Part of the login: at channel level it is ignored, with a warning. */
  isLogin?: true;
  /** Read by the client's login (`LoginParams` in Rust). */
  isClientOption?: true;
  /** A change takes effect without restarting the account. */
  isLive?: true;
  /** Hidden in forms and left out of exports. */
  isSensitive?: true;
  /** The host resolves a secret reference here before an account starts. */
  isSecret?: true;
  label: string;
  placeholder?: string;
  isAdvanced?: true;
}

export type Block = Record<string, unknown>;

export function isBlock(value: unknown): value is Block {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function asBlock(value: unknown): Block {
  return isBlock(value) ? value : {};
}

/** A trimmed string, or undefined when there is none. */
export function readText(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() ? value.trim() : undefined;
}

export const flag: OptionType<boolean> = {
  schema: { type: "boolean" },
  read: (value) => (typeof value === "boolean" ? value : undefined),
};

export const text: OptionType<string> = { schema: { type: "string" }, read: readText };

/** A text, or a reference to a secret that the host resolves before an account starts. */
export const secret: OptionType<string> = {
  schema: {
    anyOf: [
      { type: "string" },
      {
        type: "object",
        additionalProperties: false,
        required: ["source", "provider", "id"],
        properties: {
          source: { enum: ["env", "file", "exec", "store"] },
          provider: { type: "string", pattern: "^[a-z][a-z0-9_-]{0,63}$" },
          id: { type: "string", minLength: 1, maxLength: 2048 },
        },
      },
    ],
  },
  read: readText,
};

/** Ids of users. YAML and JSON writers may leave the quotes off an id of digits. */
export const userIds: OptionType<string[]> = {
  schema: { type: "array", items: { type: ["string", "integer"] } },
  read: (value) => {
    if (!Array.isArray(value)) return undefined;
    const ids = value.filter((item) => typeof item === "string" || typeof item === "number");
    return ids.map((item) => String(item).trim()).filter((id) => id.length > 0);
  },
};

export function oneOf<const T extends string>(...values: T[]): OptionType<T> {
  return {
    schema: { enum: values },
    read: (value) => values.find((one) => one === value),
  };
}

interface Bounds {
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
}

export function integer(bounds: Bounds): OptionType<number> {
  return number(bounds, { type: "integer" }, Number.isInteger);
}

export function number(
  bounds: Bounds,
  schema: Schema = { type: "number" },
  isValid: (value: number) => boolean = Number.isFinite,
): OptionType<number> {
  const { minimum = -Infinity, exclusiveMinimum = -Infinity } = bounds;
  return {
    schema: { ...schema, ...bounds },
    // An upper bound is the schema's business: a value above it is still meant as a large one.
    read: (value) =>
      typeof value === "number" && isValid(value) && value >= minimum && value > exclusiveMinimum ? value : undefined,
  };
}

/** `"skip"` or a count; `"skip"` is 0. */
export const skipOrCount: OptionType<number> = {
  schema: { anyOf: [{ const: "skip" }, { type: "integer", minimum: 0, maximum: 1000 }] },
  read: (value) => {
    if (value === undefined || value === null) return undefined;
    return typeof value === "number" && value > 0 ? Math.trunc(value) : 0;
  },
};

/** An option that the addon or the host reads. */
export function opaque(schema: Schema): OptionType<unknown> {
  return { schema, read: (value) => value };
}

const paths: Schema = { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] };

export const texts = opaque({ type: "array", items: { type: "string" } });
export const integers = opaque({ type: "array", items: { type: "integer" } });
export const codes = opaque({ type: "array", items: { type: ["string", "integer"] } });
/** One dot path into an answer, or several. */
export const dotPaths = opaque(paths);
export const dotPathsByName = opaque({ type: "object", additionalProperties: paths });
export const textsByName = opaque({ type: "object", additionalProperties: { type: "string" } });
export const objectOrText = opaque({ anyOf: [{ type: "object" }, { type: "string" }] });

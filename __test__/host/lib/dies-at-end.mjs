// Loaded into a gateway (`--import`): while the file DIES_AT_END names exists, the gateway kills itself as soon as it has
// written that a turn is over, before the answer goes anywhere.
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const OVER = /"status":\s*"done"/;
const { prepare } = DatabaseSync.prototype;

DatabaseSync.prototype.prepare = function (sql, ...rest) {
  const statement = prepare.call(this, sql, ...rest);
  if (!/^\s*(insert|update)\b/i.test(sql)) return statement;
  for (const name of ["run", "get", "all"]) {
    const method = statement[name];
    statement[name] = function (...values) {
      const isOver = values.flatMap(textsOf).some((text) => OVER.test(text));
      // Not at once: the transaction ends first.
      if (isOver && existsSync(process.env.DIES_AT_END)) queueMicrotask(() => process.kill(process.pid, "SIGKILL"));
      return method.apply(this, values);
    };
  }
  return statement;
};

/** Statements take their values one by one or by their names. */
function textsOf(value) {
  const values = value !== null && typeof value === "object" ? Object.values(value) : [value];
  return values.filter((one) => typeof one === "string");
}

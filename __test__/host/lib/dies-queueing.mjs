// Loaded into a gateway (`--import`): while the file DIES_QUEUEING names exists, the gateway kills itself at the moment
// it would put an answer into its durable outbound queue.
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const QUEUEING = /^\s*insert\b.*\bdelivery_queue_entries\b/is;
const { prepare } = DatabaseSync.prototype;

DatabaseSync.prototype.prepare = function (sql, ...rest) {
  const statement = prepare.call(this, sql, ...rest);
  if (!QUEUEING.test(sql)) return statement;
  for (const name of ["run", "get", "all"]) {
    const method = statement[name];
    statement[name] = function (...values) {
      if (existsSync(process.env.DIES_QUEUEING)) process.kill(process.pid, "SIGKILL");
      return method.apply(this, values);
    };
  }
  return statement;
};

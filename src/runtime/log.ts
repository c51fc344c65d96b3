import { inspect } from "node:util";
import type { Log } from "../core/task.ts";

/** Warnings and errors as JSON lines on stderr; debug and info are dropped. */
export const stderrLog: Log = {
  debug() {},
  info() {},
  warn: (fields, message) => write("warn", fields, message),
  error: (fields, message) => write("error", fields, message),
};

function write(level: string, fields: object, message: string): void {
  const entry = { time: new Date().toISOString(), level, message };
  process.stderr.write(`${asJson({ ...entry, ...fields }) ?? asJson({ ...entry, fields: inspect(fields) })}\n`);
}

/** Undefined when a cycle or a strange toJSON stands in the way: to log must never throw. */
function asJson(value: object): string | undefined {
  try {
    return JSON.stringify(value, readable);
  } catch {
    return undefined;
  }
}

function readable(_key: string, value: unknown): unknown {
  if (value instanceof Error)
    return { name: value.name, message: value.message, stack: value.stack, ...(value.cause !== undefined && { cause: String(value.cause) }) };
  return typeof value === "bigint" ? String(value) : value;
}

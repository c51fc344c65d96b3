import { randomUUID } from "node:crypto";
import type { EachOptions } from "../../core/each.ts";
import { LeaseLostError, StoreError, TaskCanceledError, TaskTimeoutError, UserError } from "../../core/errors.ts";
import { type Message, plainMessage } from "../../core/messages.ts";

/** What is recorded of an item that failed. */
export interface ItemFault {
  /** Safe to show to the run's user. */
  readonly message: Message;
  /** Code under which the log has the rest; none for what the task said to its user. */
  readonly support?: string;
}

/** What an item's error is recorded as. @throws the error when it is not to be recorded; the signal's reason when the attempt is to stop */
export function judgeItem(error: unknown, onItemError: EachOptions<unknown>["onItemError"], signal: AbortSignal): ItemFault {
  signal.throwIfAborted(); // The error may well be what the end of the attempt has caused.
  if (alwaysPasses(error)) throw error;
  const wish = typeof onItemError === "function" ? onItemError(error) : (onItemError ?? (error instanceof UserError ? "record" : "fail"));
  if (wish !== "record") throw error;
  const said = error instanceof UserError ? plainMessage(error.text) : undefined;
  if (said !== undefined && said !== "") return { message: said };
  const support = randomUUID().slice(0, 8);
  return { message: { key: "run.unexpected_support", params: { support } }, support };
}

function alwaysPasses(error: unknown): boolean {
  return [TaskCanceledError, LeaseLostError, TaskTimeoutError, StoreError].some((kind) => error instanceof kind);
}

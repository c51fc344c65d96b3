import { randomUUID } from "node:crypto";

/** A code that a user can tell the support; the log entry of what happened bears the same. */
export function newSupportCode(): string {
  return randomUUID().slice(0, 8);
}

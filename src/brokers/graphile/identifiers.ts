import { createHash } from "node:crypto";

/** What graphile's names of this project's tasks begin with. */
export const PREFIX = "errand/";
/** The queue that everybody takes from before any other is known. */
const DEFAULT_QUEUE = "default";
/** PostgreSQL and graphile take these as they are; graphile's longest name has 128 characters. */
const PLAIN = /^[\x20-\x7e]{1,100}$/;

/** Graphile's name for what lies in a queue. One that is long or strange is known by its digest; the job itself tells the queue. */
export function identifierOf(queue: string): string {
  return PREFIX + (PLAIN.test(queue) ? queue : `#${createHash("sha256").update(queue).digest("hex")}`);
}

export const defaultIdentifier = identifierOf(DEFAULT_QUEUE);

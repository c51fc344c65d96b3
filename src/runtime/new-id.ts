import { v7 } from "uuid";

/** Bytes that an id takes from the pool. */
const BYTES = 16;
/** Random bytes are drawn for so many ids at once: a draw costs more than all else that an id takes. */
const POOL = 256;

const pool = new Uint8Array(BYTES * POOL);
let used = pool.length;
let msecs = Number.NEGATIVE_INFINITY;
let sequence = 0;

/** A new UUIDv7 (RFC 9562). Those of this process are in the order in which they were made, also within a ms, and when the clock is set back. */
export function newId(): string {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + BYTES);
  used += BYTES;
  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    // Its highest bit is left free, so that there is room to count.
    sequence = new DataView(random.buffer, random.byteOffset).getUint32(0) >>> 1;
  } else if (sequence === 0xffff_ffff) {
    msecs += 1;
    sequence = 0;
  } else sequence += 1;
  return v7({ msecs, seq: sequence, random });
}

import type { Storage } from "../core/storage.ts";

/** A storage that is there from the start and opened at its first use. */
export function lateStorage(open: () => Promise<Storage>): Storage {
  return {
    name: "late",
    write: async (...args) => (await open()).write(...args),
    append: async (...args) => (await open()).append(...args),
    read: async (...args) => (await open()).read(...args),
    remove: async (...args) => (await open()).remove(...args),
    list: async (...args) => (await open()).list(...args),
    close: async () => {}, // Closed by whoever opened it.
  };
}

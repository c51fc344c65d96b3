import type { Storage } from "../../core/storage.ts";

/** Registers one test, with two handles on one storage. */
export type StorageTest = (name: string, body: (storage: Storage, other: Storage) => Promise<void>) => void;

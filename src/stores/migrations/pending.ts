import { StoreError } from "../../core/errors.ts";
import { migrations } from "./index.ts";
import type { Migration } from "./migration.ts";

/** The number of the schema that this version works with. */
export const newestSchema = migrations.at(-1)?.number ?? 0;

/** The migrations that a database has not had which has come as far as `reached`, in order. */
export function applicable(reached: number): readonly Migration[] {
  return migrations.filter(({ number }) => number > reached);
}

/** @throws StoreError "newer_schema" when a newer version wrote the database */
export function refuseNewer(reached: number, where: string): void {
  if (reached <= newestSchema) return;
  throw new StoreError(
    "newer_schema",
    `The database ${where} was written by a newer version of Errand (schema ${reached}; this one knows up to ${newestSchema}). Update the errand package.`,
  );
}

import { StoreError } from "../core/errors.ts";

export function closedError(): StoreError {
  return new StoreError("closed", "This errand was closed: nothing more can be started or read through it.");
}

import { MAX_JSON_BYTES } from "../../core/json.ts";
import type { LinkKind } from "../../core/link.ts";
import type { Family } from "../../core/links.ts";
import type { Message } from "../../core/messages.ts";
import type { RunError } from "../../core/run.ts";
import { type EndedState, statesBefore } from "../../core/states.ts";
import type { Change, RunValues, Store } from "../../core/store.ts";
import { errorArtifact } from "../attempts/outcome.ts";
import type { Writer } from "../writer.ts";

const unexpected: RunError = { code: "internal", message: { key: "run.unexpected" } };

/** How a container will end as soon as nothing goes on below it; null while all is well. */
export function endingOf({ state, onFailure, succeeded, failed, canceled, open, blocked }: Family): "failed" | "canceled" | null {
  const goesOn = onFailure === "continue";
  if (state === "canceling") {
    if (canceled + open + blocked > 0) return "canceled";
    // All had ended by themselves before the wish reached them.
    return failed === 0 || (goesOn && succeeded > 0) ? null : "canceled";
  }
  if (goesOn) return null;
  return failed > 0 ? "failed" : canceled > 0 ? "canceled" : null;
}

/** Ends a container below which nothing goes on any more, unless another process was first. */
export async function endContainer(
  { store, writer }: { store: Store; writer: Writer },
  { id, kind, succeeded, failed, canceled }: Family,
  ending: "failed" | "canceled" | null,
): Promise<void> {
  const state: EndedState = ending ?? (succeeded > 0 ? "succeeded" : failed > 0 ? "failed" : "canceled");
  const sums = await store.links.sums(id);
  const end = (values: Partial<RunValues>): Change => ({
    id,
    guard: { states: statesBefore(state, "link") },
    patch: {
      set: { state, stateText: null, ended: { fromNow: 0 }, totalSteps: sums.total, completedSteps: sums.completed, ...values },
      // It goes on from what was shown while the revisions below were added up.
      add: { rev: sums.rev },
    },
  });
  if (state === "failed") {
    const error = (await store.links.firstError(id)) ?? unexpected;
    await writer.change({ ...end({ error }), leave: errorArtifact({ id, attempt: 0 }, error) });
  } else if (state === "canceled") {
    await writer.change(end({}));
  } else {
    const total = succeeded + failed + canceled;
    const some: Message = { key: "run.some_succeeded", params: { succeeded, total } };
    const result = resultOf(kind, await store.links.results(id));
    await writer.change(end({ completedSteps: sums.total, ...(succeeded < total && { stateText: some }), ...(result !== null && { result }) }));
  }
}

/** A chain's result is its last step's, a group's the list of all; null when it would be too long to keep, or a part of it was. */
function resultOf(kind: LinkKind, results: readonly (string | null)[]): string | null {
  if (kind !== "group") return results.at(-1) ?? null;
  if (results.includes(null)) return null;
  const text = `[${results.join(",")}]`;
  return Buffer.byteLength(text) <= MAX_JSON_BYTES ? text : null;
}

import type { Message } from "../core/messages.ts";
import type { Run } from "../core/run.ts";

/** What a run is doing: the task's own words while it has any, else its state, in the reader's language. Linked runs say in the end how many succeeded. */
export function stateText(run: Pick<Run, "state" | "stateText" | "kind">, say: (message: Message) => string): string {
  const isOutdated = run.state === "canceling" || (run.state === "succeeded" && run.kind === null);
  return run.stateText === null || isOutdated ? say({ key: `web.state.${run.state}` }) : say(run.stateText);
}

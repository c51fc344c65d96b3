import type { PretixStep } from "../core/wire.ts";
import { make } from "./make.ts";

/** Shows the checklist of a run in `list`: the first step that is not done is the one under way. */
export function showSteps(list: Element | null | undefined, steps: readonly PretixStep[] = []): void {
  const current = steps.findIndex(({ done }) => !done);
  list?.replaceChildren(
    ...steps.map(({ label, done }, place) => {
      const line = make("li", { textContent: label, ariaCurrent: place === current ? "step" : null });
      line.dataset.state = done ? "done" : line.ariaCurrent ? "current" : "waiting";
      return line;
    }),
  );
}

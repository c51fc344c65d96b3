import type { Message } from "../../core/messages.ts";
import type { Run } from "../../core/run.ts";
import { checklist } from "../../core/steps.ts";

interface StepListProps {
  readonly run: Run;
  readonly say: (message: Message) => string;
}

/** The named steps of a run, each done, current or waiting. The sign before each is for the eye; the words behind it for who cannot see it. */
export function StepList({ run, say }: StepListProps) {
  const lines = checklist(run);
  if (lines.length === 0) return null;
  return (
    <ol class="errand-steps">
      {lines.map(({ label, state }) => (
        <li data-state={state} aria-current={state === "current" ? "step" : undefined}>
          {say(label)}
          {state === "done" ? <span class="errand-spoken"> ({say({ key: "web.step_done" })})</span> : null}
        </li>
      ))}
    </ol>
  );
}

import type { Child } from "hono/jsx";
import type { PageContext } from "./page-context.ts";

interface ConfirmBoxProps {
  readonly context: PageContext;
  readonly title: string;
  /** Where to go back to when nothing is to be done. */
  readonly from: string;
  /** Where the form goes. */
  readonly action: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly children?: Child;
}

/** A question with two ways out. The script shows it as a dialog over the page that asked. */
export function ConfirmBox({ context, title, from, action, fields, children }: ConfirmBoxProps) {
  const { text } = context;
  return (
    <div class="errand-card errand-confirm" data-errand-question>
      <h1 id="question">{title}</h1>
      {children}
      <form method="post" action={action} class="errand-actions">
        {fields.map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <a class="errand-button errand-small" href={from} data-errand-close>
          {text("keep")}
        </a>
        <button type="submit" class="errand-danger">
          {text("delete")}
        </button>
      </form>
    </div>
  );
}

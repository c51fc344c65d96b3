import type { InvalidInputBody } from "../core/wire.ts";
import { make } from "./make.ts";

/** The form is the app's, and so is its style sheet: only the colour is ours. */
const look = { className: "errand-field-error", style: "color:var(--errand-bad,light-dark(#a3261c,#f4a59d));margin-block:.25rem 1rem" };
const DESCRIBED_BY = "aria-describedby";
let count = 0;

/** Says by each field what is wrong with it, and at the form's top what belongs to none, until the next try. Nothing that was typed changes. */
export function showFieldErrors(form: HTMLFormElement, { message, errors }: InvalidInputBody): void {
  const summary = make("div", { ...look, role: "alert", tabIndex: -1, textContent: message });
  const undo = [() => summary.remove()];
  let first: HTMLElement = summary;
  for (const { path, message: textContent } of errors) {
    const field = ([...form.elements] as HTMLInputElement[]).find(({ name, type }) => path && name === path && type !== "hidden");
    if (!field) {
      make("div", { textContent: path ? `${path}: ${textContent}` : textContent }, summary);
      continue;
    }
    const note = make("p", { ...look, id: `errand-error-${++count}`, textContent });
    const before = field.getAttribute(DESCRIBED_BY) ?? "";
    (field.closest("label") ?? field).after(note);
    field.ariaInvalid = "true";
    field.setAttribute(DESCRIBED_BY, `${before} ${note.id}`.trim());
    undo.push(() => {
      note.remove();
      field.ariaInvalid = null;
      field.setAttribute(DESCRIBED_BY, before);
    });
    if (first === summary) first = field;
  }
  const clear = () => {
    for (const step of undo) step();
  };
  form.addEventListener("submit", clear, { once: true });
  form.prepend(summary);
  first.focus();
}

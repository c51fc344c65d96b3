import type { RunBody } from "../../core/wire.ts";
import { make } from "../make.ts";
import { percent } from "../progress-words.ts";
import { statusOf } from "./run-card.ts";

/** Tells screen readers, politely, of a run's start, of each further quarter, and of its end: nothing else, and nothing twice. */
export class Speech {
  readonly #spoken: HTMLElement;
  readonly #said = new Map<string, number>();

  constructor(parent: ParentNode) {
    this.#spoken = make("div", { className: "spoken", role: "status" }, parent);
  }

  /** `isSilent`: somebody else says it, or the reader has heard it before; from here on it is known. */
  tell(run: RunBody, isSilent = false): void {
    const { id, name, percentage, ended } = run;
    const quarter = ended === null ? Math.floor(percentage / 25) : 5;
    if (quarter <= (this.#said.get(id) ?? -1)) return;
    this.#said.set(id, quarter);
    if (!isSilent) this.#spoken.textContent = `${name}: ${statusOf(run)} ${ended === null ? percent(percentage) : ""}`.trim();
  }
}

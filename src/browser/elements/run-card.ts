import type { RunBody } from "../../core/wire.ts";
import { make } from "../make.ts";
import { percent } from "../progress-words.ts";
import { showSteps } from "../step-lines.ts";
import type { ElementTexts } from "./element-texts.ts";
import { RunNotes } from "./run-notes.ts";
import { cancelRun, linksOf } from "./run-requests.ts";

/** Links that a card has room for. */
const MOST_LINKS = 3;

export interface RunCardOptions {
  readonly say: ElementTexts;
  /** The page of the run, if there is one. */
  readonly page: string | undefined;
  /** Where a card can be dismissed once its run has ended. */
  readonly onDismiss?: () => void;
  /** The answer to a cancel. */
  readonly onChange: (run: RunBody) => void;
}

/** One run as the elements show it. */
export class RunCard {
  readonly element: HTMLElement;
  readonly dismiss: HTMLButtonElement;
  readonly #say: ElementTexts;
  readonly #name: HTMLElement;
  readonly #meter: HTMLElement;
  readonly #track: HTMLElement;
  readonly #bar: HTMLElement;
  readonly #number: HTMLElement;
  readonly #status: HTMLElement;
  readonly #steps: HTMLElement;
  readonly #notes: RunNotes;
  readonly #next: HTMLAnchorElement;
  readonly #links: HTMLElement;
  readonly #cancel: HTMLButtonElement;
  #run: RunBody | undefined;
  /** The app's own words at the end, which a page was told. */
  #message = "";

  constructor({ say, page, onDismiss, onChange }: RunCardOptions) {
    this.#say = say;
    this.element = make("div", { className: "run" });
    const head = make("div", { className: "head" }, this.element);
    this.#name = page === undefined ? make("span", { className: "name", tabIndex: -1 }, head) : make("a", { className: "name", href: page }, head);
    this.dismiss = make("button", { type: "button", className: "icon", textContent: "×", hidden: true }, head);
    this.dismiss.onclick = () => onDismiss?.();
    this.#meter = make("div", { className: "meter" }, this.element);
    this.#track = make("div", { role: "progressbar", ariaValueMin: "0", ariaValueMax: "100" }, this.#meter);
    this.#bar = make("div", {}, this.#track);
    this.#number = make("span", { ariaHidden: "true" }, this.#meter);
    this.#status = make("p", { className: "status" }, this.element);
    this.#steps = make("ol", { className: "steps", role: "list" }, this.element);
    this.#notes = new RunNotes(make("p", { className: "note" }, this.element));
    const actions = make("div", { className: "actions" }, this.element);
    this.#next = make("a", { textContent: say.open, hidden: true }, actions);
    // Its links are the actions', but only once there are any.
    this.#links = actions;
    this.#cancel = make("button", { type: "button", textContent: say.cancel, hidden: true }, actions);
    this.#cancel.onclick = () => void this.#askToCancel(onChange);
  }

  show(run: RunBody): void {
    const before = this.#run;
    this.#run = run;
    const { name, percentage, ended } = run;
    this.#name.textContent = name;
    this.#track.ariaLabel = name;
    this.dismiss.ariaLabel = `${this.#say.dismiss}: ${name}`;
    this.#cancel.ariaLabel = `${this.#say.cancel}: ${name}`;
    this.#meter.hidden = ended !== null;
    const known = percent(percentage);
    this.#number.textContent = known;
    this.#track.ariaValueNow = known ? String(Math.round(percentage)) : null;
    this.#bar.style.inlineSize = known && `${percentage}%`;
    this.#status.textContent = (ended !== null && this.#message) || statusOf(run);
    showSteps(this.#steps, ended === null ? run.steps.map(({ label, state }) => ({ label, done: state === "done" })) : []);
    this.#notes.keep(run);
    if (ended === null) this.#offerCancel(run.state === "Canceling");
    else if (before?.ended === undefined || before.ended === null) this.#end(run);
  }

  /** At the end: what the app has to say, and where it leads. */
  tell(message: string, link: string | undefined): void {
    this.#message = message;
    if (message && this.#run?.ended) this.#status.textContent = message;
    this.#next.hidden = !link;
    if (link) this.#next.href = link;
  }

  #offerCancel(isCanceling: boolean): void {
    this.#cancel.hidden = false;
    // Not disabled: who stands on the button stays there.
    this.#cancel.ariaDisabled = String(isCanceling);
    this.#cancel.textContent = isCanceling ? this.#say.canceling : this.#say.cancel;
  }

  #end(run: RunBody): void {
    this.element.dataset.end = run.state.toLowerCase();
    // Who stood on the button must not be left nowhere.
    const hadFocus = this.#cancel.matches(":focus");
    this.#cancel.hidden = true;
    this.dismiss.hidden = this.dismiss.onclick === null || this.element.closest("li") === null;
    if (hadFocus) (this.dismiss.hidden ? this.#name : this.dismiss).focus();
    void this.#showLinks(run);
  }

  async #showLinks(run: RunBody): Promise<void> {
    if (run.state !== "Succeeded" || run.artifacts.length === 0) return;
    const links = await linksOf(run, MOST_LINKS);
    for (const { name, href, isFile } of links) {
      const link = make("a", { textContent: name, href }, this.#links);
      if (isFile) link.download = "";
      else link.rel = "noopener noreferrer nofollow";
    }
    if (run.artifacts.length > MOST_LINKS && this.#name instanceof HTMLAnchorElement)
      make("a", { textContent: this.#say.more, href: this.#name.href }, this.#links);
  }

  async #askToCancel(onChange: (run: RunBody) => void): Promise<void> {
    if (!this.#run || this.#cancel.ariaDisabled === "true") return;
    this.#offerCancel(true);
    const answer = await cancelRun(this.#run);
    if (answer) return onChange(answer);
    if (this.#run.ended !== null) return;
    this.#offerCancel(this.#run.state === "Canceling");
    this.#status.textContent = this.#say.unreachable;
  }
}

/** What a run says of itself: its own words while it goes on, why it failed, else its state. */
export function statusOf({ state_text, error, state, ended }: RunBody): string {
  return (ended !== null && state === "Failed" && error) || state_text;
}

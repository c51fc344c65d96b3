import type { PretixBody } from "../core/wire.ts";
import { make } from "./make.ts";
import { announcer, percent } from "./progress-words.ts";
import { showSteps } from "./step-lines.ts";
import type { Texts } from "./texts.ts";

export interface Progress {
  readonly status: string;
  /** 0 to 100; undefined or 0 while nothing is known. */
  readonly percentage?: number | undefined;
  /** What a new announcement takes, besides another quarter of the way. */
  readonly state?: string | undefined;
  /** What else is true of the run at the moment. */
  readonly note?: PretixBody["note"];
  readonly steps?: PretixBody["steps"];
}

export interface DialogOptions {
  readonly say: Texts;
  readonly headline: string;
  readonly text: string;
  readonly onCancel: () => void;
  readonly onBackground: () => void;
  readonly onClose: () => void;
}

/** Shows a run: as a modal dialog, then perhaps as a notice in the corner that leaves the page usable. */
export interface TaskDialog {
  isModal(): boolean;
  /** Also in place of the notice. */
  showModal(): void;
  /** Focus goes back to where it was before the dialog. */
  showNotice(): void;
  /** Shows nothing for the time being. */
  hide(): void;
  update(progress: Progress): void;
  /** Offers to cancel, says that canceling is under way, or offers it no more. */
  offerCancel(offer: boolean, isCanceling: boolean): void;
  /** Says how it ended, and stays until it is closed. `link` leads on. */
  end(title: string, message: string, link?: string): void;
  close(): void;
}

/**
 * Where all dialogs are: out of reach of the page's styles, and with their own from the style sheet beside the script. Not in the body,
 * which an answer may replace. The style sheet comes at once: when the connection is lost, it is too late.
 */
const stack = make("div", {}, document.documentElement).attachShadow({ mode: "open" });
make("link", { rel: "stylesheet", href: new URL("errand.css", import.meta.url).href }, stack);

export function openTaskDialog({ say, headline, text, onCancel, onBackground, onClose }: DialogOptions): TaskDialog {
  const dialog = make("dialog", { tabIndex: -1, autofocus: true, ariaLabel: headline }, stack);
  const heading = make("h2", { textContent: headline }, dialog);
  make("p", { textContent: text, hidden: !text }, dialog);
  const meter = make("div", { className: "errand-meter" }, dialog);
  const track = make("div", { role: "progressbar", ariaLabel: headline, ariaValueMin: "0", ariaValueMax: "100" }, meter);
  const bar = make("div", {}, track);
  const number = make("span", { ariaHidden: "true" }, meter);
  const status = make("p", { className: "errand-status", textContent: say.sending }, dialog);
  const list = make("ol", { className: "errand-steps" }, dialog);
  const aside = make("p", { className: "errand-note errand-quiet" }, dialog);
  const announce = announcer(dialog);
  const actions = make("div", { className: "errand-actions" }, dialog);
  const next = make("a", { className: "errand-button", textContent: say.open, hidden: true }, actions);
  const button = (textContent: string, onClick: () => void) =>
    // The second click of a double click was meant for the button that opened the dialog.
    make("button", { type: "button", className: "errand-plain", textContent, hidden: true, onclick: ({ detail }) => detail > 1 || onClick() }, actions);
  const background = button(say.background, onBackground);
  const cancel = button(say.cancel, onCancel);
  const close = button(say.close, onClose);
  dialog.oncancel = (event) => {
    event.preventDefault();
    (background.hidden ? onClose : onBackground)();
  };
  const isModal = () => dialog.matches(":modal");
  const isFocused = (element: Element) => stack.activeElement === element;
  return {
    isModal,
    showModal() {
      dialog.close();
      dialog.showModal();
      background.hidden = false;
      close.hidden = true;
    },
    showNotice() {
      dialog.close();
      // Unlike show(), this leaves the focus alone.
      dialog.open = true;
      background.hidden = true;
      close.hidden = false;
    },
    hide: () => dialog.close(),
    update({ status: textContent, percentage, state, note = "", steps }) {
      status.textContent = textContent;
      aside.textContent = note;
      showSteps(list, steps);
      const known = percent(percentage);
      number.textContent = known;
      track.ariaValueNow = percentage ? String(Math.round(percentage)) : null;
      bar.style.inlineSize = known && `${percentage}%`;
      announce(textContent, percentage, state);
    },
    offerCancel(offer, isCanceling) {
      if (!offer && isFocused(cancel)) dialog.focus();
      cancel.hidden = !offer;
      cancel.disabled = isCanceling;
      cancel.textContent = isCanceling ? say.canceling : say.cancel;
    },
    end(title, message, link) {
      const takesFocus = isModal() || isFocused(cancel) || isFocused(close);
      dialog.ariaLabel = heading.textContent = title;
      status.textContent = message;
      announce(`${title} ${message}`);
      list.hidden = aside.hidden = meter.hidden = background.hidden = cancel.hidden = true;
      close.hidden = false;
      next.hidden = !link;
      if (link) next.href = link;
      if (takesFocus) (link ? next : close).focus();
    },
    close() {
      dialog.close();
      dialog.remove();
    },
  };
}

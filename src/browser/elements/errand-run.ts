import type { RunBody } from "../../core/wire.ts";
import { make } from "../make.ts";
import { elementStyle } from "./element-style.ts";
import { elementTexts } from "./element-texts.ts";
import { followDocument } from "./follow-document.ts";
import { RunCard } from "./run-card.ts";
import { Speech } from "./speech.ts";

/**
 * `<errand-run src="/errand/tasks/…/">`: one run, from now to its end, with Cancel and what it leaves. Events that bubble: `errand:progress`
 * for each document (`RunBody`, in `detail`), then once `errand:end`.
 */
export class ErrandRun extends HTMLElement {
  static readonly observedAttributes = ["src"];
  #stop: AbortController | undefined;

  connectedCallback(): void {
    this.#begin();
  }

  disconnectedCallback(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }

  attributeChangedCallback(): void {
    if (this.#stop) this.#begin();
  }

  #begin(): void {
    this.#stop?.abort();
    this.#stop = new AbortController();
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [elementStyle()];
    root.replaceChildren();
    const url = URL.parse(this.getAttribute("src") ?? "", document.baseURI);
    if (!url || url.origin !== location.origin) return;
    this.#follow(url.href, root, this.#stop.signal);
  }

  #follow(url: string, root: ShadowRoot, signal: AbortSignal): void {
    const say = elementTexts(this);
    const frame = make("div", { className: "card" }, root);
    const speech = new Speech(root);
    let known: RunBody | undefined;
    const show = (run: RunBody) => {
      if (signal.aborted || (known && known.rev >= run.rev)) return;
      known = run;
      card.show(run);
      speech.tell(run);
      const tell = (name: string) => this.dispatchEvent(new CustomEvent(name, { detail: run, bubbles: true }));
      tell("errand:progress");
      if (run.ended !== null) tell("errand:end");
    };
    const card = new RunCard({ say, page: undefined, onChange: show });
    frame.append(card.element);
    followDocument(url, show, () => frame.replaceChildren(make("p", { className: "run status", textContent: say.notFound })), signal);
  }
}

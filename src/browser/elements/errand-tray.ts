import type { PretixBody, RunBody } from "../../core/wire.ts";
import { httpUrl } from "../address.ts";
import { make } from "../make.ts";
import { percent } from "../progress-words.ts";
import type { PushState } from "../push/push.ts";
import { elementStyle } from "./element-style.ts";
import { type ElementTexts, elementTexts } from "./element-texts.ts";
import { followOwnRuns } from "./own-runs.ts";
import { RunCard, statusOf } from "./run-card.ts";
import { Speech } from "./speech.ts";
import { TitleMark } from "./title-mark.ts";
import { TrayMemory } from "./tray-memory.ts";

/** A run that ended longer ago is no news, ms. */
const NEWS = 600_000;

interface Shown {
  run: RunBody;
  readonly item: HTMLElement;
  readonly card: RunCard;
}

/**
 * `<errand-tray>`: the runs of whoever is signed in, as long as they are under way and until they are dismissed. Once in an app's layout, it
 * is there on every page. `notify` offers a notification at the end, `no-title` leaves the page's title alone; `mount` says where Errand is
 * mounted, by default where its script came from.
 */
export class ErrandTray extends HTMLElement {
  readonly #shown = new Map<string, Shown>();
  readonly #memory = new TrayMemory();
  readonly #title = new TitleMark();
  /** Runs that a dialog on this page shows. */
  readonly #inDialog = new Set<string>();
  #stop: AbortController | undefined;
  #forget: (id: string) => void = () => {};
  #say!: ElementTexts;
  #mount = "";
  #tray!: HTMLElement;
  #toggle!: HTMLButtonElement;
  #sum!: HTMLElement;
  #part!: HTMLElement;
  #list!: HTMLElement;
  #foot!: HTMLElement;
  #speech!: Speech;
  /** What has ended since the page was last looked at. */
  #hasNews = false;
  /** Whether this browser is told by Web Push, whatever page is open; undefined until that is known. */
  #push: PushState | undefined;

  connectedCallback(): void {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#say = elementTexts(this);
    this.#mount = new URL(this.getAttribute("mount") ?? import.meta.url, import.meta.url).href;
    this.#build();
    document.addEventListener("errand:start", (event) => this.#onStart(event as CustomEvent), { signal });
    document.addEventListener("errand:background", (event) => this.#onBackground(event as CustomEvent), { signal });
    document.addEventListener("errand:end", (event) => this.#onEnd(event as CustomEvent), { signal });
    document.addEventListener("visibilitychange", () => this.#onLook(), { signal });
    const listener = { shown: (run: RunBody) => this.#show(run), gone: (id: string) => this.#remove(id) };
    if (this.hasAttribute("notify")) void this.#lookAtPush();
    this.#forget = followOwnRuns(this.#mount, (run) => this.#isNews(run), listener, signal);
  }

  disconnectedCallback(): void {
    this.#stop?.abort();
    this.#title.show("");
    this.#shown.clear();
  }

  #build(): void {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [elementStyle()];
    root.replaceChildren();
    this.#speech = new Speech(root);
    this.#tray = make("section", { className: "card tray", ariaLabel: this.#say.tasks, hidden: true }, root);
    this.#toggle = make("button", { type: "button", className: "toggle" }, this.#tray);
    this.#sum = make("span", { className: "sum" }, this.#toggle);
    this.#part = make("span", { className: "part" }, this.#toggle);
    this.#list = make("ul", { className: "list", role: "list" }, this.#tray);
    this.#foot = make("div", { className: "foot", hidden: true }, this.#tray);
    const notify = make("button", { type: "button", textContent: this.#say.notify }, this.#foot);
    this.#toggle.onclick = () => this.#open(this.#memory.isClosed);
    notify.onclick = () => void this.#askToNotify();
    this.#open(!this.#memory.isClosed);
  }

  #open(isOpen: boolean): void {
    this.#memory.isClosed = !isOpen;
    this.#toggle.ariaExpanded = String(isOpen);
    this.#list.hidden = !isOpen;
    this.#sumUp();
  }

  #isNews({ id, ended }: RunBody): boolean {
    return !this.#memory.isDismissed(id) && (ended === null || Date.now() - Date.parse(ended) < NEWS);
  }

  #show(run: RunBody): void {
    const { id } = run;
    const shown = this.#shown.get(id);
    if (shown && shown.run.rev >= run.rev) return;
    const { card } = shown ?? this.#add(run);
    const hasEnded = shown?.run.ended === null && run.ended !== null;
    if (shown) shown.run = run;
    card.show(run);
    // What a page finds when it comes is told by the page before it, and what a dialog shows, by that.
    this.#speech.tell(run, !shown || this.#inDialog.has(id));
    if (hasEnded) this.#ended(run);
    this.#sumUp();
  }

  /** Newest first. */
  #add(run: RunBody): Shown {
    const { id } = run;
    const page = new URL(`runs/${id}`, this.#mount).href;
    const card = new RunCard({ say: this.#say, page, onDismiss: () => this.#dismiss(id), onChange: (changed) => this.#show(changed) });
    const item = make("li", {});
    item.append(card.element);
    const older = [...this.#shown.values()].filter((other) => other.run.id < id).sort((one, other) => (one.run.id < other.run.id ? 1 : -1))[0];
    this.#list.insertBefore(item, older?.item ?? null);
    const shown = { run, item, card };
    this.#shown.set(id, shown);
    return shown;
  }

  #dismiss(id: string): void {
    this.#memory.dismiss(id);
    const item = this.#shown.get(id)?.item;
    const neighbour = item?.nextElementSibling ?? item?.previousElementSibling;
    this.#remove(id);
    this.#forget(id);
    (neighbour?.querySelector<HTMLElement>(".name") ?? this.#toggle).focus();
  }

  #remove(id: string): void {
    this.#shown.get(id)?.item.remove();
    this.#shown.delete(id);
    this.#sumUp();
  }

  #ended(run: RunBody): void {
    if (!document.hidden) return;
    this.#hasNews = true;
    if (this.hasAttribute("notify") && this.#push !== "on" && this.#memory.wantsNotice && Notification.permission === "granted") {
      // The tag makes one of the notices of several tabs.
      const notice = new Notification(run.name, { body: statusOf(run), tag: `errand ${run.id}` });
      notice.onclick = () => focus();
    }
  }

  /** What all of them come to: in the tray's head, and in the page's title. */
  #sumUp(): void {
    const runs = [...this.#shown.values()].map(({ run }) => run);
    const underWay = runs.filter(({ ended }) => ended === null);
    const known = underWay.filter(({ percentage }) => percentage > 0);
    const part = percent(known.reduce((sum, { percentage }) => sum + percentage, 0) / Math.max(1, underWay.length));
    this.#tray.hidden = runs.length === 0;
    this.#sum.textContent = underWay.length > 0 ? this.#say.underWay(underWay.length) : this.#say.allDone;
    this.#part.textContent = part;
    this.#foot.hidden = this.#list.hidden || underWay.length === 0 || !this.#mayAsk();
    if (!this.hasAttribute("no-title")) this.#title.show(underWay.length > 0 ? part && `(${part})` : this.#hasNews ? "✓" : "");
  }

  #mayAsk(): boolean {
    if (!this.hasAttribute("notify") || !("Notification" in globalThis)) return false;
    if (this.#push === "off") return true;
    return Notification.permission === "default" || (Notification.permission === "granted" && !this.#memory.wantsNotice);
  }

  async #askToNotify(): Promise<void> {
    const push = this.#push === "off" ? await loadPush() : undefined;
    this.#memory.wantsNotice = (await Notification.requestPermission()) === "granted";
    // Where it does not work, the page does what it can by itself.
    if (push && this.#memory.wantsNotice) this.#push = (await push.turnOn(this.#mount)) === "on" ? "on" : "unavailable";
    const hadFocus = this.#foot.matches(":focus-within");
    this.#sumUp();
    if (hadFocus && this.#foot.hidden) this.#toggle.focus();
  }

  async #lookAtPush(): Promise<void> {
    this.#push = await (await loadPush())?.pushState(this.#mount);
    if (this.isConnected) this.#sumUp();
  }

  #onLook(): void {
    if (document.hidden) return;
    this.#hasNews = false;
    this.#sumUp();
  }

  #onStart({ detail }: CustomEvent<Partial<PretixBody>>): void {
    if (detail.async_id) this.#inDialog.add(detail.async_id);
  }

  /** The tray shows the run, so that the dialog needs no notice of its own. */
  #onBackground(event: CustomEvent<Partial<PretixBody>>): void {
    const { async_id } = event.detail;
    if (!async_id || !this.#shown.has(async_id)) return;
    event.preventDefault();
    this.#inDialog.delete(async_id);
    this.#open(true);
  }

  #onEnd({ detail }: CustomEvent<Partial<PretixBody>>): void {
    const { async_id = "", message = "", redirect } = detail;
    this.#shown.get(async_id)?.card.tell(message, httpUrl(redirect));
  }
}

/** Undefined where the scripts are served from a folder that lacks it. */
function loadPush(): Promise<typeof import("../push/push.ts") | undefined> {
  return import("../push/push.ts").catch(() => undefined);
}

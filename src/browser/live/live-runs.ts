import type { ServerEvent } from "../../client/read-events.ts";
import type { RunBody } from "../../core/wire.ts";
import { Audience, type AudienceWord } from "./audience.ts";
import { EventConnection } from "./event-connection.ts";
import { Leadership } from "./leadership.ts";

/** Hears of all runs of whoever is signed in. */
export interface RunListener {
  /** A newer revision than any that this listener has heard of. */
  changed?(run: RunBody): void;
  /** The run was deleted, or is to be seen no more. */
  gone?(id: string): void;
  /** Whether changes are heard as they happen; while they are not, ask for them. */
  live?(isLive: boolean): void;
}

/** What the pages of a browser say to each other. */
type Word =
  | { readonly kind: "hello" | "ping" | "pong" | "renew" }
  | { readonly kind: "look"; readonly word: AudienceWord }
  | { readonly kind: "state"; readonly isLive: boolean; readonly lastId: string; readonly runs: readonly RunBody[] }
  | { readonly kind: "event"; readonly event: ServerEvent }
  | { readonly kind: "live"; readonly isLive: boolean };

/** Runs whose newest document is remembered. */
const MOST = 500;

/**
 * The runs of whoever is signed in, as `url` tells of them. However many pages a browser has open, one of them holds the stream, and tells the
 * others what it hears. Where a browser has no locks, `isLive` stays false.
 */
export class LiveRuns {
  readonly #url: string;
  readonly #listeners = new Set<RunListener>();
  readonly #runs = new Map<string, RunBody>();
  #isLive = false;
  #lastId = "";
  #channel: BroadcastChannel | undefined;
  #leadership: Leadership | undefined;
  #connection: EventConnection | undefined;
  readonly #audience = new Audience(
    (word) => this.#say({ kind: "look", word }),
    (isHidden) => this.#connection?.hide(isHidden),
  );

  constructor(url: string) {
    this.#url = url;
    // In the back-forward cache, or frozen, a page must not stand in the way of the others.
    addEventListener("pagehide", () => this.#leave());
    document.addEventListener("freeze", () => this.#leave());
    document.addEventListener("visibilitychange", () => this.#audience.look());
    addEventListener("pageshow", () => this.#join());
    document.addEventListener("resume", () => this.#join());
  }

  /** All runs that were told of and are not gone, in no order. */
  get runs(): readonly RunBody[] {
    return [...this.#runs.values()];
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  /** The newest document of a run, if it was told of. */
  find(id: string): RunBody | undefined {
    return this.#runs.get(id);
  }

  /** Whether every change of this run, up to its end, is heard of as it happens. */
  covers(id: string): boolean {
    return this.#isLive && this.#runs.get(id)?.ended === null;
  }

  /** Calls `listener` from now on; returns what ends that. */
  listen(listener: RunListener): () => void {
    this.#listeners.add(listener);
    this.#join();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#leave();
    };
  }

  /** Makes the stream be that of whoever is signed in now. */
  renew(): void {
    if (!this.#connection) return this.#say({ kind: "renew" });
    this.#runs.clear();
    this.#lastId = "";
    this.#connection.renew();
  }

  #join(): void {
    if (this.#channel || this.#listeners.size === 0 || !navigator.locks) return;
    const channel = new BroadcastChannel(`errand ${this.#url}`);
    this.#channel = channel;
    channel.onmessage = ({ data }: MessageEvent<Word>) => this.#hear(data);
    this.#leadership = new Leadership({
      name: channel.name,
      onLead: () => this.#connect(),
      onDepose: () => this.#disconnect(),
      onSilence: () => this.#setLive(false),
      ask: () => this.#say({ kind: "ping" }),
    });
    this.#say({ kind: "hello" });
    this.#audience.look();
  }

  #leave(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#audience.leave();
    if (!document.hidden) this.#say({ kind: "look", word: "hidden" });
    this.#leadership?.leave();
    this.#channel?.close();
    this.#channel = undefined;
    this.#setLive(false);
  }

  #connect(): void {
    const tell = (isLive: boolean) => {
      this.#setLive(isLive);
      this.#say({ kind: "live", isLive });
    };
    this.#connection = new EventConnection(this.#url, this.#lastId, {
      onUp: () => tell(true),
      onDown: () => tell(false),
      onEvent: (event) => {
        this.#say({ kind: "event", event });
        this.#take(event);
      },
    });
    this.#audience.lead();
  }

  /** Another page leads: what it knows may be newer. */
  #disconnect(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#audience.leave();
    this.#setLive(false);
    this.#say({ kind: "hello" });
  }

  #say(word: Word): void {
    this.#channel?.postMessage(word);
  }

  #hear(word: Word): void {
    const { kind } = word;
    if (kind === "look") return this.#audience.hear(word.word);
    if (this.#connection) {
      if (kind === "hello") this.#say({ kind: "state", isLive: this.#isLive, lastId: this.#lastId, runs: this.runs });
      else if (kind === "ping") this.#say({ kind: "pong" });
      else if (kind === "renew") this.renew();
      return;
    }
    if (kind === "hello" || kind === "ping" || kind === "renew") return;
    this.#leadership?.heard();
    if (kind === "event") this.#take(word.event);
    else if (kind === "state") this.#takeAll(word);
    else if (kind === "live") this.#setLive(word.isLive);
  }

  #takeAll({ isLive, lastId, runs }: Word & { kind: "state" }): void {
    if (Number(lastId) > Number(this.#lastId)) this.#lastId = lastId;
    for (const run of runs) this.#change(run);
    this.#setLive(isLive);
  }

  #take({ type, data, id }: ServerEvent): void {
    if (id) this.#lastId = id;
    const said = JSON.parse(data);
    if (type === "message") this.#change(said as RunBody);
    else if (type === "gone") this.#lose((said as { id: string }).id);
    else if (type === "runs") this.#keepOnly(new Set((said as { ids: string[] }).ids));
  }

  #change(run: RunBody): void {
    if ((this.#runs.get(run.id)?.rev ?? 0) >= run.rev) return;
    this.#runs.delete(run.id);
    this.#runs.set(run.id, run);
    if (this.#runs.size > MOST) this.#runs.delete(this.#runs.keys().next().value as string);
    for (const listener of [...this.#listeners]) listener.changed?.(run);
  }

  #lose(id: string): void {
    if (!this.#runs.delete(id)) return;
    for (const listener of [...this.#listeners]) listener.gone?.(id);
  }

  /** What has not ended and is not named was deleted while nobody listened, or belongs to who was signed in before. */
  #keepOnly(ids: ReadonlySet<string>): void {
    for (const { id, ended } of this.runs) if (ended === null && !ids.has(id)) this.#lose(id);
  }

  #setLive(isLive: boolean): void {
    if (this.#isLive === isLive) return;
    this.#isLive = isLive;
    for (const listener of [...this.#listeners]) listener.live?.(isLive);
  }
}

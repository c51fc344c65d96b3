import type { PresenceStore, Watched } from "../../core/presence.ts";
import type { Log } from "../../core/task.ts";

/** Who has come or gone is noted within this time, ms: a page that follows another at once is no change. */
const LOOK_EVERY = 1000;
/** What is noted of somebody who watches holds for so long, ms, should this process die; and is noted again when half of it is over. */
const LEASE = 30_000;
/** After the process has closed, ms: its pages come back to another one. */
const AFTER_CLOSE = 10_000;
/** Who has not been watching for so long is forgotten, and looked for so often, ms. */
const KEEP = 3_600_000;
const FORGET_EVERY = 600_000;

/** What this process knows of one owner. Times are of its own clock, ms. */
interface Watching {
  readonly since: number;
  /** Streams and waiting polls that are held open. */
  held: number;
  /** Until when what was only asked counts. */
  until: number;
  /** Until when the store believes it. */
  noted: number;
}

/**
 * Whose pages are watching in this process, told to the store now and then: once when somebody comes, every 15 s while they are there, once
 * when they have gone; all of a moment in one write. Nothing is kept or written before `enable`.
 */
export class Presence {
  readonly #log: Log;
  readonly #owners = new Map<string, Watching>();
  #store: PresenceStore | undefined;
  #process = "";
  #isEnabled = false;
  #isLeaving = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #forgotAt = performance.now();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Whether anything is noted. */
  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  /** From now on it matters who is watching. */
  enable(): void {
    this.#isEnabled = true;
  }

  /** `process` tells this process from others. */
  open(store: PresenceStore, process: string): void {
    this.#store = store;
    this.#process = process;
  }

  /** A page of the owner watches until the returned function is called. */
  hold(owner: string | null): () => void {
    const watching = this.#of(owner);
    if (!watching) return () => {};
    watching.held += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      watching.held -= 1;
      watching.until = performance.now() + (this.#isLeaving ? AFTER_CLOSE : 0);
    };
  }

  /** A page of the owner has asked, and is expected to ask again within `ms`. */
  seen(owner: string | null, ms: number): void {
    const watching = this.#of(owner);
    if (watching) watching.until = Math.max(watching.until, performance.now() + ms);
  }

  /** From now on it is this process that ends what its pages hold open, not those who look at them. */
  leaving(): void {
    this.#isLeaving = true;
  }

  /** Notes that all have gone, but for the time that they need to find another process. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#writing;
    const now = performance.now();
    for (const watching of this.#owners.values()) {
      watching.until = Math.max(watching.until, watching.held > 0 ? now + AFTER_CLOSE : 0);
      watching.held = 0;
    }
    if (this.#owners.size > 0) await this.#note([...this.#owners], now);
    this.#owners.clear();
    this.#store = undefined;
  }

  #of(owner: string | null): Watching | undefined {
    if (!this.#isEnabled || !this.#store || owner === null) return undefined;
    let watching = this.#owners.get(owner);
    if (watching) return watching;
    const now = performance.now();
    watching = { since: now, held: 0, until: now, noted: now };
    this.#owners.set(owner, watching);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY).unref();
    return watching;
  }

  #look(): void {
    if (this.#writing || !this.#store) return;
    const now = performance.now();
    const changed = [...this.#owners].filter(([, watching]) => {
      const end = watching.held > 0 ? Number.POSITIVE_INFINITY : watching.until;
      return end <= now || watching.noted - now <= LEASE / 2;
    });
    if (changed.length > 0) this.#writing = this.#note(changed, now).finally(() => (this.#writing = undefined));
    else if (this.#owners.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  /** Whoever has gone is forgotten here once the store knows; what could not be written is tried again at the next look. */
  async #note(owners: readonly (readonly [string, Watching])[], now: number): Promise<void> {
    const watched: Watched[] = [];
    const noted: [string, Watching, number][] = [];
    for (const [owner, watching] of owners) {
      const isGone = watching.held === 0 && watching.until <= now;
      const until = isGone || !this.#timer ? watching.until : Math.max(watching.until, now + LEASE);
      noted.push([owner, watching, until]);
      watched.push({ owner, since: now - watching.since, until: until - now });
    }
    try {
      await this.#store?.note(this.#process, watched);
      for (const [owner, watching, until] of noted) {
        watching.noted = until;
        if (watching.held === 0 && watching.until <= until && until <= now) this.#owners.delete(owner);
      }
      if (now - this.#forgotAt < FORGET_EVERY) return;
      this.#forgotAt = now;
      await this.#store?.forget(KEEP);
    } catch (error) {
      this.#log.warn({ error }, "It could not be noted whose pages are watching; trying again in a second.");
    }
  }
}

/**
 * Of all pages of this browser that ask for it under one name, one leads: until it goes, is frozen, or no longer answers. Whoever has waited
 * longest is next.
 */

/** Each follower looks this often whether there is still a leader, ms. */
const LOOK_EVERY = 3000;
/** So long a leader may take to answer, ms. */
const PATIENCE = 4000;

export interface LeadershipOptions {
  readonly name: string;
  /** This page leads from now on. */
  readonly onLead: () => void;
  /** It leads no more: another took over. */
  readonly onDepose: () => void;
  /** Nobody leads who answers; this page is about to take over. */
  readonly onSilence: () => void;
  /** Asks the leader for a sign of life, which is to be told by `heard()`. */
  readonly ask: () => void;
}

export class Leadership {
  readonly #options: LeadershipOptions;
  readonly #left = new AbortController();
  #isLeading = false;
  #release = () => {};
  #askedAt = 0;
  #heardAt = Date.now();

  /** Asks to lead, now or some time. */
  constructor(options: LeadershipOptions) {
    this.#options = options;
    const watch = setInterval(() => this.#look(), LOOK_EVERY);
    this.#left.signal.addEventListener("abort", () => clearInterval(watch));
    void this.#queue();
  }

  get isLeading(): boolean {
    return this.#isLeading;
  }

  /** The leader has given a sign of life. */
  heard(): void {
    this.#heardAt = Date.now();
    this.#askedAt = 0;
  }

  /** Lets another lead. */
  leave(): void {
    this.#left.abort();
    this.#isLeading = false;
    this.#release();
  }

  /** Waits for its turn; once deposed, for the next. */
  async #queue(): Promise<void> {
    const { name } = this.#options;
    while (!this.#left.signal.aborted) await navigator.locks.request(name, { signal: this.#left.signal }, () => this.#lead()).catch(() => this.#depose());
  }

  /** Until it leaves, or the lock is stolen: then `request` rejects. */
  #lead(): Promise<void> {
    if (this.#left.signal.aborted || this.#isLeading) return Promise.resolve();
    this.#isLeading = true;
    const released = new Promise<void>((resolve) => {
      this.#release = resolve;
    });
    this.#options.onLead();
    return released;
  }

  #depose(): void {
    if (!this.#isLeading) return;
    this.#isLeading = false;
    this.#heardAt = Date.now();
    this.#options.onDepose();
  }

  #look(): void {
    if (this.#isLeading) return;
    const now = Date.now();
    if (this.#askedAt > 0 && now - this.#askedAt > PATIENCE) this.#steal();
    else if (this.#askedAt === 0 && now - this.#heardAt > LOOK_EVERY) {
      this.#askedAt = now;
      this.#options.ask();
    }
  }

  /** The leader holds the lock and does nothing: its page hangs, or is frozen without having been told. */
  #steal(): void {
    this.heard();
    this.#options.onSilence();
    void navigator.locks.request(this.#options.name, { steal: true }, () => this.#lead()).catch(() => this.#depose());
  }
}

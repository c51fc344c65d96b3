import { type Client, type Connection, createClient, type RunDocument } from "../client/index.ts";

/** What is known of a run at the moment. */
export interface RunView<Of> {
  /** Its newest document; null until the first has come. */
  readonly run: RunDocument<Of> | null;
  /** Why nothing more will come: it was refused, or the run is gone. Lost connections are no errors: the watch goes on. */
  readonly error: Error | null;
  /** How changes are heard of. */
  readonly connection: Connection;
}

let ownClient: Client | undefined;

/** The client of those who give none: Errand is mounted at /errand of the page's site. */
export function defaultClient(): Client {
  ownClient ??= createClient();
  return ownClient;
}

/** Follows one run for as long as anybody listens, and shows all of them the same view: another object only when something has changed. */
export class RunFollower<Of> {
  readonly #client: Client;
  readonly #url: string | undefined;
  readonly #initial: RunView<Of>;
  readonly #listeners = new Set<() => void>();
  #view: RunView<Of>;
  #stop: AbortController | undefined;

  /** Without a `url` it follows nothing. */
  constructor(client: Client, url: string | undefined, initial: RunDocument<Of> | null) {
    this.#client = client;
    this.#url = url;
    const isOver = url === undefined || (initial !== null && initial.ended !== null);
    this.#initial = { run: initial, error: null, connection: isOver ? "over" : "connecting" };
    this.#view = this.#initial;
  }

  readonly view = (): RunView<Of> => this.#view;

  /** What a server renders, and a page before its scripts have begun. */
  readonly initialView = (): RunView<Of> => this.#initial;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#begin();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stop?.abort();
      this.#stop = undefined;
    };
  };

  readonly cancel = async (): Promise<RunDocument<Of>> => {
    const run = await this.#client.cancel<Of>(this.#address());
    this.#show({ run });
    return run;
  };

  readonly rerun = async (options?: { only?: "failed" }): Promise<RunDocument<Of>> => this.#client.rerun<Of>(this.#address(), options);

  readonly remove = async (): Promise<void> => this.#client.remove(this.#address());

  #begin(): void {
    if (this.#url === undefined || this.#view.error) return;
    const isOver = Boolean(this.#view.run?.ended);
    // How changes were heard when somebody listened last is no longer true.
    const connection = isOver ? "over" : "connecting";
    if (this.#view.connection !== connection) this.#show({ connection });
    if (isOver) return;
    const stop = new AbortController();
    this.#stop = stop;
    // Strict mode unmounts at once what it has mounted: that costs no request, since a watch that is given up at once has made none.
    void this.#follow(stop.signal);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const onConnection = (connection: Connection) => signal.aborted || this.#show({ connection });
    try {
      for await (const run of this.#client.watch<Of>(this.#address(), { signal, known: this.#view.run ?? undefined, onConnection })) this.#show({ run });
    } catch (error) {
      if (!signal.aborted) this.#show({ error: error as Error, connection: "over" });
    }
  }

  #show(change: Partial<RunView<Of>>): void {
    // The answer to a cancel may be older than what was heard meanwhile.
    if (change.run && this.#view.run && change.run.rev <= this.#view.run.rev) return;
    this.#view = { ...this.#view, ...change };
    // A watch under way says so itself.
    if (this.#view.run?.ended && !this.#stop) this.#view = { ...this.#view, connection: "over" };
    for (const listener of [...this.#listeners]) listener();
  }

  #address(): string {
    if (this.#url === undefined) throw new TypeError("useRun has no run to do this with: give it the address or the id of one.");
    return this.#url;
  }
}

import pg from "pg";
import type { WrittenRun } from "../../core/store.ts";
import { fromPayload } from "./payload.ts";
import { identifier } from "./schema-names.ts";

type Listener = (written?: readonly WrittenRun[]) => void;

/** After so long a silence, ms, whoever watches is told to look all the same: a notifier may be cut off without a sign. */
const SILENCE_MS = 1500;
/** The first wait before connecting again, ms; each further one is twice as long, up to the last. */
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 10_000;

/** Hears what other handles have written, on one connection of its own, which stands as long as somebody watches. It keeps no process alive. */
export class PostgresWatch {
  readonly #config: pg.ClientConfig | null;
  readonly #channel: string;
  readonly #handle: string;
  readonly #listeners = new Set<Listener>();
  #client: pg.Client | undefined;
  #silence: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  #pause = FIRST_PAUSE_MS;

  /** @param config of the connection; null when there is to be none, and silence alone is what makes whoever watches look */
  constructor(config: pg.ClientConfig | null, channel: string, handle: string) {
    this.#config = config;
    this.#channel = channel;
    this.#handle = handle;
  }

  add(listener: Listener): () => void {
    const own: Listener = (written) => listener(written);
    this.#listeners.add(own);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) void this.stop();
    };
  }

  /** Ends the connection. */
  async stop(): Promise<void> {
    this.#listeners.clear();
    clearInterval(this.#silence);
    clearTimeout(this.#again);
    this.#silence = undefined;
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => {}); // It was broken already.
  }

  #start(): void {
    this.#silence = setInterval(() => this.#tell(), SILENCE_MS).unref();
    void this.#connect();
  }

  async #connect(): Promise<void> {
    if (this.#config === null) return;
    const client = new pg.Client(this.#config);
    this.#client = client;
    client.on("notification", ({ payload = "" }) => this.#hear(payload));
    client.on("error", () => {}); // Its end is heard below.
    client.on("end", () => this.#lost(client));
    try {
      await client.connect();
      (client as unknown as { unref(): void }).unref();
      await client.query(`LISTEN ${identifier(this.#channel)}`);
      if (this.#client !== client) return await client.end();
      this.#pause = FIRST_PAUSE_MS;
      this.#tell(); // Of what was written before it listened.
    } catch {
      this.#lost(client);
    }
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.end().catch(() => {});
    this.#again = setTimeout(() => void this.#connect(), this.#pause).unref();
    this.#pause = Math.min(this.#pause * 2, LAST_PAUSE_MS);
  }

  #hear(payload: string): void {
    const { handle, written } = fromPayload(payload);
    if (handle !== this.#handle) this.#tell(written);
  }

  #tell(written?: readonly WrittenRun[]): void {
    this.#silence?.refresh();
    for (const listener of this.#listeners) listener(written);
  }
}

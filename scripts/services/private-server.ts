import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Account, unprivileged } from "./unprivileged.ts";

/** A server that only this process uses: it is gone, and its folder too, when this process is, also by SIGKILL. */
export interface PrivateServer {
  readonly url: string;
  readonly port: number;
  /** Its temporary folder. */
  readonly folder: string;
  /** Its process; null while it is down. */
  readonly pid: number | null;
  /** Stops it in good order and starts it again, at the same address, with what it has kept on disk; also starts one that was killed or is down. */
  restart(): Promise<void>;
  /** Stops it in good order; it stays down until `restart`. */
  down(): Promise<void>;
  /** SIGKILL; it stays down until `restart`. */
  kill(): Promise<void>;
  /** Stops it for good and removes its folder. Idempotent. */
  stop(): Promise<void>;
}

/** What to run, with the server's own folder as the working directory. */
export interface ServerCommand {
  readonly name: string;
  /** Run one after the other, before the first start. */
  readonly prepare: readonly (readonly string[])[];
  readonly command: string;
  readonly args: readonly string[];
  /** What it prints once it can be used. */
  readonly ready: string;
  /** What it prints when it is worth a later try: what is left of its own earlier life stands in its way. */
  readonly again: readonly string[];
  /** The signal that stops it in good order. */
  readonly stop: NodeJS.Signals;
}

export interface KeeperOrder extends ServerCommand {
  /** Who runs it; undefined: whoever runs the keeper. */
  readonly user: Account | undefined;
}
export type KeeperCommand = "down" | "kill" | "restart";
/** The server's folder, and its process while it is up. */
export type KeeperAnswer = { readonly folder: string; readonly pid: number | null } | { readonly failed: string };

/** Starts a server under a keeper (keeper.ts). @throws Error with the server's own words when it does not start; nothing is left then */
export async function startPrivate(address: { readonly url: string; readonly port: number }, command: ServerCommand): Promise<KeptServer> {
  const server = new KeptServer(address, { ...command, user: unprivileged() });
  try {
    await server.started;
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

export class KeptServer implements PrivateServer {
  readonly url: string;
  readonly port: number;
  readonly started: Promise<void>;
  readonly #keeper: ChildProcess;
  readonly #exited: Promise<unknown>;
  #doing: Promise<void>;
  #folder = "";
  #pid: number | null = null;

  constructor({ url, port }: { readonly url: string; readonly port: number }, order: KeeperOrder) {
    this.url = url;
    this.port = port;
    // In a session of its own, so that Ctrl-C reaches the command first and its servers only when it has ended.
    this.#keeper = fork(fileURLToPath(new URL("./keeper.ts", import.meta.url)), [JSON.stringify(order)], {
      detached: true,
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#exited = once(this.#keeper, "exit");
    this.#exited.catch(() => undefined);
    this.started = this.#answer("start");
    this.#doing = this.started;
  }

  get folder(): string {
    return this.#folder;
  }

  get pid(): number | null {
    return this.#pid;
  }

  restart(): Promise<void> {
    return this.#tell("restart");
  }

  down(): Promise<void> {
    return this.#tell("down");
  }

  kill(): Promise<void> {
    return this.#tell("kill");
  }

  async stop(): Promise<void> {
    if (this.#keeper.connected) this.#keeper.disconnect();
    await this.#exited;
  }

  /** One command after the other; one that failed does not stand in the way of the next. */
  #tell(command: KeeperCommand): Promise<void> {
    this.#doing = this.#doing
      .catch(() => undefined)
      .then(() => {
        const answered = this.#answer(command);
        this.#keeper.send(command);
        return answered;
      });
    return this.#doing;
  }

  async #answer(to: string): Promise<void> {
    const gone = this.#exited.then((): KeeperAnswer => ({ failed: `The server's keeper ended before it had answered "${to}".` }));
    const answer = await Promise.race([once(this.#keeper, "message").then(([message]) => message as KeeperAnswer), gone]);
    if ("failed" in answer) throw new Error(answer.failed);
    this.#folder = answer.folder;
    this.#pid = answer.pid;
  }
}

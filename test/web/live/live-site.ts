import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { toNode } from "../../../src/adapters/node.ts";
import type { RunBody } from "../../../src/core/wire.ts";
import type { ErrandOptions, Run, Task } from "../../../src/index.ts";
import type { WebOptions } from "../../../src/web/index.ts";
import { openSite, type TestSite } from "../fixture.ts";
import { EventReader } from "./event-reader.ts";

/** What a test does to a run while it is under way. */
export interface Puppet {
  readonly id: string;
  say(text: string): Promise<void>;
  leave(name: string): Promise<void>;
  /** Lets the task return, and resolves with the ended run. */
  end(): Promise<Run>;
}

type Context = Parameters<Parameters<TestSite["errand"]["task"]>[0]["run"]>[1];

/** A site on a real server, and a task whose runs do what the test says. */
export class LiveSite implements AsyncDisposable {
  readonly site: TestSite;
  readonly origin: string;
  readonly quick: Task<string | null, string | null>;
  readonly #server: Server;
  readonly #begun = new Map<string, PromiseWithResolvers<Context>>();
  readonly #ends = new Map<string, PromiseWithResolvers<void>>();
  readonly #puppet: Task<string, null>;

  private constructor(site: TestSite, server: Server) {
    this.site = site;
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.quick = site.errand.task({ name: "quick", run: (input) => input as string | null }) as Task<string | null, string | null>;
    this.#puppet = site.errand.task({
      name: "puppet",
      calculateTotalSteps: () => 10,
      run: async (input, context) => {
        const name = input as unknown as string;
        this.#begun.get(name)?.resolve(context);
        await Promise.race([
          this.#ends.get(name)?.promise,
          new Promise((_, stop) => context.signal.addEventListener("abort", () => stop(context.signal.reason))),
        ]);
        return null;
      },
    }) as unknown as Task<string, null>;
  }

  static async open(web: WebOptions = {}, options: ErrandOptions = {}): Promise<LiveSite> {
    const site = await openSite(web, options);
    const server = createServer(toNode(site.web.handler));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return new LiveSite(site, server);
  }

  /** Starts a run and waits until its task has begun. */
  async start(owner: string): Promise<Puppet> {
    const name = crypto.randomUUID();
    const begun = Promise.withResolvers<Context>();
    const end = Promise.withResolvers<void>();
    this.#begun.set(name, begun);
    this.#ends.set(name, end);
    const { id } = await this.#puppet.start(name, { owner });
    const { status, artifacts } = await begun.promise;
    return {
      id,
      say: (text) => status.setState(text),
      leave: async (left) => void (await artifacts.text("x", left)),
      end: async () => {
        end.resolve();
        return (await this.site.errand.wait(id, { timeout: 60_000 })) as Run;
      },
    };
  }

  /** The events of a run, or without one all of the user's. */
  events(user: string, runId?: string, lastEventId?: string, headers: Record<string, string> = {}): Promise<EventReader> {
    const path = runId === undefined ? "/errand/events/" : `/errand/tasks/${runId}/events/`;
    return EventReader.open(this.origin + path, { "x-user": user, ...headers }, lastEventId);
  }

  get(user: string, runId: string, headers: Record<string, string> = {}, query = ""): Promise<Response> {
    return fetch(`${this.origin}/errand/tasks/${runId}/${query}`, { headers: { "x-user": user, ...headers } });
  }

  async document(user: string, runId: string): Promise<RunBody> {
    return (await (await this.get(user, runId)).json()) as RunBody;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.site.close();
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }
}

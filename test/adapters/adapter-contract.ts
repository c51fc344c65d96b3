import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe } from "vitest";
import { createErrand } from "../../src/index.ts";
import { errandWeb } from "../../src/web/index.ts";
import { tempDir } from "../support/temp.ts";
import { testBodies } from "./body-tests.ts";
import { type ContractRoutes, contractApp } from "./contract-app.ts";
import { testProxy } from "./proxy-tests.ts";
import { testRequests } from "./request-tests.ts";
import { testStreams } from "./stream-tests.ts";

export interface Served {
  /** Where the site begins, without a slash at the end. Its path is the prefix of the whole site. */
  readonly base: string;
  close(): Promise<void>;
}

export interface Exceptions {
  /** Why the server has no parameters of the path. */
  readonly noParams?: string;
  /** Why answers lose their Content-Length. */
  readonly noLength?: string;
  /** Why a path with a broken escape is answered with 500, before the adapter sees it. */
  readonly brokenEscape?: string;
}

/** What the tests of the contract know of the server under test. */
export interface Subject extends Exceptions {
  /** An address of the site, such as `at("/errand/")`. */
  at(path: string): string;
  /** The address of the probe that does this; those of one `id` speak of one exchange. */
  probe(what: string, id?: string): string;
  /** Path below which the whole site lies; "" for none. */
  readonly prefix: () => string;
}

/** How long a server may take to start, ms: one of them is built first. */
const START = 240_000;

/** The same expectations of every adapter, over real HTTP. */
export function testAdapter(name: string, serve: () => Promise<Served>, exceptions: Exceptions = {}): void {
  describe(name, () => {
    let served: Served | undefined;
    beforeAll(async () => {
      served = await serve();
    }, START);
    afterAll(() => served?.close());
    const base = () => {
      if (!served) throw new Error("The server has not started.");
      return served.base;
    };
    const subject: Subject = {
      ...exceptions,
      at: (path) => base() + path,
      probe: (what, id = randomUUID()) => `${base()}/shop/orders/A/probe?do=${what}&id=${id}`,
      prefix: () => new URL(base()).pathname.replace(/\/$/, ""),
    };
    testRequests(subject);
    testBodies(subject);
    testStreams(subject);
    testProxy(subject);
  });
}

/** The contract for a server in this process. */
export function testServer(name: string, serve: (routes: ContractRoutes) => Server | Promise<Server>, exceptions: Exceptions = {}): void {
  const start = async () => {
    const app = contractApp({ createErrand, errandWeb }, tempDir());
    const server = await serve(app.routes);
    const { base, close } = await listening(server);
    return {
      base,
      close: async () => {
        await close();
        await app.close();
      },
    };
  };
  testAdapter(name, start, exceptions);
}

/** Makes a server listen on a free port, unless it does already. */
export async function listening(server: Server = createServer()): Promise<Served> {
  if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

import { join } from "node:path";
import type { createErrand, Json, Upload } from "../../src/index.ts";
import type { errandWeb, WebHandler } from "../../src/web/index.ts";
import { probe } from "./probe.ts";

/** What a server under test must serve, with the router, the mount or the dispatch that it has. */
export interface ContractRoutes {
  /** At /shop/orders/:code/start, any method, below a sub-router or a mount where there is such a thing. */
  readonly action: WebHandler;
  /** At the same place with /probe instead of /start. */
  readonly probe: WebHandler;
  /** Everything below /errand. */
  readonly mounted: WebHandler;
  /** Everything below /trusted: the same, for who believes a proxy. */
  readonly trusted: WebHandler;
}

export interface ContractApp {
  readonly routes: ContractRoutes;
  close(): Promise<void>;
}

/** Errand as the source has it, or as another process has installed it. */
interface Parts {
  readonly createErrand: typeof createErrand;
  readonly errandWeb: typeof errandWeb;
}

/** The app behind every server of the contract. Requests with the header `x-user` are that user's; `prefix` is what the site lies below. */
export function contractApp({ createErrand, errandWeb }: Parts, folder: string, prefix = ""): ContractApp {
  const errand = createErrand({ database: `file:${join(folder, "errand.sqlite")}`, broker: "none", storage: `file:${join(folder, "files")}` });
  const identify = (request: Request) => {
    const id = request.headers.get("x-user");
    return id === null ? null : { id };
  };
  const web = errandWeb(errand, { path: `${prefix}/errand`, identify });
  const trusting = errandWeb(errand, { path: `${prefix}/trusted`, identify, trustProxy: true });
  const echo = errand.task({
    name: "echo",
    run: async (input, { artifacts, open }) => {
      const { file, ...rest } = input as { fields: Json; params: Json; file?: Upload };
      let size = 0;
      if (file) for await (const chunk of await open(file)) size += chunk.byteLength;
      await artifacts.file("out.txt", "x".repeat(300_000));
      return { ...rest, size };
    },
  });
  const action = web.asyncAction({
    task: echo,
    input: ({ fields, params, files }) => ({ fields, params, file: files.file }) as unknown as Json,
    // What the task saw comes back by the address, so that a test needs nothing but HTTP.
    successUrl: (seen) => `/done?${new URLSearchParams({ seen: JSON.stringify(seen) })}`,
    errorUrl: "/failed",
    wait: 30_000,
  });
  return { routes: { action, probe, mounted: web.handler, trusted: trusting.handler }, close: () => errand.close({ grace: 0 }) };
}

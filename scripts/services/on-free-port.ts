import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

const TRIES = 5;

/** Starts a server on a port that is free, and once more on another when somebody was faster. With `wanted`, on that port or not at all. */
export async function onFreePort<Server>(wanted: number | undefined, start: (port: number) => Promise<Server>): Promise<Server> {
  if (wanted !== undefined) return start(wanted);
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === TRIES || !/address already in use/i.test((error as Error).message)) throw error;
    }
  }
}

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

import { tell } from "../measure.ts";
import { startWorker } from "../processes.ts";
import { Scratch } from "../scratch.ts";
import { serverLine } from "../server-line.ts";
import type { Measurement } from "../suite.ts";
import { EventClient } from "./event-client.ts";
import { start, startWeb, type Web } from "./web.ts";

const STREAMS = 2000;
const AT_ONCE = 50;

/** Polls of a run that a worker writes all the time, at a web process with 2,000 open streams, against one with none on the same file. Half of the streams are of one run, half of all of a user's. */
export const pollsWithStreams: Measurement = {
  name: "polls-with-streams",
  async measure() {
    using scratch = new Scratch();
    const file = scratch.file("errand.sqlite");
    await using busy = await startWeb(`file:${file}`, "database");
    await using idle = await startWeb(`file:${file}`, "database");
    const path = await start(busy, "steady", "poller");
    await using _worker = await startWorker(new URL("./worker-app.ts", import.meta.url), file, ["--grace", "0s"]);
    const before = await held(busy);
    const streams = await openStreams(busy);
    try {
      const after = await held(busy);
      const each = (what: keyof Held) => `${(((after[what] - before[what]) * 1024) / STREAMS).toFixed(1)} KiB`;
      tell(`polls-with-streams: a stream takes ${each("heap")} of memory (heap and buffers), ${each("resident")} of the process's size`);
      const target = (web: Web) => ({ port: web.port, path, headers: { "X-User": "poller", "Accept-Language": "en" } });
      const ours = { what: "the web process with streams", server: busy, target: target(busy) };
      return [await serverLine("polls-with-streams", "req/s", ours, { what: "the one without", server: idle, target: target(idle) })];
    } finally {
      for (const stream of streams) stream.close();
    }
  },
};

interface Held {
  readonly heap: number;
  readonly resident: number;
}

async function held({ port }: Web): Promise<Held> {
  return (await (await fetch(`http://127.0.0.1:${port}/held`)).json()) as Held;
}

/** Each of a user of its own, who has a run that waits; resolves when all have heard of theirs. */
async function openStreams(web: Web): Promise<EventClient[]> {
  const streams: EventClient[] = [];
  for (let number = 0; number < STREAMS; number += AT_ONCE) {
    streams.push(...(await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => openStream(web, number + index)))));
  }
  return streams;
}

async function openStream(web: Web, number: number): Promise<EventClient> {
  const user = `user-${number}`;
  const run = await start(web, "later", user);
  const heard = Promise.withResolvers<void>();
  const path = number % 2 === 0 ? `${run}events/` : "/errand/events/";
  const stream = await EventClient.open({ port: web.port, path, user, onEvent: (type) => type === "message" && heard.resolve() });
  await heard.promise;
  return stream;
}

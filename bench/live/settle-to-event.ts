import { repeat } from "../measure.ts";
import { EventClient } from "./event-client.ts";
import { moment } from "./tasks.ts";
import { start, type Web } from "./web.ts";

const ROUNDS = 5;
const LANES = 20;
const RUNS_PER_LANE = 10;

/** From a task's return to the event at a client in another process, with 20 users' runs at once: what 95 of 100 took at most, ms, in each of some rounds. */
export function settleToEvent(web: Web): Promise<number[]> {
  let round = 0;
  return repeat(async () => {
    round += 1;
    const times = (await Promise.all(Array.from({ length: LANES }, (_, lane) => ends(web, `user-${round}-${lane}`)))).flat();
    return times.sort((one, other) => one - other)[Math.ceil(times.length * 0.95) - 1] as number;
  }, ROUNDS);
}

/** How long the ends of a user's runs took, ms: every other one by the stream of the run, the rest by the one of all that is theirs. */
async function ends(web: Web, user: string): Promise<number[]> {
  const times: number[] = [];
  for (let number = 0; number < RUNS_PER_LANE; number++) {
    const path = await start(web, "brief", user);
    times.push(await end(web, user, number % 2 === 0 ? `${path}events/` : "/errand/events/", path));
  }
  return times;
}

async function end(web: Web, user: string, path: string, run: string): Promise<number> {
  const ended = Promise.withResolvers<number>();
  const client = await EventClient.open({
    port: web.port,
    path,
    user,
    onEvent: (type, data) => {
      const now = moment();
      if (type !== "message") return;
      const { url, state, result } = JSON.parse(data) as { url: string; state: string; result: number };
      if (url.endsWith(run) && state === "Succeeded") ended.resolve(now - result);
    },
  });
  try {
    return await ended.promise;
  } finally {
    client.close();
  }
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRedis } from "../../scripts/services/redis.ts";
import { createDatabase } from "../support/postgres.ts";
import { freshDatabase } from "../support/temp.ts";
import { Installation, processIn, Steps, type Web } from "./installation.ts";

interface Place {
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** What stands between the processes. */
const places: Readonly<Record<string, () => Promise<Place>>> = {
  "an SQLite file": async () => ({ env: { ERRAND_DATABASE_URL: `file:${freshDatabase()}`, ERRAND_BROKER_URL: "database" }, remove: async () => undefined }),
  PostgreSQL: () => onPostgres(() => "database"),
  "PostgreSQL and graphile-worker": () => onPostgres((url) => url),
  "PostgreSQL and BullMQ": async () => {
    const redis = await startRedis();
    const place = await onPostgres(() => redis.url);
    return { ...place, remove: async () => void (await Promise.all([redis.stop(), place.remove()])) };
  },
};

async function onPostgres(broker: (url: string) => string): Promise<Place> {
  const { url, drop } = await createDatabase();
  return { env: { ERRAND_DATABASE_URL: url, ERRAND_BROKER_URL: broker(url) }, remove: drop };
}

describe.each(Object.entries(places))("two web processes and three workers on %s", (_, prepare) => {
  let place: Place;
  let installation: Installation;
  let [a, b]: Web[] = [];

  beforeAll(async () => {
    place = await prepare();
    installation = await Installation.start(place.env);
    [a, b] = installation.webs as [Web, Web];
  });
  afterAll(async () => {
    await installation?.stop();
    await place?.remove();
  });

  const start = async (user: string, steps: number) => {
    const guide = new Steps();
    return { guide, id: await (a as Web).start(user, guide, steps) };
  };
  const seen = (user: string, id: string, fits: Parameters<Web["until"]>[2]) => (b as Web).until(user, id, fits);

  test("a run that one page has started is shown live by the other, step by step to its end", async () => {
    const { guide, id } = await start("ada", 3);
    for (let step = 1; step <= 3; step++) {
      const run = await seen("ada", id, ({ state_text: text }) => text.startsWith(`Step ${step} `));
      expect(run).toMatchObject({ state: "In Progress", completed_steps: step - 1, attempts: 1 });
      for (const web of installation.webs) expect(await web.page("ada", id)).toContain(run.state_text);
      guide.allow(step);
    }
    const ended = await seen("ada", id, ({ state }) => state === "Succeeded");
    expect(ended.completed_steps).toBe(3);
    expect(installation.workers.map(({ pid }) => pid)).toContain(ended.result);
    expect(await a?.until("ada", id, () => true)).toMatchObject({ rev: ended.rev, result: ended.result, state: "Succeeded" });
  });

  test("three runs go on in three workers at once", async () => {
    const runs = await Promise.all([1, 2, 3].map(() => start("ada", 1)));
    const shown = await Promise.all(runs.map(({ id }) => seen("ada", id, ({ state_text: text }) => text.startsWith("Step 1 "))));
    expect(shown.map(({ state_text: text }) => processIn(text)).sort()).toEqual(installation.workers.map(({ pid }) => pid).sort());
    for (const { guide } of runs) guide.allow(1);
    for (const { id } of runs) await seen("ada", id, ({ state }) => state === "Succeeded");
  });

  test("a cancel through the other page is noticed by the task where it runs", async () => {
    const { guide, id } = await start("ada", 2);
    const run = await seen("ada", id, ({ state_text: text }) => text.startsWith("Step 1 "));
    expect((await b?.cancel("ada", id))?.status).toBe(200);
    // It waits for a file that never comes: only the cancel can have ended it.
    const ended = await a?.until("ada", id, ({ state }) => state === "Canceled");
    expect(ended).toMatchObject({ completed_steps: 0, attempts: 1, result: null });
    expect(readFileSync(join(guide.folder, "noticed"), "utf8")).toBe(String(processIn(run.state_text)));
  });

  test("somebody else is shown nothing of it by either, and can do nothing to it", async () => {
    const { guide, id } = await start("ada", 1);
    const lists = async (user: string) => {
      const answers = await Promise.all(installation.webs.map((web) => web.ask("/errand/tasks/", user)));
      return Promise.all(answers.map(async (answer) => ((await answer.json()) as { id: string }[]).map((run) => run.id)));
    };
    for (const web of installation.webs) {
      expect((await web.ask(`/errand/tasks/${id}`, "bob")).status).toBe(404);
      expect((await web.cancel("bob", id)).status).toBe(404);
    }
    expect(await lists("bob")).toEqual([[], []]);
    for (const list of await lists("ada")) expect(list).toContain(id);
    await seen("ada", id, ({ state_text: text }) => text.startsWith("Step 1 "));
    guide.allow(1);
    expect((await seen("ada", id, ({ state }) => state !== "In Progress")).state).toBe("Succeeded");
  });

  test("a worker that is killed loses nothing: the run goes on in another", async () => {
    const { guide, id } = await start("ada", 2);
    guide.allow(1);
    const before = await seen("ada", id, ({ state_text: text }) => text.startsWith("Step 2 "));
    const killed = installation.workerOf(before);
    await killed.kill("SIGKILL");
    const after = await seen("ada", id, ({ attempts, state_text: text }) => attempts === 2 && text.startsWith("Step 2 "));
    expect(installation.workers.filter((worker) => worker !== killed).map(({ pid }) => pid)).toContain(processIn(after.state_text));
    guide.allow(2);
    const ended = await seen("ada", id, ({ state }) => state === "Succeeded");
    expect(ended).toMatchObject({ completed_steps: 2, attempts: 2, result: processIn(after.state_text) });
  });

  test("the others end in good order", async () => {
    const living = [...installation.workers, ...installation.webs.map(({ process }) => process)];
    const exits = await Promise.all(living.map((process) => process.kill("SIGTERM")));
    expect(exits.filter(({ code }) => code !== 0)).toEqual([{ code: null, signal: "SIGKILL" }]);
  });
});

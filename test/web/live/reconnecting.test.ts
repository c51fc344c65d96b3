import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunBody } from "../../../src/core/wire.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { freshDatabase } from "../../support/temp.ts";
import { LiveSite, type Puppet } from "./live-site.ts";

// Clients that lose their connection again and again while a run is written, by its task and by another handle on the database.

type Step = "say" | "leave" | "elsewhere" | "burst";

const histories = fc.array(fc.constantFrom<Step>("say", "leave", "elsewhere", "burst"), { minLength: 1, maxLength: 8 });
/** After so many documents the connection is cut: at once, even before the first. */
const cuts = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 });

let live: LiveSite;
const file = freshDatabase();
const elsewhere = sqlite({ file });

beforeAll(async () => {
  live = await LiveSite.open({}, { database: `file:${file}` });
});
afterAll(async () => {
  await live[Symbol.asyncDispose]();
  await elsewhere.close();
});

async function write(run: Puppet, step: Step, number: number): Promise<void> {
  if (step === "say") await run.say(`Said ${number}`);
  else if (step === "leave") await run.leave(`Left ${number}`);
  else for (let count = step === "burst" ? 20 : 1; count > 0; count--) await writeElsewhere(run.id, `Elsewhere ${number}.${count}`);
}

async function writeElsewhere(id: string, stateText: string): Promise<void> {
  const [written] = await elsewhere.write([{ change: { id, guard: { states: ["in_progress"] }, patch: { set: { stateText } } } }]);
  expect(written).toMatchObject({ id, stateText });
}

/** Reads as EventSource does until the server says that there is nothing more; after each cut it connects again with the last id. */
async function readThrough(open: (lastEventId: string | undefined) => ReturnType<LiveSite["events"]>, wanted: readonly number[]): Promise<RunBody[]> {
  const documents: RunBody[] = [];
  const cuts = [...wanted];
  for (let lastEventId: string | undefined; ; ) {
    await using reader = await open(lastEventId);
    if (reader.response.status === 204) return documents;
    let left = cuts.shift() ?? Number.POSITIVE_INFINITY;
    for (; left > 0; left--) {
      const event = await reader.next();
      if (!event) break;
      documents.push(JSON.parse(event.data) as RunBody);
      lastEventId = event.id;
    }
  }
}

test("whoever comes back ends with the final document, and sees rising revisions only", async () => {
  await fc.assert(
    fc.asyncProperty(histories, cuts, async (history, wanted) => {
      const run = await live.start("ann");
      const reading = readThrough((id) => live.events("ann", run.id, id), wanted);
      for (const [number, step] of history.entries()) await write(run, step, number);
      await run.end();
      const documents = await reading;
      const revs = documents.map(({ rev }) => rev);
      expect(revs).toEqual([...new Set(revs)].sort((one, other) => one - other));
      expect(documents.at(-1)).toEqual(await live.document("ann", run.id));
      expect(documents.at(-1)?.artifacts).toHaveLength(history.filter((step) => step === "leave").length);
    }),
    { numRuns: 25 },
  );
});

test("the same of all runs of an owner: each ends with its final document, and never goes back", async () => {
  let owners = 0;
  await fc.assert(
    fc.asyncProperty(histories, cuts, async (history, wanted) => {
      const owner = `owner-${owners++}`;
      const runs = [await live.start(owner), await live.start(owner)];
      const newest = new Map<string, RunBody>();
      const isOver = () => newest.size === 2 && [...newest.values()].every(({ state }) => state === "Succeeded");
      const reading = (async () => {
        const cuts = [...wanted];
        for (let lastEventId: string | undefined; !isOver(); ) {
          await using reader = await live.events(owner, undefined, lastEventId);
          for (let left = cuts.shift() ?? Number.POSITIVE_INFINITY; left > 0 && !isOver(); left--) {
            const document = await reader.document();
            expect(document.rev).toBeGreaterThanOrEqual(newest.get(document.id)?.rev ?? 0);
            newest.set(document.id, document);
            expect(Number(reader.lastEventId)).toBeGreaterThan(0);
            lastEventId = reader.lastEventId;
          }
        }
      })();
      for (const [number, step] of history.entries()) await write(runs[number % 2] as Puppet, step, number);
      for (const run of runs) await run.end();
      await reading;
      for (const { id } of runs) expect(newest.get(id)).toEqual(await live.document(owner, id));
    }),
    { numRuns: 15 },
  );
});

test("polls that wait see it the same", async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const run = await live.start("ann");
      const revs: number[] = [];
      const reading = (async () => {
        for (let etag = ""; ; ) {
          const response = await live.get("ann", run.id, { prefer: "wait=25", "if-none-match": etag });
          const document = (await response.json()) as RunBody;
          revs.push(document.rev);
          etag = response.headers.get("etag") as string;
          if (document.ended !== null) return document;
        }
      })();
      for (const [number, step] of history.entries()) await write(run, step, number);
      await run.end();
      expect(await reading).toEqual(await live.document("ann", run.id));
      expect(revs).toEqual([...revs].sort((one, other) => one - other));
    }),
    { numRuns: 15 },
  );
});

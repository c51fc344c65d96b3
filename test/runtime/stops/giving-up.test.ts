import { expect, onTestFinished, test } from "vitest";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { patiently } from "../../support/patiently.ts";
import { freshDatabase } from "../../support/temp.ts";
import { gate, keptLog, openErrand } from "../fixture.ts";

const TRIES = 80;

/** A run whose end the listener "mail" was brought so many times, and never heard. */
async function unheard(tries: number): Promise<{ runId: string; database: string }> {
  const file = freshDatabase();
  const store = sqlite(file);
  onTestFinished(() => store.close());
  await store.migrate();
  await store.stops.register("mail");
  const errand = openErrand({ database: `file:${file}` });
  const run = await errand.task({ name: "idle", run: () => {} }).delay(null);
  for (let count = 0; count < tries; count++) expect(await store.stops.take({ listeners: ["mail"], limit: 1, lease: -1 })).toHaveLength(1);
  return { runId: run.id, database: `file:${file}` };
}

test("an event that was not heard at its last try is given up, until it is redelivered", async () => {
  const { runId, database } = await unheard(TRIES - 1);
  const log = keptLog();
  const errand = openErrand({ database, log });
  const heard: string[] = [];
  const again = gate();
  errand.on(
    "userTaskStopped",
    ({ eventId }) => {
      heard.push(eventId);
      if (heard.length === 1) throw new Error("still away");
      again.open();
    },
    { durable: true, name: "mail" },
  );
  await errand.start();
  await expect.poll(() => log.said(/given up after its last try/).length, patiently).toBe(1);
  expect(await errand.redeliver(runId, "mail")).toBe(true);
  await again.opened;
  expect(heard).toEqual([`${runId}.stopped`, `${runId}.stopped`]);
});

test("an event that every listener died of is given up too", async () => {
  const { database } = await unheard(TRIES);
  const log = keptLog();
  const errand = openErrand({ database, log });
  let calls = 0;
  errand.on("userTaskStopped", () => void (calls += 1), { durable: true, name: "mail" });
  await errand.start();
  await expect.poll(() => log.said(/given up after its last try/).length, patiently).toBe(1);
  expect(calls).toBe(0);
});

import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { type ErrandOptions, group, NotificationRefusedError, type NotifyOption, type NotifyOptions, type Run, UserError } from "../../../src/index.ts";
import { patiently } from "../../support/patiently.ts";
import { freshDatabase } from "../../support/temp.ts";
import { aborted, keptLog, openErrand } from "../fixture.ts";
import { Told } from "./told.ts";

function telling(options: Partial<NotifyOptions> = {}, errandOptions: ErrandOptions = {}) {
  const told = new Told();
  const log = keptLog();
  const file = freshDatabase();
  const notify = { channels: [told], to: (owner: string) => ({ email: `${owner}@example.org` }), wait: 0, ...options };
  const errand = openErrand({ database: `file:${file}`, log, notify, ...errandOptions });
  /** Names of the runs of which somebody was told, once all has been decided and sent that is to be. */
  const all = async () => {
    await expect
      .poll(() => count(file, "(SELECT 1 FROM errand_runs WHERE unheard = 1 UNION ALL SELECT 1 FROM errand_stops WHERE due_at > 0)"), patiently)
      .toBe(0);
    return told.deliveries.map(({ run }) => run.name);
  };
  /** Once the store knows that so many owners watch. */
  const noted = (owners: number) => expect.poll(() => count(file, "errand_presence"), patiently).toBe(owners);
  return { errand, file, told, log, all, noted };
}

/** Rows of a table, read past the store. */
function count(file: string, table: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return (db.prepare(`SELECT count(*) AS count FROM ${table}`).get() as { count: number }).count;
  } finally {
    db.close();
  }
}

test("a task says whether its runs' owners are told, else the errand does", async () => {
  const { errand, all } = telling({ when: "always" });
  const run = () => null;
  for (const [name, notify] of Object.entries({ silent: "never", loud: "always", absent: "absent" } as const))
    await errand.task({ name, notify, run }).delay(null, { owner: "u1" });
  await errand.task({ name: "usual", run }).delay(null, { owner: "u1" });
  await errand.task({ name: "owned by nobody", run }).delay(null);
  expect((await all()).sort()).toEqual(["absent", "loud", "usual"]);
});

test("by default nobody is told", async () => {
  const { errand, all } = telling();
  await errand.task({ name: "usual", run: () => null }).delay(null, { owner: "u1" });
  expect(await all()).toEqual([]);
});

test("a function decides for each run, also for canceled ones, of which nobody else is told", async () => {
  const { errand, all } = telling();
  const notify: NotifyOption = ({ state, name }: Run) => (state === "canceled" || name === "wanted" ? "always" : "never");
  const waits = (name: string, option: NotifyOption) =>
    errand.task({
      name,
      generateName: (input) => String(input),
      notify: option,
      run: (_, { signal }) => aborted(signal).then((reason) => Promise.reject(reason)),
    });
  const [asked, loud] = [waits("asked", notify), waits("loud", "always")];
  for (const task of [asked, loud]) {
    const { id } = await task.start(`canceled ${task.name}`, { owner: "u1" });
    await errand.cancel(id);
    await expect.poll(async () => (await errand.get(id))?.state, patiently).toBe("canceled");
  }
  const quick = errand.task({ name: "quick", generateName: (input) => String(input), notify, run: () => null });
  await quick.delay("wanted", { owner: "u1" });
  await quick.delay("unwanted", { owner: "u1" });
  expect((await all()).sort()).toEqual(["canceled asked", "wanted"]);
});

test("only runs that took longer than a time are worth a word", async () => {
  const { errand, all } = telling();
  await errand.task({ name: "short", notify: { when: "always", longerThan: "1h" }, run: () => null }).delay(null, { owner: "u1" });
  const long = errand.task({
    name: "long",
    notify: { when: "always", longerThan: "50ms" },
    run: () => new Promise<null>((done) => setTimeout(done, 60, null)),
  });
  await long.delay(null, { owner: "u1" });
  expect(await all()).toEqual(["long"]);
});

test("of linked runs the whole is told of, its parts are not", async () => {
  const { errand, all } = telling({ when: "always" });
  const part = errand.task({ name: "part", run: () => null });
  const run = await group([part.with(null), part.with(null)], { name: "whole" }).start({ owner: "u1" });
  await run.result();
  expect(await all()).toEqual(["whole"]);
});

test("a failed run is told of too, once all attempts are used up", async () => {
  const { errand, all } = telling();
  let attempts = 0;
  const run = () => {
    attempts += 1;
    throw attempts < 2 ? new Error("no") : new UserError("really no");
  };
  await errand.task({ name: "broken", notify: "always", retries: { times: 1, delay: 0 }, run }).delay(null, { owner: "u1" });
  expect(await all()).toEqual(["broken"]);
});

test("each channel is tried on its own: one that fails repeats none of another's, with the same event id each time", async () => {
  const [mail, chat] = [new Told("mail"), new Told("chat")];
  const { errand, log } = telling({ channels: [mail, chat], when: "always" });
  chat.failures.push(new Error("busy"), new Error("still busy"));
  const run = await errand.task({ name: "idle", run: () => null }).delay(null, { owner: "u1" });
  await Promise.all([chat.told(3), mail.told(1)]);
  expect(mail.runIds).toEqual([run.id]);
  expect(new Set(chat.deliveries.map(({ eventId }) => eventId))).toEqual(new Set([`${run.id}.stopped`]));
  expect(chat.deliveries[0]).toMatchObject({ owner: "u1", contact: { email: "u1@example.org" } });
  expect(log.said(/was not heard/).map(({ fields }) => fields.listener)).toEqual(["errand.notify.chat", "errand.notify.chat"]);
});

test("a channel that refuses is not tried again, until somebody brings the event back", async () => {
  const { errand, told } = telling({ when: "always" });
  told.failures.push(new NotificationRefusedError("no such address"));
  const run = await errand.task({ name: "idle", run: () => null }).delay(null, { owner: "u1" });
  await expect.poll(() => errand.undelivered(), patiently).toEqual([{ runId: run.id, listener: "errand.notify.told", tries: 1, error: "no such address" }]);
  expect(await errand.redeliver(run.id, "errand.notify")).toBe(true);
  await told.told(2);
  await expect.poll(() => errand.undelivered(), patiently).toEqual([]);
});

test("what undelivered lists can be brought back to its channel alone", async () => {
  const [mail, chat] = [new Told("mail"), new Told("chat")];
  const { errand } = telling({ channels: [mail, chat], when: "always" });
  chat.failures.push(new NotificationRefusedError("not now"));
  await errand.task({ name: "idle", run: () => null }).delay(null, { owner: "u1" });
  await expect.poll(() => errand.undelivered(), patiently).toHaveLength(1);
  for (const { runId, listener } of await errand.undelivered()) expect(await errand.redeliver(runId, listener)).toBe(true);
  await chat.told(2);
  await expect.poll(() => errand.undelivered(), patiently).toEqual([]);
  expect(mail.deliveries).toHaveLength(1);
  expect(await errand.redeliver(errand.newRunId(), "errand.notify.chat")).toBe(false);
});

test("who deletes the run is not told of it", async () => {
  const { errand, told, all } = telling({ when: "always" });
  told.failures.push(new Error("busy"));
  const run = await errand.task({ name: "deleted", run: () => null }).delay(null, { owner: "u1" });
  await told.told(1);
  expect(await errand.remove(run.id)).toBe(true);
  expect(await all()).toEqual(["deleted"]);
});

test("somebody who watches as it ends is not told, somebody else is", async () => {
  const { errand, all, noted } = telling();
  const task = errand.task({ name: "watched", generateName: (input) => String(input), notify: "absent", run: () => null });
  await errand.start();
  const goAway = errand.presence.hold("there");
  errand.presence.seen("a moment ago", 60_000);
  await noted(2);
  for (const owner of ["there", "a moment ago", "away"]) await task.delay(owner, { owner });
  expect(await all()).toEqual(["away"]);
  goAway();
});

test("whoever comes soon after the end has seen it; whoever comes later was told", async () => {
  const { errand, told } = telling({ wait: "4s" });
  const task = errand.task({ name: "watched", generateName: (input) => String(input), notify: "absent", run: () => null });
  await task.delay("late", { owner: "late" });
  await task.delay("away", { owner: "away" });
  const goAway = errand.presence.hold("late");
  await expect.poll(() => told.deliveries.map(({ run }) => run.name), patiently).toContain("away");
  expect(told.deliveries.map(({ run }) => run.name)).not.toContain("late");
  goAway();
});

test("whoever left just before the end is told, once the wait has let the departure be noted", async () => {
  const { errand, told, noted } = telling({ wait: "2s" });
  const task = errand.task({ name: "left", notify: "absent", run: () => null });
  await errand.start();
  const goAway = errand.presence.hold("gone");
  await noted(1);
  goAway();
  await task.delay(null, { owner: "gone" });
  await told.told(1);
  expect(told.deliveries[0]?.owner).toBe("gone");
});

test("what was decided stays so, however often a channel is tried", async () => {
  const { errand, told, all } = telling();
  const task = errand.task({ name: "unwatched", notify: "absent", run: () => null });
  told.failures.push(new Error("busy"));
  await task.delay(null, { owner: "u1" });
  await told.told(1);
  const goAway = errand.presence.hold("u1");
  await told.told(2);
  expect(await all()).toEqual(["unwatched", "unwatched"]);
  goAway();
});

test("a process that does not have the task leaves the decision to one that has", async () => {
  const first = telling({ wait: "1h" });
  const known = { name: "known", notify: "always", run: () => null } as const;
  await first.errand.task(known).delay(null, { owner: "u1" });
  await expect.poll(() => count(first.file, "errand_stops"), patiently).toBe(1);
  await first.errand.close({ grace: 0 });
  const database = `file:${first.file}`;
  due(first.file);
  const without = telling({ when: "always" }, { database });
  await without.errand.start();
  await expect
    .poll(() => String(without.log.said(/was not heard; it comes again/)[0]?.fields.error), patiently)
    .toMatch(/No task is named "known" in this process/);
  // As long as it is there it tries again, and may be the quicker one each time.
  await without.errand.close({ grace: 0 });
  due(first.file);
  const having = telling({}, { database });
  having.errand.task(known);
  await having.errand.start();
  await having.told.told(1);
  expect(without.told.deliveries).toEqual([]);
});

/** Makes all events due at once. */
function due(file: string): void {
  const db = new DatabaseSync(file);
  db.exec("UPDATE errand_stops SET due_at = 1");
  db.close();
}

test.each([
  [{ channels: [] }, /needs at least one channel/],
  [{ channels: [new Told("a b")] }, /is named "a b"/],
  [{ channels: [new Told("one"), new Told("one")] }, /is named "one"/],
  [{ channels: [new Told()], url: "/errand" }, /notify\.url must be the absolute address/],
  [{ channels: [new Told()], url: "javascript:alert(1)" }, /notify\.url must be the absolute address/],
  [{ channels: [new Told()], when: "sometimes" as "never" }, /notify\.when must be "absent", "always", "never"/],
])("notify: %j will not do", (notify, message) => {
  expect(() => openErrand({ notify })).toThrow(message);
});

test("a task that is to notify needs an errand that was told how", () => {
  const errand = openErrand();
  expect(() => errand.task({ name: "loud", notify: "always", run: () => null })).toThrow(/Task loud is to notify.*give it notify/);
  expect(() => errand.task({ name: "odd", notify: "sometimes" as "never", run: () => null })).toThrow(/notify of task odd must be/);
  errand.task({ name: "silent", notify: "never", run: () => null });
});

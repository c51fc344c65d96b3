import { expect, onTestFinished, test } from "vitest";
import { type ErrandOptions, isEnded, type StopStore, type Store } from "../../../src/index.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { patiently } from "../../support/patiently.ts";
import { startProcess } from "../../support/process.ts";
import { freshDatabase, tempDir } from "../../support/temp.ts";
import { gate, keptLog, openErrand } from "../fixture.ts";
import { Hearing } from "./hearing.ts";

const idle = { name: "idle", run: () => "done" };
const mail = { durable: true, name: "mail" } as const;

/** Its events come again to others when it has been silent for longer than `timeout` ms. */
function startListener(file: string, mode: "hear" | "hang", timeout = 1000) {
  return startProcess(new URL("./listener-process.ts", import.meta.url), { args: [file, mode, String(timeout)] });
}

test("a durable listener hears of the very first run, though it was only just named", async () => {
  const errand = openErrand();
  const [early, late] = [new Hearing(), new Hearing()];
  errand.on("userTaskStopped", early.listener, mail);
  const task = errand.task(idle);
  const first = await task.delay(null);
  errand.on("userTaskStopped", late.listener, { durable: true, name: "chat" });
  const second = await task.delay(null);
  await Promise.all([early.heard(2), late.heard(1)]);
  expect(early.runIds.sort()).toEqual([first.id, second.id].sort());
  expect(early.events[0]?.eventId).toMatch(/^[0-9a-f-]{36}\.stopped$/);
  expect(late.runIds).toEqual([second.id]);
});

test("no run begins before the store knows of the listeners, however slow the store is", async () => {
  await openErrand().start(); // What is loaded at the first use is there from now on.
  const store = sqlite(freshDatabase());
  const known = { mail: gate(), chat: gate() };
  const { stops } = store;
  const slow: StopStore = {
    register: async (listener) => {
      await known[listener as keyof typeof known].opened;
      await stops.register(listener);
    },
    unregister: (listener) => stops.unregister(listener),
    take: (options) => stops.take(options),
    done: (...args) => stops.done(...args),
    again: (...args) => stops.again(...args),
    redeliver: (...args) => stops.redeliver(...args),
    givenUp: (limit) => stops.givenUp(limit),
  };
  const database: Store = Object.create(store, { name: { value: "slow" }, address: { value: undefined }, stops: { value: slow } });
  const errand = openErrand({ database, storage: `file:${tempDir()}` });
  const task = errand.task(idle);
  const delayed = async (name: keyof typeof known): Promise<void> => {
    const hearing = new Hearing();
    errand.on("userTaskStopped", hearing.listener, { durable: true, name });
    const delayed = task.delay(null);
    for (let turn = 0; turn < 1000; turn++) await new Promise(setImmediate);
    known[name].open();
    const run = await delayed;
    await hearing.heard(1);
    expect(hearing.runIds).toEqual([run.id]);
  };
  await delayed("mail");
  await delayed("chat");
});

test("more events than a listener hears at once are heard in turns, though it is asked about meanwhile", async () => {
  const errand = openErrand();
  const task = errand.task(idle);
  const hearing = new Hearing();
  const [full, go] = [gate(), gate()];
  let underWay = 0;
  let most = 0;
  errand.on(
    "userTaskStopped",
    async (event) => {
      most = Math.max(most, (underWay += 1));
      if (underWay === 16) full.open();
      await go.opened;
      underWay -= 1;
      hearing.listener(event);
    },
    mail,
  );
  const runs = await Promise.all(Array.from({ length: 40 }, () => task.delay(null)));
  await full.opened;
  // Each end makes it look, which finds no room.
  const other = new Hearing();
  errand.on("userTaskStopped", other.listener, { durable: true, name: "chat" });
  for (let count = 1; count <= 3; count++) {
    runs.push(await task.delay(null));
    await other.heard(count);
  }
  go.open();
  await hearing.heard(43);
  expect(hearing.runIds.sort()).toEqual(runs.map(({ id }) => id).sort());
  expect(most).toBe(16);
});

test("killed in the middle, it hears again in another process, with the same event id", async () => {
  const file = freshDatabase();
  const dying = startListener(file, "hang");
  await dying.line(/^ready/);
  const errand = openErrand({ database: `file:${file}` });
  const run = await errand.task(idle).delay(null);
  expect(await dying.line(/^hearing/)).toBe(`hearing ${run.id} ${run.id}.stopped succeeded`);
  await dying.kill("SIGKILL");
  const heir = startListener(file, "hear");
  expect(await heir.line(/^hearing/)).toBe(`hearing ${run.id} ${run.id}.stopped succeeded`);
  expect(await heir.line(/^heard/)).toBe(`heard ${run.id}`);
});

test("what ends while no process has the listener is kept for it", async () => {
  const file = freshDatabase();
  const first = startListener(file, "hear");
  await first.line(/^ready/);
  await first.kill("SIGKILL");
  const errand = openErrand({ database: `file:${file}` });
  const task = errand.task(idle);
  const runs = await Promise.all(Array.from({ length: 5 }, () => task.delay(null)));
  await errand.close();
  const second = startListener(file, "hear");
  for (const { id } of runs) await second.line(new RegExp(`^heard ${id}`));
});

test("a worker that is killed amid the events of many runs loses none of them", async () => {
  const file = freshDatabase();
  const errand = openErrand({ database: `file:${file}` });
  const dying = startListener(file, "hear");
  await dying.line(/^ready/);
  const task = errand.task(idle);
  const runs = await Promise.all(Array.from({ length: 120 }, () => task.delay(null)));
  await dying.line(/^heard/);
  await dying.kill("SIGKILL");
  const heir = startListener(file, "hear");
  const printed = (): string => dying.stdout + heir.stdout;
  for (const { id } of runs) if (!printed().includes(`heard ${id}`)) await heir.line(new RegExp(`^heard ${id}`));
  expect(runs.filter(({ id }) => !printed().includes(`heard ${id}`))).toEqual([]);
});

test("of two processes that have a listener one hears, once", async () => {
  const file = freshDatabase();
  const both = [startListener(file, "hear", 60_000), startListener(file, "hear", 60_000)];
  await Promise.all(both.map((child) => child.line(/^ready/)));
  const errand = openErrand({ database: `file:${file}` });
  const task = errand.task(idle);
  const runs = await Promise.all(Array.from({ length: 60 }, () => task.delay(null)));
  await Promise.all(runs.map(({ id }) => Promise.race(both.map((child) => child.line(new RegExp(`^heard ${id}`))))));
  for (const child of both) await child.kill("SIGTERM");
  const heard = both.flatMap((child) => child.stdout.match(/^heard .*$/gm) ?? []);
  expect(heard.sort()).toEqual(runs.map(({ id }) => `heard ${id}`).sort());
});

test("what it rejects comes again, and is logged; another listener is not held up", async () => {
  const log = keptLog();
  const errand = openErrand({ log });
  const hearing = new Hearing();
  const tries: string[] = [];
  const heard = gate();
  errand.on("userTaskStopped", hearing.listener, { durable: true, name: "chat" });
  errand.on(
    "userTaskStopped",
    ({ eventId }) => {
      tries.push(eventId);
      if (tries.length < 2) throw new Error("The mail server is away.");
      heard.open();
    },
    mail,
  );
  const run = await errand.task(idle).delay(null);
  await hearing.heard(1);
  await heard.opened;
  expect(tries).toEqual([`${run.id}.stopped`, `${run.id}.stopped`]);
  expect(log.said(/was not heard; it comes again/).map(({ fields }) => [fields.listener, fields.tries, String(fields.error)])).toEqual([
    ["mail", 1, "Error: The mail server is away."],
  ]);
});

test("one that never answers counts as not heard, and keeps neither others nor the closing waiting", async () => {
  const log = keptLog();
  const errand = openErrand({ log });
  const hearing = new Hearing();
  let calls = 0;
  const again = gate();
  errand.on(
    "userTaskStopped",
    () => {
      calls += 1;
      if (calls === 2) again.open();
      return new Promise(() => {});
    },
    { ...mail, timeout: "50ms" },
  );
  errand.on("userTaskStopped", hearing.listener, { durable: true, name: "chat" });
  await errand.task(idle).delay(null);
  await hearing.heard(1);
  await again.opened;
  await errand.close({ grace: 0 });
  expect(log.said(/was not heard/).map(({ fields }) => String(fields.error))[0]).toMatch(/took longer than its 50 ms/);
});

test("what it was hearing when its process closed is heard at once by another", async () => {
  const database = `file:${freshDatabase()}`;
  const options: ErrandOptions = { database };
  const closing = openErrand(options);
  const begun = gate();
  closing.on(
    "userTaskStopped",
    () => {
      begun.open();
      return new Promise(() => {});
    },
    mail,
  );
  const run = await closing.task(idle).delay(null);
  await begun.opened;
  await closing.close({ grace: 0 });
  const next = openErrand(options);
  const hearing = new Hearing();
  next.on("userTaskStopped", hearing.listener, mail);
  await next.start();
  await hearing.heard(1);
  expect(hearing.runIds).toEqual([run.id]);
});

test("closing waits for what is being heard, within its grace", async () => {
  const database = `file:${freshDatabase()}`;
  const closing = openErrand({ database });
  const [begun, go] = [gate(), gate()];
  closing.on(
    "userTaskStopped",
    async () => {
      begun.open();
      await go.opened;
    },
    mail,
  );
  const run = await closing.task(idle).delay(null);
  await begun.opened;
  const closed = closing.close({ grace: "1m" });
  go.open();
  await closed;
  const next = openErrand({ database });
  const hearing = new Hearing();
  next.on("userTaskStopped", hearing.listener, mail);
  const later = await next.task(idle).delay(null);
  await hearing.heard(1);
  expect(hearing.runIds).toEqual([later.id]);
  expect(await next.redeliver(run.id, "mail")).toBe(true);
});

test("a listener that leaves while it hears is believed; what it had not begun stays for the next", async () => {
  const errand = openErrand();
  const task = errand.task(idle);
  const [begun, go] = [gate(), gate()];
  const leave = errand.on(
    "userTaskStopped",
    async () => {
      begun.open();
      await go.opened;
    },
    mail,
  );
  const first = await task.delay(null);
  await begun.opened;
  leave();
  leave();
  const second = await task.delay(null);
  const hearing = new Hearing();
  errand.on("userTaskStopped", hearing.listener, mail);
  go.open();
  await hearing.heard(1);
  expect(hearing.runIds).toEqual([second.id]);
  expect(hearing.runIds).not.toContain(first.id);
});

test("redelivery brings an event once more, with the same id; of a run or a listener that is not there it says so", async () => {
  const errand = openErrand();
  const task = errand.task(idle);
  const hearing = new Hearing();
  errand.on("userTaskStopped", hearing.listener, mail);
  const run = await task.delay(null);
  await hearing.heard(1);
  expect(await errand.redeliver(run.id, "mail")).toBe(true);
  const [first, second] = await hearing.heard(2);
  expect(second).toEqual(first);
  expect(await errand.redeliver(run.id, "nobody")).toBe(false);
  expect(await errand.redeliver(errand.newRunId(), "mail")).toBe(false);
  const waiting = await task.start(null, { runAt: new Date(Date.now() + 3_600_000) });
  expect(await errand.redeliver(waiting.id, "mail")).toBe(false);
});

test("a forgotten listener's events are gone; when it comes again it hears what ends from then on", async () => {
  const errand = openErrand();
  const task = errand.task(idle);
  const leave = errand.on("userTaskStopped", () => {}, mail);
  await errand.start();
  leave();
  await task.delay(null);
  await errand.forgetListener("mail");
  await task.delay(null);
  const hearing = new Hearing();
  errand.on("userTaskStopped", hearing.listener, mail);
  const run = await task.delay(null);
  await hearing.heard(1);
  expect(hearing.runIds).toEqual([run.id]);
  await errand.forgetListener("nobody");
});

test("a run that is deleted before its listener heard is heard of all the same, and erased then", async () => {
  const file = freshDatabase();
  const errand = openErrand({ database: `file:${file}`, sweepEvery: "50ms" });
  const store = sqlite(file);
  onTestFinished(() => store.close());
  const leave = errand.on("userTaskStopped", () => {}, mail);
  await errand.start();
  leave();
  const run = await errand.task({ name: "leaves", run: (_input, { artifacts }) => artifacts.file("a.txt", "text").then(() => "done") }).delay(null);
  expect(await errand.remove(run.id)).toBe(true);
  expect(await errand.get(run.id)).toBeNull();
  expect(await errand.storage.list(`artifacts/${run.id}`)).toEqual([]);
  expect(await store.known([run.id])).toEqual([run.id]);
  const hearing = new Hearing();
  errand.on("userTaskStopped", hearing.listener, mail);
  await hearing.heard(1);
  expect(hearing.events[0]?.run).toMatchObject({ id: run.id, state: "succeeded", result: "done" });
  await expect.poll(() => store.known([run.id]), patiently).toEqual([]);
});

test.each(["", "a".repeat(256), "a\0b", "\ud800", undefined, 7])("the name %j will not do", (name) => {
  const errand = openErrand();
  expect(() => errand.on("userTaskStopped", () => {}, { durable: true, name: name as string })).toThrow(/needs a name of 1 to 255 characters/);
});

test.each(["Grüße 🧾", "'; DROP TABLE errand_stops; --", "%_", " ", "__proto__", "a".repeat(255)])("the name %j serves", async (name) => {
  const errand = openErrand();
  const hearing = new Hearing();
  errand.on("userTaskStopped", hearing.listener, { durable: true, name });
  const run = await errand.task(idle).delay(null);
  await hearing.heard(1);
  expect(await errand.redeliver(run.id, name)).toBe(true);
  await hearing.heard(2);
});

test("two listeners of one name are refused, unless one has left", () => {
  const errand = openErrand();
  const leave = errand.on("userTaskStopped", () => {}, mail);
  expect(() => errand.on("userTaskStopped", () => {}, mail)).toThrow(/Two durable listeners are named "mail"/);
  expect(() => errand.webhook({ name: "mail", url: "https://example.com", secret: "x".repeat(16) })).toThrow(/Two durable listeners/);
  leave();
  errand.on("userTaskStopped", () => {}, mail);
});

test("a run ends once for its listeners whatever ended it: a worker, a cancel while it waits, the sweep, another process", async () => {
  const database = `file:${freshDatabase()}`;
  const worker = openErrand({ database, broker: "database", cancelGrace: "50ms", sweepEvery: "50ms" });
  const web = openErrand({ database, broker: "database", worker: false });
  const [durable, plain, here] = [new Hearing(), new Hearing(), new Hearing()];
  worker.on("userTaskStopped", durable.listener, mail);
  worker.on("userTaskStopped", here.listener);
  web.on("userTaskStopped", plain.listener);
  const stubborn = { name: "stubborn", run: () => new Promise<never>(() => {}) };
  const broken = { name: "broken", run: () => Promise.reject(new Error("no")) };
  worker.task(idle);
  worker.task(broken);
  worker.task(stubborn);
  const tasks = { idle: web.task({ ...idle }), broken: web.task({ ...broken }), stubborn: web.task(stubborn) };
  await Promise.all([worker.start(), web.start()]);
  const later = { runAt: new Date(Date.now() + 3_600_000) };
  const [succeeded, failed, waiting, ignoring] = await Promise.all([
    tasks.idle.delay(null),
    tasks.broken.delay(null),
    tasks.idle.delay(null, later),
    tasks.stubborn.delay(null),
  ]);
  await web.cancel(waiting.id);
  await web.wait(ignoring.id, { timeout: 10_000, rev: ignoring.run.rev });
  await web.cancel(ignoring.id);
  const runs = [succeeded, failed, waiting, ignoring];
  for (const hearing of [durable, plain, here]) await hearing.heard(4);
  expect((await Promise.all(runs.map(({ id }) => web.get(id)))).map((run) => run?.state)).toEqual(["succeeded", "failed", "canceled", "canceled"]);
  await worker.close({ grace: 0 });
  await web.close({ grace: 0 });
  for (const hearing of [durable, plain, here]) {
    expect(hearing.runIds.sort()).toEqual(runs.map(({ id }) => id).sort());
    expect(hearing.events.every(({ run }) => isEnded(run.state))).toBe(true);
  }
});

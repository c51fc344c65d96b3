import { expect, onTestFinished, test } from "vitest";
import { type Artifact, type Errand, type Message, type Run, UserError } from "../../../src/index.ts";
import { claiming } from "../../../src/runtime/attempts/claiming.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { freshDatabase } from "../../support/temp.ts";
import { aborted, gate, keptLog, openErrand, untilEnded } from "../fixture.ts";

const messages = { en: { "order.closed": "Order {code} is closed." }, de: { "order.closed": "Bestellung {code} ist geschlossen." } };

async function errorsOf(errand: Errand, run: Pick<Run, "id">): Promise<Artifact[]> {
  return (await errand.artifacts.list([run.id])).filter(({ name }) => name === "Error");
}

test("a failure leaves one Error artifact, with the text that its user may see, in the reader's language", async () => {
  const errand = openErrand({ messages });
  const told = await errand.task({ name: "told", run: () => Promise.reject(new UserError({ key: "order.closed", params: { code: "A1" } })) }).delay(null);
  const [artifact, ...more] = await errorsOf(errand, told);
  expect(more).toEqual([]);
  expect(artifact).toMatchObject({ kind: "text", runId: told.id, attempt: 1, url: null, key: null });
  const text = artifact?.text as Message;
  expect(["en", "de", "de-AT", "fr"].map((locale) => errand.render(text, locale))).toEqual([
    "Order A1 is closed.",
    "Bestellung A1 ist geschlossen.",
    "Bestellung A1 ist geschlossen.",
    "Order A1 is closed.",
  ]);
});

test("an unexpected error leaves a general sentence with a support code, never its own words; the log has both", async () => {
  const log = keptLog();
  const errand = openErrand({ log });
  const run = await errand.task({ name: "hidden", run: () => Promise.reject(new Error("password=secret")) }).delay(null);
  const [artifact] = await errorsOf(errand, run);
  const support = run.run.error?.support as string;
  expect(errand.render(artifact?.text as Message, "de")).toBe(
    `Ein unerwarteter Fehler ist aufgetreten, bitte versuchen Sie es später erneut. (Supportcode: ${support})`,
  );
  expect(JSON.stringify([artifact, run.run])).not.toContain("secret");
  expect(log.lines.filter(({ fields }) => fields.support === support).map(({ fields }) => String(fields.error))).toEqual(["Error: password=secret"]);
});

test("only the last attempt that fails leaves one; success and cancel leave none", async () => {
  const errand = openErrand();
  const failing = await errand.task({ name: "failing", retries: { times: 2, delay: 0 }, run: () => Promise.reject(new Error("no")) }).delay(null);
  expect((await errorsOf(errand, failing)).map(({ attempt }) => attempt)).toEqual([3]);
  const cured = await errand
    .task({
      name: "cured",
      retries: { times: 2, delay: 0 },
      run: (_input, { attempt }) => {
        if (attempt < 3) throw new Error("no");
      },
    })
    .delay(null);
  expect(await errorsOf(errand, cured)).toEqual([]);
  const begun = gate();
  const canceled = await errand
    .task({
      name: "canceled",
      run: async (_input, { signal }) => {
        begun.open();
        throw await aborted(signal);
      },
    })
    .start(null);
  await begun.opened;
  await canceled.cancel();
  expect((await canceled.ended()).state).toBe("canceled");
  expect(await errorsOf(errand, canceled)).toEqual([]);
});

test("a run that the sweep fails leaves one too, once, however many sweep", async () => {
  const file = freshDatabase();
  const database = `file:${file}`;
  const web = openErrand({ database, broker: "database", worker: false });
  const run = await web.task({ name: "idle", run: () => {} }).delay(null);
  const store = sqlite(file);
  onTestFinished(() => store.close());
  // A worker that took the run, and died at once.
  await store.write([{ change: claiming({ runId: run.id, queue: "default", attempt: 1, priority: 0, runAt: 0 }, "dead", -1) }]);
  const sweepers = Array.from({ length: 3 }, () => openErrand({ database, broker: "database", worker: { queues: ["none"] }, sweepEvery: "20ms" }));
  await Promise.all(sweepers.map((errand) => errand.start()));
  expect(await untilEnded(web, run.id)).toMatchObject({ state: "failed", error: { code: "worker_lost" } });
  const errors = await errorsOf(web, run);
  expect(errors.map(({ text, attempt }) => [attempt, web.render(text as Message, "fr")])).toEqual([[1, "Le processus s'est arrêté avant la fin."]]);
});

test("status.fail ends the run with a text, or a key of the app's, without another attempt", async () => {
  const errand = openErrand({ messages });
  for (const [text, shown] of [
    ["The seat is taken.", "The seat is taken."],
    [{ key: "order.closed", params: { code: 7 } }, "Bestellung 7 ist geschlossen."],
    [{ key: "Nobody translated this" }, "Nobody translated this"],
    ["", "Ein unerwarteter Fehler ist aufgetreten, bitte versuchen Sie es später erneut."],
    [{ key: "order.closed", params: { code: 1n as unknown as number } }, "Bestellung 1 ist geschlossen."],
  ] as [Message, string][]) {
    let attempts = 0;
    const task = errand.task({
      name: `fails ${shown} ${typeof text}`,
      retries: 5,
      run: (_input, { status }) => {
        attempts += 1;
        status.fail(text);
      },
    });
    const run = await task.delay(null);
    expect(run.run).toMatchObject({ state: "failed", attempt: 1, error: { code: "user" } });
    expect(attempts).toBe(1);
    const [artifact] = await errorsOf(errand, run);
    expect(errand.render(artifact?.text as Message, "de")).toBe(shown);
  }
});

test("a UserError that carries what no message is harms no other run of the same moment", async () => {
  class Odd extends UserError {
    constructor() {
      super("odd");
      const cycle: Record<string, unknown> = {};
      cycle.self = cycle;
      Object.defineProperty(this, "text", { value: { key: "order.closed", params: { code: cycle, more: Number.NaN, big: 10n } } });
    }
  }
  const errand = openErrand({ messages });
  const odd = errand.task({ name: "odd", run: () => Promise.reject(new Odd()) });
  const fine = errand.task({
    name: "fine",
    run: (_input, { status }) => status.setState({ key: "order.closed", params: { code: { a: 1n } as never } }).then(() => "fine"),
  });
  const runs = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? odd : fine).delay(null)));
  expect(new Set(runs.map(({ run }) => `${run.task} ${run.state}`))).toEqual(new Set(["odd failed", "fine succeeded"]));
});

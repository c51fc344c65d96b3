import { writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createErrand, type Errand, type RunHandle } from "../../src/index.ts";
import { patiently } from "../support/patiently.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { type NodeProcess, startProcess } from "../support/process.ts";
import { SmtpServer } from "../support/smtp.ts";
import { tempDir } from "../support/temp.ts";

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

class Machine {
  readonly process: NodeProcess;
  #origin = "";

  constructor(role: "web" | "worker", transport: string) {
    const env = { ERRAND_DATABASE_URL: database.url, ERRAND_BROKER_URL: "database" };
    this.process = startProcess(new URL("./notify-machine.ts", import.meta.url), { args: [role, transport], env });
  }

  async ready(): Promise<this> {
    this.#origin = `http://127.0.0.1:${(await this.process.line(/^Listening on/)).split(" ").at(-1)}`;
    return this;
  }

  /** Opens a page of this owner's that watches, until the returned function is called. */
  async watch(owner: string): Promise<() => Promise<void>> {
    const page = new AbortController();
    const answer = await fetch(`${this.#origin}/errand/events/`, { headers: { "x-user": owner }, signal: page.signal });
    expect(answer.status).toBe(200);
    // As a page does: what nobody reads is closed when it is collected.
    const reading = answer.text().catch(() => undefined);
    await watching(owner, true);
    return async () => {
      page.abort();
      await reading;
    };
  }
}

/** Once the store knows that somebody watches, or does not. */
async function watching(owner: string, isThere: boolean): Promise<void> {
  const question = "SELECT count(*)::int AS count FROM errand.errand_presence WHERE owner = $1 AND until > extract(epoch FROM clock_timestamp()) * 1000";
  await expect.poll(async () => (await client.query(question, [owner])).rows[0].count > 0, patiently).toBe(isThere);
}

/** Starts a run as a part of the app without pages does; it ends when the test lets it. */
async function begin(errand: Errand, owner: string) {
  const file = join(tempDir(), "go");
  const known = tasks.get(errand) ?? errand.task({ name: "guided", run: () => null });
  tasks.set(errand, known);
  const run: RunHandle<unknown> = await known.start(file as never, { owner });
  return {
    id: run.id,
    end: async () => {
      writeFileSync(file, "");
      await run.result();
    },
  };
}
const tasks = new Map<Errand, ReturnType<Errand["task"]>>();

test("with two web processes and a worker, an owner is told of the ends that none of their pages saw, once", async () => {
  const smtp = await SmtpServer.start();
  const first = await new Machine("web", smtp.url).ready();
  const [second, worker] = await Promise.all([new Machine("web", smtp.url).ready(), new Machine("worker", smtp.url).ready()]);
  const errand = createErrand({ database: database.url, broker: "database", worker: false });
  onTestFinished(async () => {
    await errand.close({ grace: 0 });
    await Promise.all([first, second, worker].map(({ process }) => process.kill("SIGTERM")));
  });
  const told = async (runs: readonly { id: string }[]) => {
    await smtp.received(runs.length);
    // Two that ended within a moment may be told of in either order.
    const ids = smtp.mails.map(({ headers }) => headers.get("message-id")?.[0]);
    expect(ids.toSorted()).toEqual(runs.map(({ id }) => `<${id}.stopped.email@box-office.example>`).toSorted());
  };

  // Nobody watches: after this mail has come, whatever ended before it has been decided.
  const missed: { id: string }[] = [];
  const nobodySees = async () => {
    const control = await begin(errand, "bob");
    await control.end();
    missed.push(control);
    await told(missed);
  };

  // Ann's page is open in one process, then in the other, then in both: the run is performed in a third.
  const closeFirst = await first.watch("ann");
  await (await begin(errand, "ann")).end();
  await nobodySees();
  const closeSecond = await second.watch("ann");
  await closeFirst();
  await (await begin(errand, "ann")).end();
  await nobodySees();

  // The last page is closed before the end: one mail, by whichever process.
  const run = await begin(errand, "ann");
  await closeSecond();
  await watching("ann", false);
  await run.end();
  missed.push(run);
  await nobodySees();
  expect(smtp.mails.find(({ to }) => to[0] === "ann@example.org")).toBeDefined();

  // A web process that is killed is not believed for ever, and one that is stopped leaves some seconds.
  await first.watch("cleo");
  const seen = await begin(errand, "cleo");
  await first.process.kill("SIGKILL");
  await seen.end();
  await nobodySees();
});

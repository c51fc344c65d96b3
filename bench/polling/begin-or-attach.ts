import { DatabaseSync } from "node:sqlite";
import { answerTimes } from "../http-client.ts";
import { budgetLine, interleave, rateLine } from "../measure.ts";
import { startServer } from "../processes.ts";
import { Scratch } from "../scratch.ts";
import type { Measurement } from "../suite.ts";

const LOAD = { connections: 100, duration: 700 };
/** How many clients ask for the same address, one right after another. */
const ASKED_BY = 10;
/** Longest that one answer in a hundred may take, ms: later than that a view answers that the result is still to come. */
const BUDGET = 500;

/** 100 clients at once ask for results that nobody has asked for before, ten of them for each, against a run for each who asks. */
export const beginOrAttach: Measurement = {
  name: "begin-or-attach",
  async measure() {
    using scratch = new Scratch();
    const file = scratch.file("errand.sqlite");
    await using web = await startServer(new URL("./web-server.ts", import.meta.url), [file]);
    let asked = 0;
    const p99s: number[] = [];
    const rate = async (nextPath: () => string) => {
      const begun = performance.now();
      const times = await answerTimes({ port: web.port, path: "", headers: { "Accept-Language": "en" } }, { ...LOAD, nextPath });
      return { times, rate: (times.length * 1000) / (performance.now() - begun) };
    };
    const ours = async () => {
      const { times, rate: answers } = await rate(() => `/sum/${Math.floor(asked++ / ASKED_BY)}/1/`);
      p99s.push(times.sort((one, other) => one - other)[Math.ceil(times.length * 0.99) - 1] as number);
      return answers;
    };
    const pairs = await interleave(ours, async () => (await rate(() => "/anew/3/5/")).rate);
    checkBegunOnce(file, Math.ceil(asked / ASKED_BY));
    return [rateLine("begin-or-attach", "answers/s", pairs), budgetLine("begin-or-attach-p99", "ms p99", BUDGET, p99s)];
  },
};

/** @throws Error unless another connection finds one run for each address */
function checkBegunOnce(file: string, addresses: number): void {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const { runs } = db.prepare("SELECT count(*) AS runs FROM errand_runs WHERE name = 'sum'").get() as { runs: number };
    if (runs !== addresses) throw new Error(`${addresses} addresses were asked for, but ${runs} runs were begun.`);
  } finally {
    db.close();
  }
}

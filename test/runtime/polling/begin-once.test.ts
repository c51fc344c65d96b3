import { expect, test } from "vitest";
import { startProcess } from "../../support/process.ts";
import { freshDatabase } from "../../support/temp.ts";
import { openPolling } from "./fixture.ts";

const PROCESSES = 4;
const CALLS = 250;
const ROUNDS = 50;

interface Told {
  readonly round: number;
  readonly ids: readonly string[];
  readonly began: number;
}

test("of 1,000 first requests in 4 processes one begins, 50 times over", { timeout: 240_000 }, async () => {
  const file = freshDatabase();
  const { errand } = openPolling(file, { worker: false });
  await errand.start();
  const script = new URL("./beginner.ts", import.meta.url);
  const processes = Array.from({ length: PROCESSES }, () => startProcess(script, { args: [file, String(CALLS), String(ROUNDS)] }));
  await Promise.all(processes.map((child) => child.line(/^ready/)));
  for (const child of processes) child.signal("SIGUSR2");
  expect(await Promise.all(processes.map((child) => child.exited))).toEqual(processes.map(() => ({ code: 0, signal: null })));

  const told = processes.flatMap((child) =>
    child.stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Told),
  );
  for (let round = 0; round < ROUNDS; round++) {
    const answers = told.filter((answer) => answer.round === round);
    expect(answers, `round ${round}`).toHaveLength(PROCESSES);
    expect(new Set(answers.flatMap(({ ids }) => ids)).size, `runs of round ${round}`).toBe(1);
    expect(
      answers.reduce((sum, { began }) => sum + began, 0),
      `beginnings of round ${round}`,
    ).toBe(1);
  }
  expect(await errand.list({}, { limit: 100 })).toHaveLength(ROUNDS);
  await errand.close();
});

import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { edges } from "../../src/core/states.ts";
import type { Outcome } from "../../src/runtime/attempts/outcome.ts";
import { PAUSE, Real, type Step, taken, workers } from "./run-model.ts";
import { Cancel, Checked, Claim, Look, Meanwhile, Mend, outcomes, Progress, Renew, Settle, Start, Sweep, Tick } from "./run-steps.ts";

// Random interleavings of what several workers may do with a few runs, by the runtime's own writes, on the real store with a clock of the
// test's. What the store says afterwards is held against a model of what each step may do, and against the promises of every snapshot.

const run = fc.nat(1);
const hold = fc.nat(2);
const worker = fc.constantFrom(...workers);

const settles = fc.tuple(hold, fc.constantFrom(...outcomes, outcomes[0] as Outcome)).map(([nth, outcome]) => new Settle(nth, outcome));
const cancels = run.map((at) => new Cancel(at));
const claims = fc.tuple(run, worker).map(([at, by]) => new Claim(at, by, 0));
const renews = worker.map((by) => new Renew(by));

const steps: fc.Arbitrary<Step>[] = [
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(0, 0, 50)).map(([attempts, delay]) => new Start(attempts, delay)),
  fc.tuple(run, worker, fc.constantFrom(0, 0, 0, -1, 1)).map(([at, by, off]) => new Claim(at, by, off)),
  claims,
  fc.tuple(hold, fc.nat(7)).map(([nth, count]) => new Progress(nth, count)),
  settles,
  cancels,
  fc.constantFrom(1, 40, 99, 100, 160, 260, PAUSE).map((ms) => new Tick(ms)),
  renews,
  fc.constant(new Sweep()),
  fc.constant(new Look()),
  fc.constant(new Mend()),
  claims,
  fc.oneof(cancels, cancels, settles, claims, renews).map((step) => new Meanwhile(step)),
];

test("whatever workers, users, clocks and sweeps do to a run, its promises hold", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(...steps), { minLength: 30, maxLength: 60 }), async (walk) => {
      const real = new Real();
      try {
        await real.store.migrate();
        await fc.asyncModelRun(
          () => ({ model: { now: real.now, runs: [] }, real }),
          walk.map((step) => new Checked(step)),
        );
      } finally {
        for (const hold of real.holds) hold.status.takeUnwritten();
        await real.store.close();
      }
    }),
    { numRuns: 200 },
  );
  // The walks went everywhere: a promise that was never tried would hold in vain.
  expect([...taken].sort()).toEqual(edges.flatMap(({ from, by, to }) => (by === "link" ? [] : [`${from} ${by} ${to}`])).sort());
}, 120_000);

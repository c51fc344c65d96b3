import { expect, test } from "vitest";
import { LoopLedger } from "../../../src/runtime/each/loop-ledger.ts";

const address = { before: null, cursor: null, item: null };

/** A ledger with one loop, and what fails in it by label. */
function oneLoop() {
  const ledger = new LoopLedger(null);
  const loop = ledger.begin("items", false);
  return {
    ledger,
    fail(label: string) {
      ledger.failed(loop, { index: loop.visited, label, message: "x", columns: null, ...address });
      ledger.passed(loop, null);
    },
  };
}

const labels = (write: ReturnType<LoopLedger["take"]>) => write?.ledger?.failures.map(({ label }) => label);

test("what was taken is not taken again, unless its write failed", () => {
  const { ledger, fail } = oneLoop();
  expect(ledger.take()).toBeUndefined();
  fail("a");
  expect(labels(ledger.take())).toEqual(["a"]);
  ledger.settled(false);
  expect(ledger.waiting).toBe(true);
  fail("b");
  expect(labels(ledger.take())).toEqual(["a", "b"]);
  ledger.settled(true);
  expect(ledger.waiting).toBe(false);
  expect(ledger.rest()).toBeUndefined();
});

test("the end brings what is in flight too, since nobody knows whether it will be written, also when nothing has followed", () => {
  const { ledger, fail } = oneLoop();
  fail("a");
  ledger.take();
  expect(labels(ledger.rest())).toEqual(["a"]);
  expect(ledger.rest()?.loops).toMatchObject({ last: 1, marks: [{ name: "items", visited: 1, failed: 1, kept: 1 }] });
  fail("b");
  expect(labels(ledger.rest())).toEqual(["a", "b"]);
});

test("marks are as they were when they were taken", () => {
  const { ledger, fail } = oneLoop();
  fail("a");
  const taken = ledger.take();
  fail("b");
  expect(taken?.loops).toMatchObject({ last: 1, marks: [{ visited: 1 }] });
});

test("numbers go on behind those of the attempt before, also of a loop that begins anew", () => {
  const { ledger, fail } = oneLoop();
  fail("a");
  const saved = ledger.take()?.loops ?? null;
  const next = new LoopLedger(saved);
  const loop = next.begin("items", true);
  expect(loop).toMatchObject({ visited: 0, kept: 0 });
  expect(next.failed(loop, { index: 0, label: "b", message: "x", columns: null, ...address })).toEqual({
    number: 2,
    loop: "items",
    index: 0,
    label: "b",
    message: "x",
    columns: null,
  });
  next.passed(loop, null);
  expect(next.take()?.ledger).toMatchObject({ restart: ["items"], failures: [{ number: 2 }] });
});

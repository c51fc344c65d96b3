import { describe, expect, test } from "vitest";
import { edges, endedStates, heldStates, isEnded, type State, stateLabel, states, statesBefore, waitingStates } from "../../src/core/states.ts";

const verbs = ["claim", "settle", "cancel", "sweep", "release"] as const;

/** The whole life of a run, written down a second time: what is not in here must not be in the table. */
const allowed = new Set([
  "pending claim in_progress",
  "pending cancel canceled",
  "in_progress settle succeeded",
  "in_progress settle failed",
  "in_progress settle retrying",
  "in_progress cancel canceling",
  "in_progress sweep retrying",
  "in_progress sweep failed",
  "in_progress release retrying",
  "retrying claim in_progress",
  "retrying cancel canceled",
  "canceling settle canceled",
  "canceling settle succeeded",
  "canceling sweep canceled",
]);

const everyStep = states.flatMap((from) => verbs.flatMap((by) => states.map((to) => ({ from, by, to }))));

test.each(everyStep)("$from -$by-> $to is in the table exactly if it may happen", ({ from, by, to }) => {
  const listed = edges.filter((edge) => edge.from === from && edge.by === by && edge.to === to);
  expect(listed).toHaveLength(allowed.has(`${from} ${by} ${to}`) ? 1 : 0);
  expect(statesBefore(to, by).includes(from)).toBe(listed.length === 1);
});

test.each(edges)("$from -$by-> $to says why in a sentence", ({ why }) => {
  expect(why).toMatch(/^[A-Z].{15,}\.$/);
  expect(edges.filter((edge) => edge.why === why)).toHaveLength(1);
});

describe("groups of states", () => {
  test("every state is waiting, held or ended, and only one of them", () => {
    const grouped = [...waitingStates, ...heldStates, ...endedStates];
    expect([...grouped].sort()).toEqual([...states].sort());
    expect(new Set(grouped).size).toBe(states.length);
  });

  test.each(states)("%s is ended exactly if nothing leads out of it", (state) => {
    expect(isEnded(state)).toBe(!edges.some((edge) => edge.from === state));
  });

  test("a run of a task enters a held state by a claim or from a held one, and every held run can be settled and swept", () => {
    for (const edge of edges) {
      if (heldStates.includes(edge.to)) expect(edge.by === "claim" || edge.by === "link" || heldStates.includes(edge.from)).toBe(true);
    }
    for (const state of heldStates) {
      for (const by of ["settle", "sweep"]) expect(edges.some((edge) => edge.from === state && edge.by === by)).toBe(true);
    }
  });

  test("every state can be reached from pending", () => {
    const reached = new Set<State>(["pending"]);
    for (let size = 0; size !== reached.size; ) {
      size = reached.size;
      for (const { from, to } of edges) if (reached.has(from)) reached.add(to);
    }
    expect([...reached].sort()).toEqual([...states].sort());
  });
});

test("states are shown in words", () => {
  expect(states.map(stateLabel)).toEqual(["Pending", "In Progress", "Retrying", "Canceling", "Succeeded", "Failed", "Canceled"]);
});

import { afterEach, beforeEach, expect, test } from "vitest";
import { newGate, until } from "../fixture.ts";
import { type Api, openApi } from "./api.ts";

let api: Api;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.site.close());

test("what is true of a run at the moment, in the reader's words, to who may view it, until it has ended", async () => {
  const gate = newGate();
  const task = api.site.errand.task({
    name: "flaky",
    retries: { times: 2, delay: 0 },
    run: async (_, { attempt }) => {
      if (attempt === 1) throw new Error("The printer was jammed.");
      await gate.pass();
    },
  });
  const { id } = await task.start(null, { owner: "alice" });
  await gate.reached;
  const path = `/errand/tasks/${id}/notes/`;
  expect(await api.brief("alice", path)).toEqual([200, { notes: ["Restarted, attempt 2 of 3"] }]);
  expect((await api.ask<{ notes: string[] }>("alice", path, { headers: { "accept-language": "de" } })).body.notes[0]).toMatch(/2 von 3/);
  expect((await api.ask("bob", path)).status).toBe(404);
  expect((await api.ask("nobody", path)).status).toBe(403);
  expect((await api.ask("alice", path, { method: "POST", form: {} })).status).toBe(405);
  gate.open();
  await until(api.site.errand, id, ({ ended }) => ended !== null);
  expect(await api.brief("alice", path)).toEqual([200, { notes: [] }]);
});

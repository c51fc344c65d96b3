import { afterEach, beforeEach, expect, test } from "vitest";
import { createClient } from "../../src/client/index.ts";
import { RunFollower } from "../../src/react/run-follower.ts";
import { LiveSite } from "../web/live/live-site.ts";

let live: LiveSite;
beforeEach(async () => {
  live = await LiveSite.open();
});
afterEach(() => live[Symbol.asyncDispose]());

function followerOf(id: string): RunFollower<unknown> {
  return new RunFollower(createClient({ base: `${live.origin}/errand`, headers: { "x-user": "ann" } }), id, null);
}

const streams = () => live.site.web.streams().open;

test("who listens again hears that the page is connecting, not how it was before", async () => {
  const run = await live.start("ann");
  const follower = followerOf(run.id);
  const leave = follower.subscribe(() => {});
  await expect.poll(() => follower.view().connection).toBe("live");
  await expect.poll(() => follower.view().run?.state).toBe("In Progress");
  leave();
  const heard: string[] = [];
  const leaveAgain = follower.subscribe(() => heard.push(follower.view().connection));
  expect(follower.view().connection).toBe("connecting");
  await expect.poll(() => follower.view().connection).toBe("live");
  await run.end();
  await expect.poll(() => follower.view().connection).toBe("over");
  expect([...new Set(heard)]).toEqual(["connecting", "live", "over"]);
  leaveAgain();
  await expect.poll(streams).toBe(0);
});

test("mounted twice at once, as in strict mode, it shows the same view", async () => {
  const run = await live.start("ann");
  const follower = followerOf(run.id);
  const first = follower.view();
  follower.subscribe(() => {})();
  const leave = follower.subscribe(() => {});
  expect(follower.view()).toBe(first);
  leave();
  await run.end();
});

test("a cancel that answers with the end while nobody listens leaves nothing live", async () => {
  const run = await live.start("ann");
  const follower = followerOf(run.id);
  const leave = follower.subscribe(() => {});
  await expect.poll(() => follower.view().connection).toBe("live");
  await expect.poll(() => follower.view().run?.state).toBe("In Progress");
  leave();
  await run.end();
  expect(await follower.cancel().catch(() => null)).toMatchObject({ state: "Succeeded" });
  expect(follower.view()).toMatchObject({ run: { state: "Succeeded" }, connection: "over" });
});

test("who leaves at the sight of the end, and comes back, finds it over", async () => {
  const run = await live.start("ann");
  const follower = followerOf(run.id);
  const leave = follower.subscribe(() => follower.view().run?.ended && leave());
  await expect.poll(() => follower.view().run?.state).toBe("In Progress");
  await run.end();
  await expect.poll(() => follower.view().run?.state).toBe("Succeeded");
  await expect.poll(streams).toBe(0);
  const heard: string[] = [];
  follower.subscribe(() => heard.push(follower.view().connection))();
  expect(follower.view().connection).toBe("over");
  expect(heard).toEqual(["over"]);
});

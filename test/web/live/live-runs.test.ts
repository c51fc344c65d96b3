import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunWithArtifacts } from "../../../src/core/run.ts";
import { until } from "../../../src/testing/until.ts";
import { LiveRuns, type Watched } from "../../../src/web/events/live-runs.ts";
import { LiveSite } from "./live-site.ts";

let live: LiveSite;

beforeAll(async () => {
  live = await LiveSite.open();
});
afterAll(() => live[Symbol.asyncDispose]());

/** The site's errand, but when the beginning has been read, something happens before the reader has it. */
function withHappening(happen: () => Promise<void>): Watched {
  const { errand } = live.site;
  let isFirst = true;
  const then = async <Read>(read: Read): Promise<Read> => {
    if (isFirst) {
      isFirst = false;
      await happen();
    }
    return read;
  };
  return {
    watch: (...args) => errand.watch(...args),
    watchOwner: (...args) => errand.watchOwner(...args),
    getWithArtifacts: async (id) => then(await errand.getWithArtifacts(id)),
    listWithArtifacts: async (...args) => then(await errand.listWithArtifacts(...args)),
    closing: errand.closing,
    log: errand.log,
  };
}

function newFollower() {
  const heard: RunWithArtifacts["run"][] = [];
  return { heard, changed: ({ run }: RunWithArtifacts) => void heard.push(run) };
}

test.each(["run", "owner"] as const)("what happens while the beginning of a %s is read is heard of", async (what) => {
  const owner = crypto.randomUUID();
  const run = await live.start(owner);
  const runs = new LiveRuns(withHappening(() => run.say("In between")));
  const { heard, changed } = newFollower();
  const follower = { changed, gone: () => undefined };
  const following = await (what === "run" ? runs.followRun(run.id, follower) : runs.followOwner(owner, follower));
  expect(following?.entries.map((entry) => entry.run.stateText)).toEqual([null]);
  await until("the change is heard of", () => heard.some(({ stateText }) => stateText === "In between"));
  following?.stop();
  expect(runs.topics).toBe(0);
  await run.end();
});

test("followers of one run share one watch and one reading of each change", async () => {
  const run = await live.start("ann");
  let reads = 0;
  const errand = withHappening(async () => undefined);
  const getWithArtifacts: Watched["getWithArtifacts"] = (id) => {
    reads += 1;
    return errand.getWithArtifacts(id);
  };
  const runs = new LiveRuns({ ...errand, getWithArtifacts });
  const followers = Array.from({ length: 30 }, newFollower);
  const all = await Promise.all(followers.map(({ changed }) => runs.followRun(run.id, { changed, gone: () => undefined })));
  const mine = newFollower();
  const owner = await runs.followOwner("ann", { changed: mine.changed, gone: () => undefined });
  expect(runs.topics).toBe(2);
  reads = 0;
  await run.say("Once");
  const said = (heard: readonly RunWithArtifacts["run"][]) => heard.some(({ stateText }) => stateText === "Once");
  await until("all have heard", () => followers.every(({ heard }) => said(heard)) && said(mine.heard));
  expect(reads).toBe(1);
  for (const following of [...all, owner]) following?.stop();
  expect(runs.topics).toBe(0);
  await run.end();
});

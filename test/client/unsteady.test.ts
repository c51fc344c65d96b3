import { afterEach, expect, test } from "vitest";
import { createClient, type RunDocument } from "../../src/client/index.ts";
import { CuttingProxy } from "../browser/live/cutting-proxy.ts";
import { LiveSite, type Puppet } from "../web/live/live-site.ts";

let live: LiveSite | undefined;
afterEach(async () => {
  await live?.[Symbol.asyncDispose]();
  live = undefined;
});

/** Says something anew whenever the last of it has come, and then ends. Returns what a watch over `url` told. */
async function talk(url: string, run: Puppet, sentences: number): Promise<RunDocument[]> {
  const client = createClient({ base: `${url}/errand`, headers: { "x-user": "ann" } });
  const seen: RunDocument[] = [];
  for await (const document of client.watch(run.id)) {
    seen.push(document);
    if (seen.length <= sentences) void run.say(`sentence ${seen.length}`);
    else if (document.ended === null) void run.end();
  }
  return seen;
}

test("a proxy that cuts every connection: nothing is lost, nothing comes twice", async () => {
  live = await LiveSite.open();
  const run = await live.start("ann");
  await using proxy = await CuttingProxy.open(Number(new URL(live.origin).port), 150);
  const seen = await talk(proxy.url, run, 6);
  // The connections that a fetch keeps are cut while they rest, too.
  expect(proxy.cuts).toBeGreaterThan(0);
  const revs = seen.map(({ rev }) => rev);
  expect(revs).toEqual([...new Set(revs)].sort((one, other) => one - other));
  expect(seen.at(-1)).toMatchObject({ state: "Succeeded", state_text: expect.any(String) });
  expect(seen.filter(({ state_text }) => state_text.startsWith("sentence")).map(({ state_text }) => state_text)).toContain("sentence 6");
});

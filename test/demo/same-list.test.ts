import { beforeAll, expect, test } from "vitest";
import { type Demo, startDemo } from "./demo.ts";
import { fileForm, Visitor } from "./visitor.ts";

let demo: Demo;

beforeAll(async () => {
  demo = await startDemo();
});

/** So many that the run is under way for as long as the test looks at it. */
const list = (first: string) =>
  `name,email,seat\n${Array.from({ length: 5000 }, (_, row) => `${row === 0 ? first : "Muster"},a@example.org,S${row}`).join("\n")}\n`;

test("the same list sent twice is made into tickets once; a mended one, and somebody else's, on its own", async () => {
  const alice = await Visitor.signedIn(demo, "alice");
  const bob = await Visitor.signedIn(demo, "bob");
  const first = await alice.start("/tickets", fileForm(list("Ann"), "a.csv"));
  const again = await alice.start("/tickets", fileForm(list("Ann"), "a.csv"));
  const mended = await alice.start("/tickets", fileForm(list("Ana"), "a.csv"));
  const other = await bob.start("/tickets", fileForm(list("Ann"), "a.csv"));
  expect([first.ready, again.ready]).toEqual([false, false]);
  expect(again.async_id).toBe(first.async_id);
  expect(again.check_url).toBe(first.check_url);
  expect(new Set([first, mended, other].map(({ async_id }) => async_id)).size).toBe(3);

  // Once it has ended, the same list begins anew.
  await Promise.all([alice.post(first.cancel_url as string), alice.post(mended.cancel_url as string), bob.post(other.cancel_url as string)]);
  await alice.finish(first);
  const later = await alice.start("/tickets", fileForm(list("Ann"), "a.csv"));
  expect(later.async_id).not.toBe(first.async_id);
  await alice.post(later.cancel_url as string);
});

import { afterAll, expect, test } from "vitest";
import { Browser, newGate, openSite, until } from "../fixture.ts";

const site = await openSite();
const { errand, web } = site;
const gate = newGate();
const pack = errand.task({
  name: "pack",
  run: async () => {
    await gate.pass();
    return "packed";
  },
});
const action = web.asyncAction({
  task: pack,
  input: ({ fields }) => ({ order: String(fields.order) }),
  key: ({ fields }) => String(fields.order),
  successUrl: "/done",
  errorUrl: "/failed",
  wait: 0,
});
afterAll(() => site.close());

async function post(browser: Browser, order: string): Promise<string> {
  const body = new FormData();
  body.set("order", order);
  body.set("ajax", "1");
  body.set("file", new File(["some bytes"], "a.txt"));
  const answer = await browser.send("/pack", { body });
  return ((await answer.json()) as { async_id: string }).async_id;
}

test("a second POST with the same key attaches to the run under way, and its upload is not kept", async () => {
  const alice = new Browser(action, "alice");
  const [first, second] = await Promise.all([post(alice, "A1"), post(alice, "A1")]);
  expect(second).toBe(first);
  expect(await site.uploads()).toEqual([first]);
  expect(await post(alice, "A2")).not.toBe(first);
  expect(await post(new Browser(action, "bob"), "A1")).not.toBe(first);

  gate.open();
  await until(errand, first, ({ ended }) => ended !== null);
  expect(await post(alice, "A1")).not.toBe(first);
});

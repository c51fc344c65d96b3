import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { PretixBody } from "../../src/core/wire.ts";
import { chain, group, type Task, UserError } from "../../src/index.ts";
import type { WebHandler } from "../../src/web/index.ts";
import { Browser, type Gate, newGate, openSite, type TestSite } from "./fixture.ts";

let site: TestSite;
let action: WebHandler;
let gate: Gate;
let double: Task<{ number: number }, number>;

beforeAll(async () => {
  site = await openSite();
  double = site.errand.task({
    name: "double",
    input: z.object({ number: z.number() }),
    run: async ({ number }) => {
      if (number === 13) throw new UserError("13 is not doubled here.");
      if (number === 7) await gate.pass();
      return 2 * number;
    },
  }) as never;
  action = site.web.asyncAction(optionsOf());
});
afterAll(() => site.close());

const optionsOf = () => ({
  task: ({ numbers }: { numbers: readonly number[] }) => group(numbers.map((number) => double.with({ number }))),
  input: ({ fields }: { fields: Readonly<Record<string, unknown>> }) => ({ numbers: String(fields.numbers).split(",").map(Number) }),
  successUrl: (doubled: readonly number[]) => `/doubled/${doubled.join("-")}`,
  errorUrl: "/failed",
  wait: 10_000,
});
const begin = async (browser: Browser, numbers: string) => (await (await browser.send("/double?ajax=1", { form: { numbers } })).json()) as PretixBody;

test("a form begins linked runs as one, and is told of the end of the whole with its typed result", async () => {
  const ann = new Browser(action, "ann");
  const answer = await begin(ann, "1,2,3");
  expect(answer).toMatchObject({ ready: true, success: true, redirect: "/doubled/2-4-6" });
  expect(await site.errand.get(answer.async_id)).toMatchObject({ kind: "group", owner: "ann", state: "succeeded" });
  expect(await begin(ann, "1,13")).toMatchObject({ success: false, redirect: "/failed", message: "13 is not doubled here." });
});

test("somebody without an account owns what they began, and the waiting page leads to its parts", async () => {
  gate = newGate();
  const visitor = new Browser(action);
  const response = await visitor.as(site.web.asyncAction({ ...optionsOf(), wait: 0 })).send("/double", { form: { numbers: "1,7" } });
  expect(response.status).toBe(303);
  visitor.cookies.set("errand_visitor", /^errand_visitor=([^;]*)/.exec(response.headers.getSetCookie()[0] as string)?.[1] as string);
  const address = response.headers.get("location") as string;
  const id = new URL(address, "https://tickets.example").searchParams.get("async_id") as string;
  await gate.reached;
  const page = await (await visitor.send(address, { headers: { accept: "text/html" } })).text();
  expect(page).toContain(`<a href="/errand/runs/${id}">Parts</a>`);
  expect((await visitor.as(site.web.handler).send(`/errand/runs/${id}`)).status).toBe(200);
  expect((await new Browser(action).send(address)).status).toBe(404);
  gate.open();
  const ended = await site.errand.wait(id, { timeout: 60_000 });
  expect(ended?.state).toBe("succeeded");
  expect((await visitor.send(address)).headers.get("location")).toBe("/doubled/2-14");
});

test("a part, or the run of a task, is none of this action's runs", async () => {
  const whole = await chain([double.with({ number: 1 })]).delay({ owner: "ann" });
  const [part] = await site.errand.list({ parent: whole.id }, { limit: 1, after: "" });
  const alone = await double.delay({ number: 1 }, { owner: "ann" });
  for (const id of [part?.id, alone.id]) expect((await new Browser(action, "ann").send(`/double?async_id=${id}`)).status).toBe(404);
});

test("files and keys have no place among linked runs: nothing is begun, nothing is kept, and the log says why", async () => {
  const form = new FormData();
  form.append("file", new File(["x"], "a.csv"));
  const keyed = site.web.asyncAction({ ...optionsOf(), key: () => "once" });
  for (const [handler, body] of [
    [action, form],
    [keyed, new URLSearchParams({ numbers: "1" })],
  ] as const) {
    const before = (await site.errand.list({}, { limit: 100 })).length;
    const response = await new Browser(handler, "ann").send("/double?ajax=1", { body });
    expect(response.status).toBe(500);
    expect(String(site.logged.at(-1)?.fields.error)).toContain("takes neither files nor a key");
    expect(await site.errand.list({}, { limit: 100 })).toHaveLength(before);
    expect(await site.uploads()).toEqual([]);
  }
});

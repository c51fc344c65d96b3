import { beforeAll, expect, test } from "vitest";
import { type Demo, startDemo } from "./demo.ts";
import { saidOn, Visitor } from "./visitor.ts";

const SECONDS = { path: "seconds", message: "Enter a number of seconds from 0 to 600." };
const STEPS = { path: "steps", message: "Enter a whole number of steps from 1 to 1000." };

let demo: Demo;

beforeAll(async () => {
  demo = await startDemo();
});

test("it sleeps step by step and says so", async () => {
  const visitor = new Visitor(demo);
  const texts = new Set<string | undefined>();
  const started = await visitor.start("/sleep", { seconds: "1.5", steps: "3" });
  const ended = await visitor.finish(started, ({ text }) => texts.add(text));
  expect([...texts].some((text) => /^Step [123] of 3$/.test(text ?? ""))).toBe(true);
  expect(ended).toMatchObject({ success: true, message: "Slept for 1.5 s, in 3 steps.", redirect: "/" });
  expect(saidOn(await (await visitor.get("/")).text()).messages).toEqual(["Slept for 1.5 s, in 3 steps."]);
});

test.each([
  ["nothing", {}, [SECONDS, STEPS]],
  ["words", { seconds: "soon", steps: "few" }, [SECONDS, STEPS]],
  ["blanks", { seconds: " ", steps: "" }, [SECONDS, STEPS]],
  ["too much", { seconds: "601", steps: "1001" }, [SECONDS, STEPS]],
  ["less than nothing", { seconds: "-1", steps: "0" }, [SECONDS, STEPS]],
  ["half a step", { seconds: "1", steps: "1.5" }, [STEPS]],
  ["infinity", { seconds: "Infinity", steps: "1" }, [SECONDS]],
  ["no number", { seconds: "NaN", steps: "1e99" }, [SECONDS, STEPS]],
])("%s is refused, field by field", async (_, form: Record<string, string>, errors) => {
  const visitor = new Visitor(demo);
  const answer = await visitor.post("/sleep?ajax=1", form);
  expect(answer.status).toBe(422);
  expect(((await answer.json()) as { errors: unknown[] }).errors).toEqual(errors);

  const page = await visitor.post("/sleep", form);
  expect(page.status).toBe(422);
  const text = await page.text();
  for (const { message } of errors) expect(text).toContain(message);
});

test("a field that comes twice is no number", async () => {
  const answer = await fetch(`${demo.url}/sleep?ajax=1`, { method: "POST", body: new URLSearchParams("seconds=1&seconds=2&steps=1") });
  expect(answer.status).toBe(422);
  expect(((await answer.json()) as { errors: unknown[] }).errors).toEqual([SECONDS]);
});

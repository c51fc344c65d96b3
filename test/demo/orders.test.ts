import { beforeAll, beforeEach, expect, test } from "vitest";
import { type Demo, startDemo } from "./demo.ts";
import { saidOn, Visitor } from "./visitor.ts";

let demo: Demo;
let visitor: Visitor;

beforeAll(async () => {
  demo = await startDemo();
});

beforeEach(async () => {
  visitor = new Visitor(demo);
  expect((await visitor.post("/demo/reset")).headers.get("location")).toBe("/");
});

test("an order is shown, canceled once, and refuses the second time", async () => {
  const before = await (await visitor.get("/orders/ABC12")).text();
  expect(saidOn(before)).toEqual({ heading: "Order ABC12", messages: [] });
  expect(before).toContain("Zoë Example");
  expect(before).toContain("€96.00");
  expect(before).toContain(">Paid<");

  const first = await visitor.post("/orders/ABC12/cancel");
  expect([302, 303]).toContain(first.status);
  expect(first.headers.get("location")).toBe("/orders/ABC12");
  const after = await (await visitor.get("/orders/ABC12")).text();
  expect(saidOn(after).messages).toEqual(["Order ABC12 has been canceled."]);
  expect(after).toContain(">Canceled<");

  expect(await visitor.run("/orders/ABC12/cancel")).toMatchObject({
    ready: true,
    success: false,
    message: "This order is already canceled.",
    redirect: "/orders/ABC12",
  });
  expect(saidOn(await (await visitor.get("/orders/ABC12")).text()).messages).toEqual(["This order is already canceled."]);
});

test("a reset puts the orders back", async () => {
  await visitor.run("/orders/ABC12/cancel");
  await visitor.run("/orders/KLM78/cancel");
  expect(await (await visitor.get("/")).text()).toContain(">Canceled<");
  await visitor.post("/demo/reset");
  expect(await (await visitor.get("/")).text()).not.toContain(">Canceled<");
  expect(await visitor.run("/orders/ABC12/cancel")).toMatchObject({ success: true, message: "Order ABC12 has been canceled." });
});

test("an unknown code is not found, on the page and as JSON", async () => {
  for (const code of ["NOPE1", "abc12", "%00", "..%2f..", "ABC12%20"]) {
    expect((await visitor.get(`/orders/${code}`)).status, code).toBe(404);
    expect((await visitor.post(`/orders/${code}/cancel`)).status, code).toBe(404);
    expect((await visitor.post(`/orders/${code}/cancel?ajax=1`)).status, code).toBe(404);
  }
  expect(saidOn(await (await visitor.get("/orders/NOPE1")).text()).heading).toBe("There is no such order");
});

test("a page of another site can neither cancel nor reset", async () => {
  const elsewhere = { origin: "https://elsewhere.example" };
  expect((await visitor.post("/orders/ABC12/cancel", {}, elsewhere)).status).toBe(403);
  expect((await visitor.post("/demo/reset", {}, elsewhere)).status).toBe(403);
  expect((await visitor.post("/demo/reset", {}, { "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect((await visitor.post("/demo/reset", {}, { origin: demo.url })).status).toBe(303);
  expect(await (await visitor.get("/orders/ABC12")).text()).toContain(">Paid<");
});

import { beforeAll, expect, test } from "vitest";
import { type Demo, startDemo } from "./demo.ts";
import { saidOn, Visitor } from "./visitor.ts";

let demo: Demo;

beforeAll(async () => {
  demo = await startDemo();
});

test("without signing in one is nobody, and the page offers to sign in", async () => {
  const page = await (await new Visitor(demo).get("/")).text();
  expect(page).toContain("Not signed in");
  for (const name of ["alice", "bob", "admin"]) expect(page).toContain(`name="name" value="${name}"`);
  expect(page.match(/<h1/g)).toHaveLength(1);
});

test.each(["alice", "bob", "admin"])("%s signs in and out", async (name) => {
  const visitor = new Visitor(demo);
  const answer = await visitor.post("/login", { name });
  expect(answer.status).toBe(303);
  expect(answer.headers.get("location")).toBe("/");
  expect(answer.headers.getSetCookie()[0]).toMatch(/HttpOnly; SameSite=Lax$/);
  expect(await (await visitor.get("/")).text()).toContain(`Signed in as <strong>${name}</strong>`);
  await visitor.post("/logout");
  expect(await (await visitor.get("/")).text()).toContain("Not signed in");
});

test.each([
  ["a name that nobody has", new URLSearchParams({ name: "eve" })],
  ["no name", new URLSearchParams()],
  ["a name twice", new URLSearchParams("name=alice&name=bob&name[]=admin&__proto__=x&name=")],
  ["a file for a name", fileAsName()],
])("%s signs nobody in", async (_, body) => {
  const response = await fetch(`${demo.url}/login`, { method: "POST", body, redirect: "manual" });
  expect(response.status).toBe(422);
  expect(response.headers.getSetCookie()).toEqual([]);
  expect(await response.text()).toContain("alice, bob, or admin");
});

test("a form that cannot be read, or is far too long, signs nobody in", async () => {
  const broken = await fetch(`${demo.url}/login`, {
    method: "POST",
    headers: { "content-type": "multipart/form-data; boundary=x" },
    body: "--y\r\nname=alice",
  });
  expect(broken.status).toBe(422);
  const long = await fetch(`${demo.url}/login`, { method: "POST", body: new URLSearchParams({ name: "a".repeat(100_000) }) });
  expect(long.status).toBe(413);
});

test.each(["box_office_user=admin", "box_office_user=admin.AAAA", "box_office_user=.", "box_office_user=alice.%E0%A4%A"])(
  "the cookie %s opens nothing",
  async (cookie) => {
    const response = await fetch(demo.url, { headers: { cookie } });
    expect(await response.text()).toContain("Not signed in");
  },
);

test("what one user starts, the other does not see; the superuser does", async () => {
  const alice = await Visitor.signedIn(demo, "alice");
  const bob = await Visitor.signedIn(demo, "bob");
  const admin = await Visitor.signedIn(demo, "admin");
  const { async_id, check_url, cancel_url } = await alice.start("/sleep", { seconds: "600", steps: "600" });
  expect((await bob.get(check_url as string)).status).toBe(404);
  expect((await bob.get(`/errand/tasks/${async_id}/`)).status).toBe(404);
  expect((await bob.post(cancel_url as string)).status).toBe(404);
  expect((await alice.get(`/errand/tasks/${async_id}/`)).status).toBe(200);
  expect((await admin.get(`/errand/tasks/${async_id}/`)).status).toBe(200);
  expect((await admin.post(cancel_url as string)).status).toBe(200);
  const ended = await alice.finish({ async_id, check_url, ready: false } as Parameters<Visitor["finish"]>[0]);
  expect(ended).toMatchObject({ success: false, message: "The task was canceled.", redirect: "/" });
  expect(saidOn(await (await alice.get("/")).text()).messages).toEqual(["The task was canceled."]);
});

test("an anonymous visitor owns by cookie, and no other visitor sees it", async () => {
  const visitor = new Visitor(demo);
  const { async_id, check_url, cancel_url } = await visitor.start("/sleep", { seconds: "600", steps: "600" });
  expect((await visitor.get(check_url as string)).status).toBe(200);
  const stranger = new Visitor(demo);
  await stranger.start("/sleep", { seconds: "0", steps: "1" });
  expect((await stranger.get(check_url as string)).status).toBe(404);
  expect((await stranger.post(cancel_url as string)).status).toBe(404);
  expect((await visitor.post(cancel_url as string)).status).toBe(200);
  expect(await visitor.finish({ async_id, check_url, ready: false } as Parameters<Visitor["finish"]>[0])).toMatchObject({ success: false });
});

function fileAsName(): FormData {
  const form = new FormData();
  form.set("name", new File(["alice"], "alice"));
  return form;
}

import { afterAll, beforeAll, expect, test } from "vitest";
import type { ArtifactBody, ProblemBody, RunBody } from "../../../src/core/wire.ts";
import type { Task } from "../../../src/index.ts";
import { errandWeb } from "../../../src/web/index.ts";
import { newGate } from "../fixture.ts";
import { type Api, openApi, person } from "./api.ts";

const XSS = "<script>alert(1)</script>\"'&\u2028\u0007";

let api: Api;
let work: Task<unknown, unknown>;
const gate = newGate();

beforeAll(async () => {
  api = await openApi({ maxBody: 2048 });
  work = api.site.errand.task({
    name: "work",
    run: async (input, { artifacts, status }) => {
      if (input === "hold") await gate.pass();
      await status.setState(XSS);
      await artifacts.text(XSS, XSS);
      await artifacts.file(`${XSS}\r\nX-Evil: 1`, "made");
      return { xss: XSS };
    },
  }) as Task<unknown, unknown>;
});
afterAll(() => api.site.close());

const ended = async () => (await work.delay("go", { owner: "alice", name: XSS })).id;
const waiting = async () => (await work.start("go", { owner: "alice", runAt: new Date(Date.now() + 3_600_000) })).id;

test("a page of another site changes nothing, whatever method it finds", async () => {
  const id = await ended();
  const pending = await waiting();
  for (const headers of [{ "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site", origin: "https://blog.tickets.example" }] as Record<
    string,
    string
  >[]) {
    for (const [method, path] of [
      ["POST", `tasks/${pending}/cancel/`],
      ["POST", `tasks/${id}/rerun/`],
      ["DELETE", `tasks/${id}/`],
      ["PUT", `tasks/${id}/`],
      ["POST", "tasks/"],
    ] as const) {
      const answer = await api.ask<ProblemBody>("alice", `/errand/${path}`, { method, headers });
      expect([method, path, answer.status, answer.body.detail]).toEqual([method, path, 403, expect.stringContaining("another site")]);
    }
  }
  const old = new Request(`https://tickets.example/errand/tasks/${id}/`, {
    method: "DELETE",
    headers: { "x-user": "alice", origin: "https://evil.example" },
  });
  expect((await api.site.web.handler(old)).status).toBe(403);
  expect([(await api.site.errand.get(id))?.state, (await api.site.errand.get(pending))?.state]).toEqual(["succeeded", "pending"]);
  expect((await api.site.errand.list({ owner: "alice" }, { limit: 10 })).filter((run) => run.rerunOf === id)).toEqual([]);
});

test("the body of a POST is held to the limits, and of a kind that is understood", async () => {
  const id = await waiting();
  const post = async (type: string | undefined, body: NonNullable<RequestInit["body"]>, more: Record<string, string> = {}) => {
    const headers = { ...(type !== undefined && { "content-type": type }), ...more };
    return (await api.ask("alice", `/errand/tasks/${id}/cancel/`, { method: "POST", headers, body })).status;
  };
  expect(await post("text/plain", "a")).toBe(415);
  expect(await post("application/xml", "<a/>")).toBe(415);
  expect(await post("application/json", "{}", { "content-encoding": "gzip" })).toBe(415);
  expect(await post("application/json", "{")).toBe(400);
  expect(await post("application/json", "[1]")).toBe(400);
  expect(await post("application/json", JSON.stringify({ filler: "x".repeat(2048) }))).toBe(413);
  expect(await post("application/json", `${'{"a":'.repeat(340)}1${"}".repeat(340)}`)).toBe(400);
  expect(await post("application/x-www-form-urlencoded", "a=%zz")).toBe(400);
  expect(await post("application/x-www-form-urlencoded", "a=1&".repeat(1000))).toBe(413);
  expect(await post("application/json", new Uint8Array([0x7b, 0xff, 0x7d]))).toBe(400);
  expect(await post(undefined, new Uint8Array())).toBe(200);
  expect(await post(undefined, new FormData())).toBe(200);
  expect((await api.site.errand.get(id))?.state).toBe("canceled");
});

test("texts that would be markup on a page are only ever JSON that nobody sniffs", async () => {
  const id = await ended();
  const { body } = await api.ask<RunBody>("alice", `/errand/tasks/${id}/`);
  expect([body.name, body.result]).toEqual([XSS, { xss: XSS }]);
  for (const path of [
    "tasks/",
    `tasks/${id}/`,
    "artifacts/",
    new URL(body.artifacts[0] as string).pathname.slice("/errand/".length),
    "openapi.json",
    "tasks/x/",
  ]) {
    const { headers } = await api.ask("alice", `/errand/${path}`);
    expect([path, headers.get("content-type"), headers.get("x-content-type-options")]).toEqual([path, "application/json", "nosniff"]);
  }
  const gone = await api.ask("alice", `/errand/tasks/${id}/`, { method: "DELETE" });
  expect(gone.headers.get("cache-control")).toBe("no-store");
});

test("an artifact's name makes no header and no path", async () => {
  const id = await ended();
  const { body } = await api.ask<ArtifactBody[]>("alice", `/errand/artifacts/?run=${id}`);
  for (const { id: artifact } of body) {
    const { status, headers } = await api.ask("alice", `/errand/artifacts/${artifact}/download`);
    expect([status, headers.get("x-evil")]).toEqual([200, null]);
    expect(headers.get("content-disposition")).toMatch(/^attachment; filename="[\x20-\x7e]*"(; filename\*=UTF-8''[\w%.~-]*)?$/);
  }
});

test("paths that climb, or are no path at all, find nothing", async () => {
  for (const path of [
    "artifacts/..%2f..%2f..%2fetc%2fpasswd/download",
    "artifacts/%2e%2e%2f%2e%2e/download",
    "artifacts/....//....//errand.sqlite/download",
    "artifacts/%00/download",
    "artifacts/%/download",
    "artifacts/%ff%fe/",
    "tasks/%E0%A4%A/",
    "tasks/..;/",
    "tasks/%2f/",
    `tasks/${"a/".repeat(500)}`,
    `tasks/${"x".repeat(20_000)}/`,
    "tasks/__proto__/",
    "tasks/constructor/cancel/",
  ]) {
    expect([path.slice(0, 50), (await api.ask("alice", `/errand/${path}`)).status]).toEqual([
      path.slice(0, 50),
      expect.toSatisfy((status: number) => status === 404 || status === 405),
    ]);
  }
});

test("huge and strange queries are refused or passed over", async () => {
  const big = "x".repeat(1_000_000);
  for (const [query, status] of [
    [`name=${big}`, 400],
    [`task=${big}`, 400],
    [`state=${big}`, 400],
    [`state=${"Pending,".repeat(50_000)}`, 400],
    [`${"state=Pending&".repeat(10_000)}`, 400],
    [`created_after=${"2".repeat(100_000)}-01-01`, 400],
    [`cursor=${big}`, 400],
    [`limit=${"9".repeat(400)}`, 400],
    [`${"a=b&".repeat(50_000)}`, 200],
    [`unknown=${big}`, 200],
    ["__proto__=1&constructor=2&toString=3&limit[]=5&limit%5B%5D=5", 200],
    ["created_after=0000-01-01&created_before=9999-12-31", 200],
    ["created_after=9999-12-31T23:59:59%2B23:59", 200],
    ["name=%F0%9F%98%80%ED%A0%80", 200],
    ["name=%27%20OR%201%3D1--&task=%25", 200],
    ["%=%&&&=", 200],
  ] as const) {
    expect([query.slice(0, 40), (await api.ask("alice", `/errand/tasks/?${query}`)).status]).toEqual([query.slice(0, 40), status]);
  }
});

test("a link to the next page is only as long as what the list knows, and stays on this site", async () => {
  await Promise.all([ended(), ended()]);
  const { headers } = await api.ask("alice", `/errand/tasks/?limit=1&${"junk=1&".repeat(1000)}`, {
    headers: { "x-forwarded-host": "evil.example", "x-forwarded-proto": "gopher", host: "evil.example" },
  });
  expect(headers.get("link")).toMatch(
    /^<https:\/\/tickets\.example\/errand\/tasks\/\?limit=1>; rel="first", <https:\/\/tickets\.example\/errand\/tasks\/\?limit=1&cursor=[\w-]{22}>; rel="next"$/,
  );
  const behind = errandWeb(api.site.errand, { trustProxy: true, identify: () => ({ id: "alice" }) });
  for (const [host, origin] of [
    ["tickets.public", "https://tickets.public"],
    ["evil.example/path?x", "https://evil.example"],
    ['a"b> ,<', "https://tickets.example"],
  ] as const) {
    const answer = await person(behind.handler, "nobody").send("/errand/tasks/?limit=1", { headers: { "x-forwarded-host": host } });
    expect([host, answer.status, answer.headers.get("link")?.startsWith(`<${origin}/errand/tasks/?limit=1>;`)]).toEqual([host, 200, true]);
  }
});

test("ids that were guessed near a known one open nothing", async () => {
  const id = await ended();
  const near = (by: number) => {
    const last = (Number.parseInt(id.slice(-8), 16) + by) >>> 0;
    return id.slice(0, -8) + last.toString(16).padStart(8, "0");
  };
  for (const guess of [near(1), near(-1), near(2)]) {
    for (const who of ["bob", "alice", "admin"] as const) expect((await api.ask(who, `/errand/tasks/${guess}/`)).status).toBe(404);
  }
  expect((await api.ask("alice", `/errand/tasks/${near(0)}/`)).status).toBe(200);
});

test("a run that is deleted while it runs leaves nothing that can be read, and no file", async () => {
  const { id } = await work.start("hold", { owner: "alice" });
  await gate.reached;
  const stopped = new Promise<void>((resolve) => api.site.errand.on("userTaskStopped", ({ run }) => void (run.id === id && resolve())));
  expect((await api.ask("alice", `/errand/tasks/${id}/`, { method: "DELETE" })).status).toBe(204);
  for (const [method, path] of [
    ["GET", ""],
    ["DELETE", ""],
    ["POST", "cancel/"],
    ["POST", "rerun/"],
  ] as const) {
    expect([path, (await api.ask("alice", `/errand/tasks/${id}/${path}`, { method })).status]).toEqual([path, 404]);
  }
  gate.open();
  await stopped;
  expect((await api.ask("admin", `/errand/artifacts/?run=${id}`)).body).toEqual([]);
});

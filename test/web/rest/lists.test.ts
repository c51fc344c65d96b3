import { StatementSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { ArtifactBody, ProblemBody, RunBody } from "../../../src/core/wire.ts";
import type { Task } from "../../../src/index.ts";
import { type Answer, type Api, openApi } from "./api.ts";

let api: Api;
let echo: Task<unknown, unknown>;
/** Newest first. */
let ids: string[];

beforeAll(async () => {
  api = await openApi({}, { sweepEvery: "1h" });
  const { errand } = api.site;
  echo = errand.task({
    name: "echo",
    generateName: (input) => `Echo of ${(input as { name: string }).name}`,
    run: async (_input, { artifacts }) => {
      await artifacts.text("one", "One");
      await artifacts.text("two", "Two");
    },
  }) as Task<unknown, unknown>;
  const other = errand.task({ name: "other task", run: () => Promise.reject(new Error("broken")) }) as Task<unknown, unknown>;
  ids = [];
  for (let count = 1; count <= 25; count++) ids.unshift((await echo.delay({ name: `Chapter ${count}` }, { owner: "alice" })).id);
  ids.unshift((await other.delay({}, { owner: "alice" })).id);
  ids.unshift((await echo.start({ name: "Later 100%_ÄÖ" }, { owner: "alice", runAt: new Date(Date.now() + 3_600_000) })).id);
  await echo.delay({ name: "Bob's chapter 7" }, { owner: "bob" });
});
afterAll(() => api.site.close());

const list = (query: string, who: "alice" | "bob" | "admin" = "alice") => api.ask<RunBody[]>(who, `/errand/tasks/${query}`);
const idsOf = (answer: Answer<readonly { readonly id: string }[]>) => answer.body.map((entry) => entry.id);
const links = (answer: Answer) =>
  Object.fromEntries([...(answer.headers.get("link") ?? "").matchAll(/<([^>]*)>; rel="(\w+)"/g)].map((match) => [match[2], match[1]])) as Record<
    string,
    string
  >;

test("a page holds 20 runs, newest first, with everything that one alone shows", async () => {
  const page = await list("");
  expect(idsOf(page)).toEqual(ids.slice(0, 20));
  expect(page.body[2]).toEqual((await api.ask("alice", `/errand/tasks/${ids[2]}/`)).body);
  expect(page.body[2]?.artifacts).toHaveLength(2);
});

test("Link headers lead through all pages, each run once, and keep the filter", async () => {
  const seen: string[] = [];
  let url: string | undefined = "/errand/tasks/?limit=10&state=Succeeded&name=chapter&unknown=x";
  const pages: number[] = [];
  while (url !== undefined) {
    const page: Answer<RunBody[]> = await api.ask("alice", url);
    expect(links(page).first).toBe("https://tickets.example/errand/tasks/?limit=10&state=Succeeded&name=chapter");
    pages.push(page.body.length);
    seen.push(...idsOf(page));
    url = links(page).next;
  }
  expect(pages).toEqual([10, 10, 5]);
  expect(seen).toEqual(ids.slice(2));
});

test("a page that ends with the list has no next; the run of a cursor may be gone meanwhile", async () => {
  expect(links(await list("?limit=27")).next).toBeUndefined();
  expect(links(await list("", "bob"))).toEqual({ first: "https://tickets.example/errand/tasks/" });
  const deleted = (await echo.delay({ name: "gone" }, { owner: "alice" })).id;
  const next = links(await list("?limit=1")).next as string;
  await api.site.errand.remove(deleted);
  expect(idsOf(await api.ask<RunBody[]>("alice", next))).toEqual([ids[0]]);
});

test("a page of 20 runs with their artifacts takes one SQL statement, however deep", async () => {
  const deep = links(await list("?limit=4")).next as string;
  const run = vi.spyOn(StatementSync.prototype, "all");
  try {
    const texts = () => run.mock.contexts.map((statement) => (statement as StatementSync).sourceSQL).filter((sql) => /errand_(runs|artifacts)/.test(sql));
    expect((await list("")).body).toHaveLength(20);
    expect(texts()).toHaveLength(1);
    run.mockClear();
    expect((await api.ask<RunBody[]>("alice", deep.replace("limit=4", "limit=20"))).body).toHaveLength(20);
    expect(texts()).toHaveLength(1);
    run.mockClear();
    expect((await api.ask<ArtifactBody[]>("alice", "/errand/artifacts/")).body).toHaveLength(20);
    expect(texts()).toHaveLength(1);
  } finally {
    run.mockRestore();
  }
});

test("filters: state in words or as the machine says it, several; task; part of a name; time of creation", async () => {
  const [later, failed] = ids as [string, string];
  expect(idsOf(await list("?state=Pending"))).toEqual([later]);
  expect(idsOf(await list("?state=pending&state=Failed"))).toEqual([later, failed]);
  expect(idsOf(await list("?state=pending,Failed"))).toEqual([later, failed]);
  expect(idsOf(await list("?state=In%20Progress"))).toEqual([]);
  expect(idsOf(await list("?task=other+task"))).toEqual([failed]);
  expect(idsOf(await list("?task=other"))).toEqual([]);
  expect(idsOf(await list("?name=CHAPTER+7"))).toEqual([ids[20]]);
  expect(idsOf(await list("?name=0%25_"))).toEqual([later]);
  expect(idsOf(await list("?name=%25"))).toEqual([later]);
  const { created } = (await api.ask<RunBody>("alice", `/errand/tasks/${ids[10]}/`)).body;
  const newer = (await list(`?limit=100&created_after=${created}`)).body;
  const older = (await list(`?limit=100&created_before=${created}`)).body;
  expect(newer.map((run) => run.id)).toContain(ids[10]);
  expect([newer.every((run) => run.created >= created), older.every((run) => run.created < created)]).toEqual([true, true]);
  expect(newer.length + older.length).toBe(27);
  expect((await list("?created_after=2020-01-01&created_before=2020-01-02")).body).toEqual([]);
  expect((await list("?limit=100&created_after=2020-01-01T00:00:00.123456%2B01:00")).body).toHaveLength(27);
});

test("what a filter cannot mean is 400 and names the parameter", async () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ["limit=0", ["limit"]],
    ["limit=101", ["limit"]],
    ["limit=-1", ["limit"]],
    ["limit=1e1", ["limit"]],
    ["limit=", ["limit"]],
    ["limit=5&limit=6", ["limit"]],
    ["state=Done", ["state"]],
    ["state=", ["state"]],
    ["state=Pending,", ["state"]],
    ["name=", ["name"]],
    ["name=a%00b", ["name"]],
    [`name=${"x".repeat(256)}`, ["name"]],
    ["task=a&task=b", ["task"]],
    ["created_after=yesterday", ["created_after"]],
    ["created_before=2026-02-30", ["created_before"]],
    ["created_before=2026-02-03T10:00:00", ["created_before"]],
    ["limit=x&state=y&cursor=z", ["limit", "cursor", "state"]],
  ];
  for (const [query, paths] of rows) {
    const answer = await api.ask<ProblemBody>("alice", `/errand/tasks/?${query}`);
    expect([query, answer.status, answer.body.errors?.map(({ path }) => path)]).toEqual([query, 400, paths]);
  }
  const german = await api.ask<ProblemBody>("alice", "/errand/tasks/?limit=0", { headers: { "accept-language": "de" } });
  expect(german.body).toEqual({
    detail: "Einiges an der Abfrage ist nicht gültig.",
    errors: [{ path: "limit", message: "Das muss eine ganze Zahl von 1 bis 100 sein." }],
  });
});

test("a cursor that no list gave is 400 in words", async () => {
  const good = new URL(links(await list("?limit=1")).next as string).searchParams.get("cursor") as string;
  for (const cursor of ["", "x", "0", good.slice(1), `${good}A`, `${good.slice(0, -1)}B`, "!".repeat(22), "x".repeat(10_000), `${good}&cursor=${good}`]) {
    const answer = await api.ask<ProblemBody>("alice", `/errand/tasks/?cursor=${cursor}`);
    expect([cursor.slice(0, 30), answer.status, answer.body.errors?.[0]]).toEqual([
      cursor.slice(0, 30),
      400,
      { path: "cursor", message: expect.stringContaining("no cursor of this list") },
    ]);
  }
});

test("somebody else's cursor opens nothing but one's own list", async () => {
  const alices = new URL(links(await list("?limit=1")).next as string).searchParams.get("cursor") as string;
  expect(idsOf(await list(`?cursor=${alices}`, "bob")).every((id) => !ids.includes(id))).toBe(true);
});

test("artifacts are listed newest first, of one run when asked, page by page", async () => {
  const own = await api.site.errand.artifacts.list([ids[5] as string]);
  const ofRun = await api.ask<ArtifactBody[]>("alice", `/errand/artifacts/?run=${ids[5]}`);
  expect(ofRun.body.map(({ id, name, status }) => [id, name, status])).toEqual(
    own.reverse().map((artifact) => [artifact.id, artifact.name, `https://tickets.example/errand/tasks/${ids[5]}/`]),
  );
  expect((await api.ask<ArtifactBody[]>("bob", `/errand/artifacts/?run=${ids[5]}`)).body).toEqual([]);
  expect((await api.ask("bob", "/errand/artifacts/?run=nonsense")).status).toBe(400);
  const seen: string[] = [];
  for (let url: string | undefined = "/errand/artifacts/?limit=17"; url !== undefined; ) {
    const page: Answer<ArtifactBody[]> = await api.ask("alice", url);
    seen.push(...idsOf(page));
    url = links(page).next;
  }
  const all = await api.site.errand.artifacts.list(ids);
  expect(seen).toEqual(all.map(({ id }) => id).reverse());
  expect(seen.length).toBe(51);
});

test("a name with anything in it makes no other header", async () => {
  const answer = await list(`?limit=1&name=${encodeURIComponent('e>; rel="next", <https://evil.example/')}`);
  expect(answer.headers.get("link")).not.toContain("<https://evil");
  const first = await list(`?limit=1&name=${encodeURIComponent("Echo")}&task=echo`);
  expect(Object.keys(links(first))).toEqual(["first", "next"]);
});

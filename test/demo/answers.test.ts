import { beforeAll, expect, test } from "vitest";
import type { Coastline } from "../../examples/box-office/tasks/measure-coastline.ts";
import type { RunBody } from "../../src/core/wire.ts";
import { type Demo, startDemo } from "./demo.ts";
import { saidOn, Visitor } from "./visitor.ts";

const page = { accept: "text/html" };
/** Long enough for the slowest machine; the answer comes as soon as it is there. */
const json = { accept: "application/json", prefer: "wait=60" };
const timeout = 60_000;

let demo: Demo;
let visitor: Visitor;

beforeAll(async () => {
  demo = await startDemo();
  visitor = new Visitor(demo);
});

test("a sum is a number for programs and a page for people", async () => {
  const answer = await visitor.get("/add/3/5/", json);
  expect([answer.status, await answer.json()]).toEqual([200, 8]);
  const shown = await visitor.get("/add/3/5/", page);
  expect(shown.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(await shown.text()).toContain('<p class="figure">8</p>');
  expect(await (await visitor.get("/add/-3/-999999999999999/", json)).json()).toBe(-1_000_000_000_000_002);
});

test.each(["/add/3/x/", "/add/3.5/1/", "/add/1e3/1/", "/add/%20/1/", "/add/9999999999999999/1/", "/add/<b>/1/"])("%s is no sum", async (path) => {
  expect((await visitor.get(path, json)).status).toBe(404);
});

test("the forms lead to the answers' own addresses, with or without a slash", async () => {
  for (const [from, to] of [
    ["/add/?x=3&y=5", "/add/3/5/"],
    ["/add/?x=../..&y=%2f%2felsewhere.example", "/add/..%2F../%2F%2Felsewhere.example/"],
    ["/add/3/5", "/add/3/5/"],
    ["/coastline/?country=NO", "/coastline/NO/"],
    ["/coastline/NO", "/coastline/NO/"],
  ] as const) {
    expect((await visitor.get(from)).headers.get("location"), from).toBe(to);
  }
  for (const path of ["/add/?x=3", "/coastline/", "/coastline/?country="]) expect((await visitor.get(path)).status, path).toBe(404);
  const home = await (await visitor.get("/")).text();
  expect(home).toContain('<option value="NO" selected>Norway</option>');
  expect(home.match(/<option /g)?.length).toBeGreaterThan(200);
});

test("a coast as JSON: by island, the longest first, the same for every way to write the code", { timeout }, async () => {
  const answer = await visitor.get("/coastline/NO/", json);
  expect(answer.status).toBe(200);
  const coast = (await answer.json()) as Coastline;
  expect(coast).toMatchObject({ country: "NO", name: "Norway" });
  expect(coast.km).toBeGreaterThan(20_000);
  expect(coast.km).toBeLessThan(60_000);
  expect(coast.islands.length).toBeGreaterThan(50);
  expect(coast.islands).toEqual(coast.islands.toSorted((one, other) => other.km - one.km));
  expect(Math.abs(coast.islands.reduce((sum, { km }) => sum + km, 0) - coast.km)).toBeLessThan(0.05 * coast.islands.length + 0.1);

  const etag = answer.headers.get("etag") as string;
  for (const code of ["NO", "no", "nO"]) {
    expect((await visitor.get(`/coastline/${code}/`, { ...json, "if-none-match": etag })).status, code).toBe(304);
  }
});

test("a coast as a page, which can be kept as well", { timeout }, async () => {
  const { km } = (await (await visitor.get("/coastline/IS/", json)).json()) as Coastline;
  const shown = await visitor.get("/coastline/IS/", page);
  expect([shown.status, shown.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  expect(shown.headers.get("cache-control")).toMatch(/^private, max-age=\d+$/);
  const text = await shown.text();
  expect(saidOn(text).heading).toBe("Iceland");
  expect(text).toContain(`<p class="figure">${Math.round(km).toLocaleString("en")} km</p>`);
  expect(text).toMatch(/<svg [^>]*role="img" aria-label="Outline of Iceland"/);
  const again = await visitor.get("/coastline/IS/", { ...page, "if-none-match": shown.headers.get("etag") as string });
  expect([again.status, await again.text()]).toEqual([304, ""]);
});

test("a page that all share says nothing of who looks at it", { timeout }, async () => {
  await visitor.get("/coastline/MT/", json);
  const alice = await Visitor.signedIn(demo, "alice");
  const shown = await (await alice.get("/coastline/MT/", page)).text();
  expect(shown).not.toContain("alice");
  expect(shown).toBe(await (await new Visitor(demo).get("/coastline/MT/", page)).text());
});

test("a landlocked country has no coast, and the page says so", { timeout }, async () => {
  const answer = await visitor.get("/coastline/CH/", json);
  expect(await answer.json()).toEqual({ country: "CH", name: "Switzerland", km: 0, islands: [] });
  const text = await (await visitor.get("/coastline/CH/", page)).text();
  expect(text).toContain("0 km");
  expect(text).toContain("Switzerland is landlocked: it has no coast on any sea.");
});

test("an unknown country is not found, and nothing is begun", async () => {
  for (const code of ["XX", "NOR", "578", "N", "%00%00", "no%2f", "🇳🇴"]) {
    const answer = await visitor.get(`/coastline/${code}/`, json);
    expect(answer.status, code).toBe(404);
  }
  const shown = await visitor.get("/coastline/XX/", page);
  expect([shown.status, shown.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
  const admin = await Visitor.signedIn(demo, "admin");
  const runs = (await (await admin.get("/errand/tasks/?limit=100")).json()) as RunBody[];
  expect(runs.filter(({ state }) => state === "Failed")).toEqual([]);
});

test("people who ask at the same time share one run, which counts its islands", { timeout }, async () => {
  const [alice, bob] = [await Visitor.signedIn(demo, "alice"), await Visitor.signedIn(demo, "bob")];
  const first = await Promise.all([alice, bob].map((person) => person.get("/coastline/CA/", { accept: "application/json", prefer: "respond-async" })));
  const answers = await Promise.all([alice, bob, alice, bob].map((person) => person.get("/coastline/CA/", json)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  const etags = new Set(answers.map(({ headers }) => headers.get("etag")));
  expect(etags.size).toBe(1);
  const { islands } = (await (answers[0] as Response).json()) as Coastline;

  const admin = await Visitor.signedIn(demo, "admin");
  const runs = (await (await admin.get("/errand/tasks/?task=measure_coastline&limit=100")).json()) as RunBody[];
  const canada = runs.filter(({ name }) => name === "Coastline: Canada");
  expect(canada).toHaveLength(1);
  const [run] = canada as [RunBody];
  expect(run).toMatchObject({ state: "Succeeded", completed_steps: islands.length, total_steps: islands.length });
  for (const { status, headers } of first) {
    expect([200, 202]).toContain(status);
    if (status === 202) expect(headers.get("location")).toBe(`/errand/tasks/${run.id}/`);
  }
});

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Artifact } from "../../src/index.ts";
import { errandWeb } from "../../src/web/index.ts";
import { Browser, openSite, type TestSite } from "./fixture.ts";

let site: TestSite;
let made: Artifact;

beforeAll(async () => {
  site = await openSite();
  const task = site.errand.task({ name: "make", run: async (_input, { artifacts }) => void (await artifacts.file("list.csv", "a,b\n")) });
  const run = await task.delay(undefined, { owner: "alice" });
  [made] = (await site.errand.artifacts.list([run.id])) as [Artifact];
});
afterAll(() => site.close());

test("a page links what a run left, and the link looks at who follows it", async () => {
  const url = site.web.downloadUrl(made);
  expect(url).toBe(`/errand/artifacts/${made.id}/download`);
  const answer = await new Browser(site.web.handler, "alice").send(url);
  expect([answer.status, await answer.text()]).toEqual([200, "a,b\n"]);
  expect(answer.headers.get("content-disposition")).toBe('attachment; filename="list.csv"');
  expect((await new Browser(site.web.handler, "bob").send(url)).status).toBe(404);
  expect((await new Browser(site.web.handler).send(url)).status).toBe(403);
});

test("it leads to wherever the handler is mounted", async () => {
  const web = errandWeb(site.errand, { path: "/jobs/", paths: { artifacts: "files" }, identify: () => ({ id: "alice" }) });
  expect(web.downloadUrl(made)).toBe(`/jobs/files/${made.id}/download`);
  expect(await (await new Browser(web.handler).send(web.downloadUrl(made))).text()).toBe("a,b\n");
});

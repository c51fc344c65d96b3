import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { ArtifactBody, ProblemBody, RunBody } from "../../../src/core/wire.ts";
import { chord, group, type Task, UserError } from "../../../src/index.ts";
import { type Answer, type Api, openApi } from "./api.ts";

const unknown = "01890000-0000-7000-8000-000000000000";

let api: Api;
let chapter: Task<{ number: number; broken?: boolean }, number>;
let box: string;
let names: string[];

beforeAll(async () => {
  api = await openApi();
  let isMended = false;
  chapter = api.site.errand.task({
    name: "chapter",
    input: z.object({ number: z.number(), broken: z.boolean().default(false) }),
    generateName: ({ number }) => `Chapter ${number}`,
    run: async ({ number, broken }, { artifacts }) => {
      if (broken && !isMended) {
        isMended = true;
        throw new UserError("This chapter is empty.");
      }
      await artifacts.file(`chapter-${number}.txt`, "x".repeat(number));
      return number;
    },
  }) as never;
  names = Array.from({ length: 12 }, (_, index) => `Chapter ${index + 1}`);
  const parts = names.map((_, index) => chapter.with({ number: index + 1, broken: index === 6 }));
  box = (await group(parts, { onFailure: "continue" }).delay({ owner: "alice", name: "Book" })).id;
  await chapter.delay({ number: 99 }, { owner: "alice" });
});
afterAll(() => api.site.close());

const list = (query: string, who: "alice" | "bob" | "admin" = "alice") => api.ask<RunBody[]>(who, `/errand/tasks/${query}`);
const namesOf = ({ body }: Answer<RunBody[]>) => body.map(({ name }) => name);

test("the list shows containers, and no part of them", async () => {
  expect(namesOf(await list(""))).toEqual(["Chapter 99", "Book"]);
  expect(namesOf(await list("?task=chapter"))).toEqual(["Chapter 99"]);
  expect(namesOf(await list("", "admin"))).toEqual(["Chapter 99", "Book"]);
});

test("a container says how it links its parts and how many succeeded; a part says what it is a part of", async () => {
  const whole = await api.ask<RunBody>("alice", `/errand/tasks/${box}/`);
  expect(whole.body).toMatchObject({ kind: "group", parent: null, state: "Succeeded", state_text: "11 of 12 succeeded." });
  const [part] = (await list(`?parent=${box}`)).body;
  expect(part).toMatchObject({ name: "Chapter 1", kind: null, parent: box });
  expect((await api.ask("alice", `/errand/tasks/${part?.id}/`)).body).toEqual(part);
});

test("?parent= lists the parts in their order, a page at a time, and can be filtered further", async () => {
  const seen: string[] = [];
  let url: string | undefined = `/errand/tasks/?parent=${box}&limit=5`;
  while (url !== undefined) {
    const page: Answer<RunBody[]> = await api.ask("alice", url);
    seen.push(...namesOf(page));
    url = /<([^>]*)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
  }
  expect(seen).toEqual(names);
  expect(namesOf(await list(`?parent=${box}&state=failed`))).toEqual(["Chapter 7"]);
});

test("the parts of what is unknown, or not the asker's, are an empty list; what cannot be an id is 400", async () => {
  expect((await list(`?parent=${box}`, "bob")).body).toEqual([]);
  expect((await list(`?parent=${unknown}`)).body).toEqual([]);
  expect(namesOf(await list(`?parent=${box}`, "admin"))).toHaveLength(12);
  const answer = await api.ask<ProblemBody>("alice", "/errand/tasks/?parent=book");
  expect([answer.status, answer.body.errors]).toEqual([400, [{ path: "parent", message: "This must be the id of one run." }]]);
});

test("the app's rules hold for every part", async () => {
  const ruled = await openApi({
    can: ({ owner }, action, { name }) => (name === "Chapter 2" ? false : owner === "bob" && action === "view" && name !== "Chapter 3" ? true : undefined),
    listFilter: { tasks: ({ owner }) => ({ owner, states: ["pending"] }) },
  });
  try {
    const task = ruled.site.errand.task({ name: "chapter", run: () => null });
    const parts = [1, 2, 3].map((number) => task.with(null as never, { name: `Chapter ${number}` }));
    const { id } = await group(parts).delay({ owner: "alice" });
    const ask = async (who: "alice" | "bob") => (await ruled.ask<RunBody[]>(who, `/errand/tasks/?parent=${id}`)).body.map(({ name }) => name);
    // Whoever may view the whole finds its parts, whatever the list of tasks shows them.
    expect([await ask("alice"), await ask("bob")]).toEqual([["Chapter 1", "Chapter 3"], ["Chapter 1"]]);
  } finally {
    await ruled.site.close();
  }
});

test("what a part left is reached through the part, and through the list of artifacts", async () => {
  const [part] = (await list(`?parent=${box}`)).body as [RunBody];
  const [address] = part.artifacts as [string];
  const artifact = await api.ask<ArtifactBody>("alice", new URL(address).pathname);
  expect([artifact.body.name, artifact.body.status]).toEqual(["chapter-1.txt", part.url]);
  expect((await api.ask("alice", artifact.body.file)).text).toBe("x");
  expect((await api.ask<ArtifactBody[]>("alice", `/errand/artifacts/?run=${part.id}`)).body.map(({ id }) => id)).toEqual([artifact.body.id]);
  expect((await api.ask("bob", new URL(address).pathname)).status).toBe(404);
});

test("a part is not deleted alone: 409 in words, in the reader's language", async () => {
  const [part] = (await list(`?parent=${box}`)).body as [RunBody];
  const refused = await api.ask<ProblemBody>("alice", `/errand/tasks/${part.id}/`, { method: "DELETE" });
  expect([refused.status, refused.body.detail]).toEqual([409, "This is a part of a larger task, and is deleted together with it: delete that one."]);
  const german = await api.ask<ProblemBody>("alice", `/errand/tasks/${part.id}/`, { method: "DELETE", headers: { "accept-language": "de" } });
  expect(german.body.detail).toContain("Teil einer größeren Aufgabe");
  expect((await api.ask("bob", `/errand/tasks/${part.id}/`, { method: "DELETE" })).status).toBe(404);
  expect((await api.ask("alice", `/errand/tasks/${part.id}/`)).status).toBe(200);
});

test("only what failed is run again, asked for in JSON or by a form; a word that is no choice is 400", async () => {
  const rerun = (id: string, body: string) =>
    api.ask<RunBody & ProblemBody>("alice", `/errand/tasks/${id}/rerun/`, { method: "POST", body, headers: { "content-type": "application/json" } });
  expect((await rerun(box, '{"only":"everything"}')).body.detail).toBe("Only the failed parts can be asked for: only=failed, or leave it out.");
  const again = await rerun(box, '{"only":"failed"}');
  expect([again.status, again.body.rerun_of, again.body.kind]).toEqual([201, box, "group"]);
  const ended = await api.site.errand.wait(again.body.id, { timeout: 60_000 });
  expect(ended?.state).toBe("succeeded");
  const nothing = await rerun(again.body.id, '{"only":"failed"}');
  expect([nothing.status, nothing.body.detail]).toEqual([409, "Nothing in this has failed, so there is nothing to do again. Start it again as a whole."]);
  await api.site.errand.remove(again.body.id);
});

test("a deleted container takes its parts and their files along", async () => {
  const { id } = await chord([chapter.with({ number: 1 }), chapter.with({ number: 2 })], chapter.with({ number: 3 })).delay({ owner: "bob" });
  const [header, last] = (await list(`?parent=${id}`, "bob")).body as [RunBody, RunBody];
  expect([header.kind, header.parent, last.kind, last.name]).toEqual(["group", id, null, "Chapter 3"]);
  const [address] = last.artifacts as [string];
  expect((await api.ask("bob", `/errand/tasks/${id}/`, { method: "DELETE" })).status).toBe(204);
  for (const gone of [`/errand/tasks/${last.id}/`, `/errand/tasks/${header.id}/`, new URL(address).pathname]) {
    expect([gone, (await api.ask("bob", gone)).status]).toEqual([gone, 404]);
  }
});

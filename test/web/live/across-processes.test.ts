import { expect, test } from "vitest";
import type { Task } from "../../../src/index.ts";
import { startProcess } from "../../support/process.ts";
import { freshDatabase } from "../../support/temp.ts";
import { LiveSite } from "./live-site.ts";

test("what another process begins, performs and deletes comes here", async () => {
  const file = freshDatabase();
  await using live = await LiveSite.open({}, { database: `file:${file}`, broker: "database", worker: false });
  const talk = live.site.errand.task({ name: "talk", run: () => "not here" }) as Task<unknown, unknown>;
  const mine = await talk.start(["One", "Two"], { owner: "ann", name: "mine" });
  await using all = await live.events("ann");
  await using one = await live.events("ann", mine.id);
  expect(await one.document()).toMatchObject({ state: "Pending", rev: 1 });
  expect(await all.document()).toMatchObject({ id: mine.id, state: "Pending" });

  const other = startProcess(new URL("./other-process.ts", import.meta.url), { args: [file] });
  const theirs = (await other.line(/^began/)).split(" ")[1] as string;
  const ended = new Map<string, unknown>();
  while (ended.size < 2) {
    const document = await all.document();
    if (document.state === "Succeeded") ended.set(document.name, document);
  }
  expect(ended.get("mine")).toEqual(await live.document("ann", mine.id));
  expect(ended.get("theirs")).toEqual(await live.document("ann", theirs));
  const last = (await one.rest()).at(-1);
  expect(JSON.parse(last?.data as string)).toEqual(ended.get("mine"));

  other.signal("SIGUSR2");
  await other.line(/^removed/);
  const gone = await all.next();
  expect([gone?.type, gone?.data]).toEqual(["gone", JSON.stringify({ id: theirs })]);
  expect(await other.kill("SIGTERM")).toMatchObject({ code: 0 });
});

import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import { createClient, type RunDocument } from "../../src/client/index.ts";
import { type UsedRun, useRun } from "../../src/react/index.ts";

const document = { id: "1", rev: 3, state: "In Progress", state_text: "Half of it", ended: null } as unknown as RunDocument;

function rendered(run: string | null, initial?: RunDocument): { readonly html: string; readonly views: readonly UsedRun[] } {
  const asked: unknown[] = [];
  const client = createClient({ fetch: (url) => Promise.reject(asked.push(url)) });
  const views: UsedRun[] = [];
  const Line = () => {
    const view = useRun(run, { client, initial: initial ?? null });
    views.push(view);
    return createElement("p", null, view.run?.state_text ?? "nothing yet", view.connection);
  };
  const html = renderToString(createElement(Line));
  expect(asked).toEqual([]);
  return { html, views };
}

test("a server renders what the page is given, and asks for nothing", () => {
  expect(rendered("1", document).html).toContain("Half of it");
  expect(rendered("1", document).views.at(-1)).toMatchObject({ run: document, error: null, connection: "connecting" });
  expect(rendered("1").html).toContain("nothing yet");
  expect(rendered("1", { ...document, ended: "2027-01-01T00:00:00Z" } as RunDocument).views.at(-1)?.connection).toBe("over");
});

test("without a run there is nothing to do, and that is said", async () => {
  const view = rendered(null).views.at(-1) as UsedRun;
  expect(view).toMatchObject({ run: null, connection: "over" });
  for (const act of [view.cancel, view.rerun, view.remove]) await expect(act()).rejects.toThrow("give it the address");
});

test("the client of those who give none needs no page to be made", () => {
  const Line = () => createElement("p", null, useRun("1").connection);
  expect(renderToString(createElement(Line))).toContain("connecting");
});

import type { Target } from "../http-client.ts";
import { Scratch } from "../scratch.ts";
import { serverLine } from "../server-line.ts";
import type { Measurement } from "../suite.ts";
import { LIST, readPage, served, startApi } from "./api.ts";
import { fillRuns } from "./fill.ts";

/** How far down the page lies. */
const DEPTH = 45_000;
/** Most runs that a page has. */
const LONGEST = 100;

/** A page far down somebody's 50,000 runs, against the first page. */
export const listDeep: Measurement = {
  name: "list-deep",
  async measure() {
    using scratch = new Scratch();
    const file = scratch.file("errand.sqlite");
    await fillRuns(file, 100_000);
    await using api = await startApi(file);
    const first = served("the first page's process", api, `${LIST}?limit=20`);
    const deep = served("the deep page's process", api, await walkDown(first.target));
    await readPage(deep.target, deep.target.path, 20);
    return [await serverLine("list-deep", "pages/s", deep, first)];
  },
};

/** Goes from page to page, as a client does, to one of 20 that begins DEPTH runs down. */
async function walkDown(target: Target): Promise<string> {
  let path = `${LIST}?limit=${LONGEST}`;
  for (let seen = 0; seen < DEPTH; seen += LONGEST) path = (await readPage(target, path, LONGEST)).next;
  return path.replace(`limit=${LONGEST}`, "limit=20");
}

import { Scratch } from "../scratch.ts";
import { serverLine } from "../server-line.ts";
import type { Measurement } from "../suite.ts";
import { LIST, readPage, served, startApi, startBare } from "./api.ts";
import { fillRuns } from "./fill.ts";

/** One run of 100,000 and what it left, by its owner, against a bare route that reads the same row. */
export const detail: Measurement = {
  name: "detail",
  async measure() {
    using scratch = new Scratch();
    const file = scratch.file("errand.sqlite");
    await fillRuns(file, 100_000);
    await using api = await startApi(file);
    await using bare = await startBare(file);
    const { runs } = await readPage(served("the list", api, LIST).target, LIST, 20);
    const path = `${LIST}${runs[7]?.id}/`;
    return [await serverLine("detail", "req/s", served("the web process", api, path), served("the bare server", bare, path))];
  },
};

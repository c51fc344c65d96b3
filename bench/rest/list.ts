import { Scratch } from "../scratch.ts";
import { serverLine } from "../server-line.ts";
import type { Measurement } from "../suite.ts";
import { LIST, served, startApi, startBare } from "./api.ts";
import { fillRuns } from "./fill.ts";

/** The first page of 20 of somebody's 50,000 runs, against a bare route that reads the same rows. */
export const list: Measurement = {
  name: "list",
  async measure() {
    using scratch = new Scratch();
    const file = scratch.file("errand.sqlite");
    await fillRuns(file, 100_000);
    await using api = await startApi(file);
    await using bare = await startBare(file);
    return [await serverLine("list", "pages/s", served("the web process", api, LIST), served("the bare server", bare, LIST))];
  },
};

import { tell } from "../measure.ts";
import { Scratch } from "../scratch.ts";
import { serverLine } from "../server-line.ts";
import type { Measurement } from "../suite.ts";
import { LIST, readPage, served, startApi } from "./api.ts";
import { fillRuns } from "./fill.ts";

/** The first page of somebody's runs, half of a million that the table has, against half of 100,000. */
export const listMillion: Measurement = {
  name: "list-million",
  async measure() {
    using scratch = new Scratch();
    const [small, large] = [scratch.file("small.sqlite"), scratch.file("large.sqlite")];
    await fillRuns(small, 100_000);
    const begun = performance.now();
    await fillRuns(large, 1_000_000);
    tell(`list-million: a million runs took ${((performance.now() - begun) / 1000).toFixed(1)} s to fill in`);
    await using few = await startApi(small);
    await using many = await startApi(large);
    const [ours, reference] = [served("the process with a million", many, LIST), served("the one with 100,000", few, LIST)];
    for (const { target } of [ours, reference]) await readPage(target, LIST, 20);
    return [await serverLine("list-million", "pages/s", ours, reference)];
  },
};

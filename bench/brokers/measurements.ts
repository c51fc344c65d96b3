import { inFlight } from "../embedded/in-flight.ts";
import { budgetLine, interleave, median, rateLine } from "../measure.ts";
import type { Measurement } from "../suite.ts";
import type { Engine } from "./engine.ts";
import { type EngineName, engines, type Side } from "./engines.ts";
import { Place } from "./place.ts";
import { WorkerProcess } from "./worker-process.ts";

const CONCURRENCY = 100;
const IN_FLIGHT = 50;
/** What Errand may add to the bare engine's latency, ms. */
const ADDED = 3;
const SAMPLES = 40;

/** Tasks a second from the first `add` here to the last end in a worker's process, 100 under way at any time. */
export function throughput(name: EngineName, tasks: number): Measurement {
  const line = `${name}-throughput`;
  return {
    name: line,
    async measure() {
      await using place = await Place.make();
      const open = async (side: Side) => ({
        adding: await engines[name][side](place, null),
        working: await WorkerProcess.start(name, side, place, CONCURRENCY),
      });
      const endToEnd =
        ({ adding, working }: Awaited<ReturnType<typeof open>>) =>
        async () => {
          const { done } = working.expect(tasks);
          const begun = performance.now();
          await inFlight(tasks, CONCURRENCY, () => adding.add());
          await done;
          return (tasks * 1000) / (performance.now() - begun);
        };
      const [own, bare] = [await open("ours"), await open("bare")];
      await using _all = new AsyncDisposableStack();
      for (const { adding, working } of [own, bare]) {
        _all.use(working);
        _all.use(adding);
      }
      return [rateLine(line, "tasks/s", await interleave(endToEnd(own), endToEnd(bare)))];
    },
  };
}

/** Tasks a second that can be put down, 50 in flight, while nobody performs them. */
export function delay(name: EngineName, tasks: number): Measurement {
  const line = `${name}-delay`;
  return {
    name: line,
    async measure() {
      await using place = await Place.make();
      await using own = await engines[name].ours(place, null);
      await using bare = await engines[name].bare(place, null);
      const rate = (engine: Engine) => () => inFlight(tasks, IN_FLIGHT, () => engine.add());
      return [rateLine(line, "tasks/s", await interleave(rate(own), rate(bare)))];
    },
  };
}

/** From `add` to the beginning of the task in the same process, when there is nothing else to do. */
export function latency(name: EngineName): Measurement {
  const line = `${name}-latency`;
  return {
    name: line,
    async measure() {
      await using place = await Place.make();
      await using own = await engines[name].ours(place, CONCURRENCY);
      await using bare = await engines[name].bare(place, CONCURRENCY);
      const p50 = (engine: Engine) => async () => {
        const times: number[] = [];
        for (let sample = 0; sample < SAMPLES; sample++) times.push(await untilBegun(engine));
        return median(times);
      };
      const pairs = await interleave(p50(own), p50(bare));
      const budget = median(pairs.map(({ reference }) => reference)) + ADDED;
      return [
        budgetLine(
          line,
          "ms p50",
          budget,
          pairs.map((pair) => pair.ours),
        ),
      ];
    },
  };
}

async function untilBegun(engine: Engine): Promise<number> {
  const [begins, ends] = [Promise.withResolvers<number>(), Promise.withResolvers<void>()];
  engine.onBegin = () => begins.resolve(performance.now());
  engine.onEnd = () => ends.resolve();
  const asked = performance.now();
  await engine.add();
  const begun = await begins.promise;
  await ends.promise;
  return begun - asked;
}

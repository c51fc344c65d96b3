// A process of the tests: runs a loop, and reruns what failed in it, and kills itself at one of its calls of the store.
import type { Store } from "../../../src/index.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { openLoop } from "./crash-loop.ts";

const [file = "", step = "0", when = "before", what = "loop"] = process.argv.slice(2);
let calls = 0;
let counting = what === "loop";

/** The same store, but the process dies at the call that it was told to die at. */
function deadly(store: Store): Store {
  const wrap = (target: object): object =>
    new Proxy(target, {
      get(_, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value === "object" && value !== null && name !== "address") return wrap(value);
        if (typeof value !== "function") return value;
        // They answer at once, and write nothing; what is asked by the clock comes at no step of the loop's own.
        if (["watch", "close", "held", "strays", "atWork", "atWorkNoMore", "hideEnded", "hidden"].includes(String(name))) return value.bind(target);
        return async (...values: unknown[]) => {
          const fatal = counting && ++calls === Number(step);
          if (fatal && when === "before") process.kill(process.pid, "SIGKILL");
          const result: unknown = await (value as (...values: unknown[]) => unknown).apply(target, values);
          if (fatal) process.kill(process.pid, "SIGKILL");
          return result;
        };
      },
    });
  return wrap(store) as Store;
}

const { errand, task } = openLoop(file, { database: deadly(sqlite(file)), sweepEvery: "1h" });
const run = await task.delay(null);
if (what === "rerun") {
  counting = true;
  await (await errand.rerun(run.id, { only: "failed" }))?.ended();
}
counting = false;
await errand.close();
process.stdout.write(`survived ${calls} calls\n`);

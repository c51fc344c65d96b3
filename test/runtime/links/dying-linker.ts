// A process of the tests: runs a chord within a chain to its end, and kills itself at one of its calls of the store.
import type { Store } from "../../../src/index.ts";
import { createErrand } from "../../../src/index.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { defineTasks, shapes } from "./shapes.ts";

const [file = "", step = "0", when = "before"] = process.argv.slice(2);
let calls = 0;

/** The same store, but the process dies at the call that it was told to die at. */
function deadly(store: Store): Store {
  const wrap = (target: object): object =>
    new Proxy(target, {
      get(_, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value === "object" && value !== null) return name === "address" ? value : wrap(value);
        if (typeof value !== "function") return value;
        // They answer at once, and write nothing.
        if (name === "watch" || name === "close") return value.bind(target);
        return async (...values: unknown[]) => {
          const fatal = ++calls === Number(step);
          if (fatal && when === "before") process.kill(process.pid, "SIGKILL");
          const result: unknown = await (value as (...values: unknown[]) => unknown).apply(target, values);
          if (fatal) process.kill(process.pid, "SIGKILL");
          return result;
        };
      },
    });
  return wrap(store) as Store;
}

const errand = createErrand({ database: deadly(sqlite(file)), broker: "database", worker: { concurrency: 2 }, lease: 600, sweepEvery: "1h" });
const run = await shapes["a nested chord"]?.link(defineTasks(errand, { made: [] })).start();
await run?.ended();
await errand.close();
process.stdout.write(`survived ${calls} calls\n`);

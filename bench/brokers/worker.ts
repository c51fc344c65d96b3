import { type EngineName, engines, type Side } from "./engines.ts";
import type { Addresses } from "./place.ts";

// A worker process of either side. It is told how many tasks will come, and says when so many have ended.
const [name, side, place, concurrency] = process.argv.slice(2) as [EngineName, Side, string, string];
const engine = await engines[name][side](JSON.parse(place) as Addresses, Number(concurrency));
let left = 0;
engine.onEnd = () => {
  left -= 1;
  if (left === 0) process.send?.("done");
};
process.on("message", (message: number) => {
  left += message;
});
process.once("disconnect", () => void engine[Symbol.asyncDispose]());
process.send?.("ready");

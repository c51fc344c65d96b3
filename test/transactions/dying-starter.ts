// A process of the tests: begins runs in transactions of its own and dies after the first commit, before the second.
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { createErrand } from "../../src/index.ts";

const [file = ""] = process.argv.slice(2);
// It hears of no commit of others, so nothing is dispatched before it dies.
const errand = createErrand({ database: `file:${file}`, broker: "none", worker: false });
const echo = errand.task({ name: "echo", input: z.string(), run: async (text) => text });
await errand.start();
const transaction = new DatabaseSync(file);
transaction.exec("BEGIN IMMEDIATE");
const { id } = await echo.start("after death", { transaction });
transaction.exec("COMMIT; BEGIN IMMEDIATE");
await echo.start("never", { transaction });
process.stdout.write(`committed ${id}\n`, () => process.kill(process.pid, "SIGKILL"));

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createErrand } from "../runtime/create-errand.ts";
import type { Errand } from "../runtime/errand.ts";
import { UsageError } from "./usage-error.ts";

/** Whether an app is named by its module, and not by a database's address such as file:./errand.sqlite. */
export function isModule(app: string): boolean {
  return existsSync(resolve(app)) || !/^[a-z]{2,}:/.test(app);
}

/**
 * The errand that an app's module exports as `errand` or by default, or one of a database alone, which knows no tasks. It takes no runs by
 * itself: a command is no worker unless it says so.
 *
 * @throws UsageError naming what is missing
 */
export async function loadErrand(app: string | undefined): Promise<Errand> {
  if (app === undefined) throw new UsageError("Name the module that exports your errand, such as ./errand.ts.");
  process.env.ERRAND_WORKER = "off";
  if (!isModule(app)) return createErrand({ database: app, worker: false });
  const file = resolve(app);
  if (!existsSync(file)) throw new UsageError(`There is no file ${file}.`);
  const exported = (await import(pathToFileURL(file).href)) as { errand?: Errand; default?: Errand };
  const errand = exported.errand ?? exported.default;
  if (typeof errand?.work !== "function") throw new UsageError(`${file} exports no errand: add \`export const errand = createErrand(…)\`.`);
  return errand;
}

import { fileURLToPath } from "node:url";
import { startCli } from "../support/process.ts";

export const appModule = fileURLToPath(new URL("./app.ts", import.meta.url));

/** What the app's module is told by its environment. */
export function environment(file: string, broker = "database"): Record<string, string> {
  return { ERRAND_DATABASE_URL: `file:${file}`, ERRAND_BROKER_URL: broker };
}

/** Runs `errand …` to its end. */
export async function runCli(args: readonly string[], env: Readonly<Record<string, string>> = {}, node?: string) {
  const command = startCli(args, { env, ...(node && { node }) });
  const { code, signal } = await command.exited;
  return { code, signal, stdout: command.stdout, stderr: command.stderr };
}

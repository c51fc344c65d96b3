import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { openServices, type Services } from "./services/open-services.ts";

// node scripts/services.ts -- <command …>   runs the command with DATABASE_URL and REDIS_URL of servers that answer
// node scripts/services.ts                  prints the two addresses and keeps what it started until Ctrl-C

const enders = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const [separator, ...command] = process.argv.slice(2);
if (separator !== undefined && (separator !== "--" || command.length === 0)) {
  say("Use: node scripts/services.ts [-- <command> …]");
  process.exitCode = 2;
} else {
  process.exitCode = await withServices(separator === undefined ? keep : (services) => run(command, services));
}

async function withServices(use: (services: Services) => Promise<number>): Promise<number> {
  let services: Services;
  try {
    services = await openServices(say);
  } catch (error) {
    say((error as Error).message);
    return 1;
  }
  try {
    return await use(services);
  } finally {
    await services.stop();
  }
}

async function keep({ env }: Services): Promise<number> {
  const told = new Promise<number>((done) => {
    const alive = setInterval(() => {}, 2 ** 31 - 1);
    for (const signal of enders) {
      process.once(signal, () => {
        clearInterval(alive);
        done(0);
      });
    }
  });
  for (const [name, url] of Object.entries(env)) console.log(`${name}=${url}`);
  return told;
}

/** Resolves with the command's exit status, or 128 and the number of the signal that ended it, as shells say it. */
async function run([program, ...args]: readonly string[], { env }: Services): Promise<number> {
  const child = spawn(program as string, args, { env: { ...process.env, ...env }, stdio: "inherit" });
  for (const signal of enders) {
    process.on(signal, () => {
      // The terminal sends Ctrl-C to the command itself; twice would not let it end in good order.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  try {
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals];
    return code ?? 128 + constants.signals[signal];
  } catch (error) {
    say(`${program} could not be run: ${(error as Error).message}`);
    return 127;
  }
}

function say(line: string): void {
  console.error(`services: ${line}`);
}

import { install, mayInstall } from "../apt.ts";
import { answeringPostgres, answeringRedis, type Found } from "./answering.ts";
import { startPostgres } from "./postgres.ts";
import type { PrivateServer } from "./private-server.ts";
import { postgresFolder, redisFolder } from "./programs.ts";
import { startRedis } from "./redis.ts";

export interface Services {
  /** Where they answer, for the environment of whoever uses them. */
  readonly env: Readonly<Record<"DATABASE_URL" | "REDIS_URL", string>>;
  /** Stops those that were started here. */
  stop(): Promise<void>;
}

interface Kind {
  readonly name: string;
  readonly variable: "DATABASE_URL" | "REDIS_URL";
  /** Of Debian. */
  readonly package: string;
  readonly answering: () => Promise<Found>;
  readonly programs: () => string | undefined;
  readonly start: () => Promise<PrivateServer>;
}

const kinds: readonly Kind[] = [
  { name: "PostgreSQL", variable: "DATABASE_URL", package: "postgresql", answering: answeringPostgres, programs: postgresFolder, start: startPostgres },
  { name: "Redis", variable: "REDIS_URL", package: "redis-server", answering: answeringRedis, programs: redisFolder, start: startRedis },
];

/**
 * PostgreSQL and Redis: those that answer, or private ones from installed programs, which root on Debian installs first.
 * @param say hears in a line what is done
 * @throws Error with one line that says what to do
 */
export async function openServices(say: (line: string) => void): Promise<Services> {
  const found = await Promise.all(kinds.map(async (kind) => ({ kind, answer: await kind.answering() })));
  ensureInstalled(
    found.flatMap(({ kind, answer }) => ("none" in answer ? [kind] : [])),
    say,
  );
  const opened = await Promise.allSettled(found.map(({ kind, answer }) => openOne(kind, answer, say)));
  const stop = async (): Promise<void> => {
    await Promise.all(opened.map((one) => one.status === "fulfilled" && one.value.stop()));
  };
  for (const one of opened) {
    if (one.status === "fulfilled") continue;
    await stop();
    throw one.reason;
  }
  return {
    env: Object.fromEntries(opened.flatMap((one) => (one.status === "fulfilled" ? [[one.value.variable, one.value.url]] : []))) as Services["env"],
    stop,
  };
}

async function openOne({ name, variable, start }: Kind, answer: Found, say: (line: string) => void) {
  if ("url" in answer) return { variable, url: answer.url, stop: async () => undefined };
  const server = await start();
  say(`No ${name} can be used (${answer.none}); a private one is at ${server.url}.`);
  return { variable, url: server.url, stop: () => server.stop() };
}

function ensureInstalled(wanted: readonly Kind[], say: (line: string) => void): void {
  const missing = wanted.filter((kind) => kind.programs() === undefined);
  if (missing.length === 0) return;
  const packages = missing.map((kind) => kind.package);
  const names = missing.map(({ name }) => name).join(" and no ");
  const remedy = `install it (on Debian: sudo apt-get install ${packages.join(" ")}), or set ${missing.map(({ variable }) => variable).join(" and ")}.`;
  if (!mayInstall()) throw new Error(`The tests need PostgreSQL 15 and Redis, and there is no ${names}: ${remedy}`);
  say(`There is no ${names}; installing from the system's packages.`);
  try {
    install(packages, say);
  } catch (error) {
    throw new Error(`${(error as Error).message} There is no ${names}: ${remedy}`);
  }
  const still = missing.filter((kind) => kind.programs() === undefined).map(({ name }) => name);
  if (still.length > 0)
    throw new Error(
      `apt-get installed ${packages.join(" and ")}, but no ${still.join(" and no ")} of a version that will do: set POSTGRES_BIN and REDIS_BIN to the folders of their programs.`,
    );
}

import { answeringPostgres, answeringRedis, type Found } from "./answering.ts";
import { ensurePrograms, type Program } from "./ensure-programs.ts";
import { startPostgres } from "./postgres.ts";
import type { PrivateServer } from "./private-server.ts";
import { postgresProgram, redisProgram } from "./programs.ts";
import { startRedis } from "./redis.ts";

export interface Services {
  /** Where they answer, for the environment of whoever uses them. */
  readonly env: Readonly<Record<"DATABASE_URL" | "REDIS_URL", string>>;
  /** Stops those that were started here. */
  stop(): Promise<void>;
}

interface Kind extends Program {
  readonly variable: "DATABASE_URL" | "REDIS_URL";
  readonly answering: () => Promise<Found>;
  readonly start: () => Promise<PrivateServer>;
}

const kinds: readonly Kind[] = [
  { ...postgresProgram, variable: "DATABASE_URL", answering: answeringPostgres, start: startPostgres },
  { ...redisProgram, variable: "REDIS_URL", answering: answeringRedis, start: startRedis },
];

/**
 * PostgreSQL and Redis: those that answer, or private ones from installed programs, which root on Debian installs first.
 * @param say hears in a line what is done
 * @throws Error with one line that says what to do
 */
export async function openServices(say: (line: string) => void): Promise<Services> {
  const found = await Promise.all(kinds.map(async (kind) => ({ kind, answer: await kind.answering() })));
  const silent = found.flatMap(({ kind, answer }) => ("none" in answer ? [kind] : []));
  const variables = silent.filter(({ programs }) => programs() === undefined).map(({ variable }) => variable);
  ensurePrograms(silent, { why: "The tests need PostgreSQL 15 and Redis", instead: `set ${variables.join(" and ")}`, say });
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

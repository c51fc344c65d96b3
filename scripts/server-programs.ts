import { ensurePrograms } from "./services/ensure-programs.ts";
import { postgresProgram, redisProgram } from "./services/programs.ts";

// Servers that answer do not suffice for tests that stop and kill some: for these, their programs are needed. Where they are neither there
// nor may be installed, one line says so, and only those tests fail.

const say = (line: string) => console.error(`services: ${line}`);
try {
  ensurePrograms([postgresProgram, redisProgram], {
    why: "Tests of outages, and chaos, start servers of their own",
    instead: "set POSTGRES_BIN and REDIS_BIN to the folders of their programs",
    say,
  });
} catch (error) {
  say((error as Error).message);
}

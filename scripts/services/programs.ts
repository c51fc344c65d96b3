import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Program } from "./ensure-programs.ts";

/** Debian keeps each version's programs in a folder of its own, off the path. */
const DEBIAN = "/usr/lib/postgresql";
const OLDEST_POSTGRES = 15;

/** The folder of `postgres` and `initdb`: POSTGRES_BIN, or the newest that Debian has, or one of the path. */
export function postgresFolder(): string | undefined {
  return folderWith(["postgres", "initdb"], process.env.POSTGRES_BIN, [...debianFolders(), ...path()]);
}

/** The folder of `redis-server` and `redis-cli`: REDIS_BIN, or one of the path. */
export function redisFolder(): string | undefined {
  return folderWith(["redis-server"], process.env.REDIS_BIN, path());
}

export const postgresProgram: Program = { name: "PostgreSQL", package: "postgresql", programs: postgresFolder };
export const redisProgram: Program = { name: "Redis", package: "redis-server", programs: redisFolder };

/** A named folder is the only place looked at. */
function folderWith(programs: readonly string[], named: string | undefined, usual: readonly string[]): string | undefined {
  return (named ? [named] : usual).find((folder) => programs.every((program) => isExecutable(join(folder, program))));
}

function debianFolders(): string[] {
  if (!existsSync(DEBIAN)) return [];
  const versions = readdirSync(DEBIAN)
    .map(Number)
    .filter((version) => version >= OLDEST_POSTGRES);
  return versions.sort((one, other) => other - one).map((version) => join(DEBIAN, String(version), "bin"));
}

function path(): string[] {
  return (process.env.PATH ?? "").split(delimiter).filter(Boolean);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

import { install, mayInstall } from "../apt.ts";

/** A server that can be started here. */
export interface Program {
  readonly name: string;
  /** Of Debian. */
  readonly package: string;
  /** Where its programs are; undefined when they are nowhere. */
  readonly programs: () => string | undefined;
}

/**
 * Installs what is not there, as root on Debian.
 *
 * @param why what needs them, as the beginning of a sentence
 * @param instead what else one may do
 * @param say hears in a line what is done
 * @throws Error with one line that says what to do
 */
export function ensurePrograms(wanted: readonly Program[], { why, instead, say }: { why: string; instead: string; say: (line: string) => void }): void {
  const missing = wanted.filter((program) => program.programs() === undefined);
  if (missing.length === 0) return;
  const packages = missing.map((program) => program.package);
  const names = missing.map(({ name }) => name).join(" and no ");
  const remedy = `install it (on Debian: sudo apt-get install ${packages.join(" ")}), or ${instead}.`;
  if (!mayInstall()) throw new Error(`${why}, and there is no ${names}: ${remedy}`);
  say(`There is no ${names}; installing from the system's packages.`);
  try {
    install(packages, say);
  } catch (error) {
    throw new Error(`${(error as Error).message} There is no ${names}: ${remedy}`);
  }
  const still = missing.filter((program) => program.programs() === undefined).map(({ name }) => name);
  if (still.length > 0)
    throw new Error(
      `apt-get installed ${packages.join(" and ")}, but no ${still.join(" and no ")} of a version that will do: set POSTGRES_BIN and REDIS_BIN to the folders of their programs.`,
    );
}

import { print, readArguments, withErrand } from "./command.ts";

/** `errand migrate <app>`: opening an errand migrates it. */
export async function migrate(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args);
  await withErrand(positionals[0], (errand) => errand.start());
  print(values.json ? JSON.stringify({ migrated: true }) : "The schema is up to date.");
}

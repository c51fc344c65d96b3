#!/usr/bin/env node
// Imports nothing statically: an old Node must get its one clear line before it meets a module that it cannot load.
const major = Number.parseInt(process.versions.node, 10);
if (major < 24) {
  process.stderr.write(`errand needs Node 24 or newer, for the SQLite inside it; this is Node ${process.versions.node}.\n`);
  process.exitCode = 1;
} else {
  const { main } = await import("./main.ts");
  // A task that ignores its signal, or a pool that the app keeps open, must not hold a command that is done.
  process.exit(await main(process.argv.slice(2)));
}

export {};

// Runs under any Node, so it is plain JavaScript: the scripts of package.json begin with it, and an old Node gets one clear line instead of
// a stack trace. Within npm scripts `node` is the package of that name, whose install script fetches the binary of Node 24.
const OLDEST_NODE = 24;

if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  process.stderr.write(
    `This repo needs its own Node ${OLDEST_NODE}, but the one that npm found is ${process.versions.node}: run \`npm rebuild node\` (with install scripts allowed), or \`npm ci\` if nothing is installed yet.\n`,
  );
  process.exit(1);
}

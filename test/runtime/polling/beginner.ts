// A process of the tests: once it is told to start, it asks for one address after the other, many times at once. Arguments: file, calls at once, addresses.
import { openPolling } from "./fixture.ts";

const [file = "", calls = "0", rounds = "0"] = process.argv.slice(2);
const { errand, polling, add } = openPolling(file, { worker: false });
await errand.start();
const start = Promise.withResolvers<void>();
process.once("SIGUSR2", () => start.resolve());
process.stdout.write("ready\n");
const alive = setInterval(() => {}, 60_000);
await start.promise;
clearInterval(alive);
for (let round = 0; round < Number(rounds); round++) {
  const asked = Array.from({ length: Number(calls) }, () => polling.checkStatusOrBegin(add, { input: { x: round, y: 0 }, pollingUrl: `/round/${round}/` }));
  const answers = await Promise.all(asked);
  const ids = [...new Set(answers.map(({ runId }) => runId))];
  process.stdout.write(`${JSON.stringify({ round, ids, began: answers.filter(({ began }) => began).length })}\n`);
}
await errand.close();

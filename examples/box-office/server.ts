import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { toNode } from "errand/node";
import { boxOfficeSite } from "./site.ts";

/** How long runs may go on after the server was told to stop; what is under way then goes on at the next start, if DEMO_DATA is kept. */
const GRACE = "2s";

try {
  await serve(port(process.env.PORT));
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}

async function serve(wanted: number): Promise<void> {
  // Not imported above: what is wrong with the environment is said in one line too.
  const { boxOffice, folder } = await import("./errand.ts");
  await boxOffice.errand.start();
  const site = boxOfficeSite(boxOffice);
  const server = createServer(toNode((request) => site(request)));
  const stop = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    await boxOffice.close({ grace: GRACE });
    server.closeAllConnections();
    await closed;
    folder.leave();
  };
  let isStopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      // npm passes a Ctrl-C on that the terminal has sent here already: a second one must not cut the first short.
      if (!isStopping) void stop().then(() => process.exit(0));
      isStopping = true;
    });
  }
  try {
    console.log(`The box office is open: ${await listening(server, wanted)}`);
  } catch (error) {
    await boxOffice.close({ grace: 0 });
    folder.leave();
    throw error;
  }
}

/** The server's address, once it listens. */
function listening(server: Server, wanted: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? new Error(`Port ${wanted} is taken: set PORT to another one, or to 0 for any that is free.`) : error);
    });
    server.listen(wanted, () => resolve(`http://localhost:${(server.address() as AddressInfo).port}`));
  });
}

function port(text = ""): number {
  if (/^\d{0,5}$/.test(text) && Number(text) < 65_536) return text === "" ? 3000 : Number(text);
  throw new Error(`PORT must be a number from 0 to 65535, but is ${JSON.stringify(text)}.`);
}

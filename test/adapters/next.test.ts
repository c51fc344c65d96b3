import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { toNext } from "../../src/adapters/next.ts";
import { buildNextApp, startNextApp } from "../support/next-app.ts";
import { type Served, testAdapter } from "./adapter-contract.ts";

const PREFIX = "/site";

/** The module that all routes share, and the routes: each names one of the contract's handlers. */
const shared = `import { createErrand } from "errand";
import { errandWeb } from "errand/web";
import { toNext } from "errand/next";
import { contractApp } from "./contract-app.ts";
const { routes } = contractApp({ createErrand, errandWeb }, process.env.CONTRACT_FOLDER ?? "", "${PREFIX}");
export const route = (name: keyof typeof routes) => toNext(routes[name], { basePath: "${PREFIX}" });
`;
const places = {
  action: "app/shop/orders/[code]/start",
  probe: "app/shop/orders/[code]/probe",
  mounted: "app/errand/[[...path]]",
  trusted: "app/trusted/[[...path]]",
};

const ownWays = { noLength: "Next leaves it away", brokenEscape: "Next says so itself" };

testAdapter("Next.js, built, below a basePath", serveBuilt, ownWays);

async function serveBuilt(): Promise<Served> {
  const folder = await buildNextApp(contractFiles(), { basePath: PREFIX, typescript: { ignoreBuildErrors: true } });
  const kept = join(folder, "kept");
  mkdirSync(kept);
  const { url, server } = await startNextApp(folder, { CONTRACT_FOLDER: kept });
  return {
    base: url + PREFIX,
    close: async () => {
      await server.kill("SIGTERM");
    },
  };
}

function contractFiles(): Record<string, string> {
  const source = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");
  const routes = Object.entries(places).map(([name, place]) => {
    const up = "../".repeat(place.split("/").length - 1);
    return [
      `${place}/route.ts`,
      `import { route } from "${up}shared.ts";\nexport const { GET, HEAD, POST, PUT, PATCH, DELETE } = route("${name}");\n`,
    ] as const;
  });
  return { "app/contract-app.ts": source("contract-app.ts"), "app/probe.ts": source("probe.ts"), "app/shared.ts": shared, ...Object.fromEntries(routes) };
}

test.each(["site", "/site/", "/a?b", "https://tickets.example"])("%j is no basePath", (basePath) => {
  expect(() => toNext(async () => new Response(), { basePath })).toThrow(RangeError);
});

// The page of test/browser/react, bundled as an app would do it. What it renders is told by the test, in its address and through `globalThis.page`.

import { StrictMode, Suspense, useEffect, useState } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { createClient, type RunDocument } from "../../src/client/index.ts";
import { useRun } from "../../src/react/index.ts";

interface Shown {
  readonly rev: number | null;
  readonly text: string;
  readonly connection: string;
}

const scope = globalThis as unknown as { page: object };
const shown: Shown[] = [];
const torn: string[] = [];
const stableFunctions = new Set<unknown>();
const client = new URLSearchParams(location.search).has("alone") ? createClient({ shared: false }) : createClient();
const initial = JSON.parse(document.getElementById("initial")?.textContent || "null") as RunDocument | null;

/** One of two that show the same view. */
function Line({ view, id }: { view: ReturnType<typeof useRun>; id: string }) {
  const { run, error, connection } = view;
  return (
    <p id={id}>
      {run ? `${run.rev} ${run.state}: ${run.state_text}` : "nothing yet"} {error ? `(${(error as { code?: string }).code})` : ""} {connection}
    </p>
  );
}

export function App({ first }: { first: string | null }) {
  const [url, setUrl] = useState(first);
  const [isShown, setShown] = useState(true);
  useEffect(() => {
    Object.assign(scope.page, { setUrl, setShown });
  }, []);
  return isShown ? <Run url={url} /> : <p id="run">unmounted</p>;
}

function Run({ url }: { url: string | null }) {
  // Another object each time: no reason to begin anew.
  const view = useRun(url, { client, initial: initial && { ...initial } });
  const { run, connection, cancel, rerun, remove } = view;
  stableFunctions.add(cancel);
  useEffect(() => {
    shown.push({ rev: run?.rev ?? null, text: run?.state_text ?? "", connection });
    const [one, other] = ["run", "again"].map((id) => document.getElementById(id)?.textContent);
    if (one !== other) torn.push(`${one} / ${other}`);
    Object.assign(scope.page, { cancel, rerun, remove });
  });
  return (
    <main>
      <Line view={view} id="run" />
      <Suspense fallback="…">
        <Line view={view} id="again" />
      </Suspense>
    </main>
  );
}

scope.page = { shown, torn, functions: () => stableFunctions.size, loaded: true };
const element = document.getElementById("app") as HTMLElement;
const app = (
  <StrictMode>
    <App first={new URLSearchParams(location.search).get("run")} />
  </StrictMode>
);
if (initial) hydrateRoot(element, app, { onRecoverableError: (error) => torn.push(String(error)) });
else createRoot(element).render(app);

import type { Run } from "../../core/run.ts";
import type { Site } from "../site.ts";
import { Layout } from "./layout.tsx";

interface ResultPageProps {
  readonly site: Site;
  readonly language: string;
  readonly run: Run;
}

/** The result of a run as it is, where the app shows it in no way of its own. */
export function ResultPage({ site, language, run }: ResultPageProps) {
  return (
    <Layout site={site} language={language} title={run.name}>
      <h1>{run.name}</h1>
      <pre>{JSON.stringify(run.result, null, 2)}</pre>
    </Layout>
  );
}

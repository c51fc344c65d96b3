import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The files that take longest, roughly the longest first: begun early, none of them is what the others' cores wait for in the end. Nothing but
 * the order depends on this list.
 */
export const longest: readonly string[] = [
  "test/repo/capacity.test.ts",
  "test/machines/machines.test.ts",
  "test/examples/docs.test.ts",
  "test/conformance/postgres-own.test.ts",
  "test/conformance/s3.test.ts",
  "test/testing/crash-at.test.ts",
  "test/runtime/stops/durable.test.ts",
  "test/package/pack.test.ts",
  "test/runtime/lost-worker.test.ts",
  "test/demo/same-list.test.ts",
  "test/cli/worker-cut-off.test.ts",
  "test/demo/tickets.test.ts",
  "test/demo/start-and-stop.test.ts",
  "test/adapters/hono.test.ts",
  "test/conformance/bullmq-cluster.test.ts",
  "test/conformance/graphile-worker.test.ts",
  "test/storages/s3.test.ts",
  "test/runtime/notify/deciding.test.ts",
  "test/adapters/next.test.ts",
  "test/runtime/attempts.test.ts",
  "test/cli/operating.test.ts",
  "test/machines/presence.test.ts",
  "test/conformance/node-test.test.ts",
  "test/notifiers/webhook.test.ts",
  "test/runtime/each/each.test.ts",
  "test/examples/examples.test.ts",
  "test/browser/live/unsteady.test.ts",
  "test/demo/ticket-flow.browser.test.ts",
  "test/demo/crashes.browser.test.ts",
  "test/browser/notify.test.ts",
  "test/browser/lasting.test.ts",
  "test/browser/pages/accessibility.test.ts",
];

/** The order of the files: groups one after the other, in each the longest first, then as Vitest has them. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const group = ({ project }: TestSpecification): number => project.config.sequence.groupOrder;
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = longest.findIndex((path) => moduleId.endsWith(`/${path}`));
      return index < 0 ? longest.length : index;
    };
    return (await super.sort(files)).sort((a, b) => group(a) - group(b) || rank(a) - rank(b));
  }
}

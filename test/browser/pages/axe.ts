import axe from "axe-core";
import type { Page } from "playwright-core";

/** What axe-core finds wrong with the page as it is shown now: the rule, and the elements that break it. */
export async function axeFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = (await page.evaluate("axe.run().then(({ violations }) => violations)")) as readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`);
}

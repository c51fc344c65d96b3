import type { Page } from "playwright-core";

/** The dialog's progress bar; Playwright looks into its shadow root. */
export function dialogOf(page: Page) {
  const dialog = page.getByRole("dialog");
  return { dialog, bar: dialog.getByRole("progressbar"), button: (name: string) => dialog.getByRole("button", { name }) };
}

/** Waits until the dialog's bar has passed `percent`; resolves with where it is. */
export async function passed(page: Page, percent: number): Promise<number> {
  const bar = dialogOf(page).bar;
  const handle = await bar.elementHandle();
  const value = await page.waitForFunction(
    ([element, least]) => {
      const now = Number(element?.getAttribute("aria-valuenow") ?? 0);
      return now > least && now;
    },
    [handle, percent] as const,
  );
  return Number(await value.jsonValue());
}

/** Waits until the text stands on the page or in the dialog. */
export async function says(page: Page, text: string | RegExp): Promise<void> {
  await page.getByText(text).first().waitFor();
}

/** How `expect.poll` waits for what comes soon, on a machine that may be slow. It does so by default, see vitest.config.ts. */
export const patiently = { timeout: 12_000, interval: 20 } as const;

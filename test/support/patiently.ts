/** For `expect.poll` of what comes soon, on a machine that may be slow: `await expect.poll(look, patiently).toBe(…)`. */
export const patiently = { timeout: 12_000, interval: 20 } as const;

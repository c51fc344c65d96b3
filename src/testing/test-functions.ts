/** Where a suite registers its tests: vitest's and node:test's functions fit as they are. */
export interface TestFunctions {
  describe(name: string, body: () => void): unknown;
  test(name: string, body: () => Promise<void>): unknown;
}

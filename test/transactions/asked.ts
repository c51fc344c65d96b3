import type { Store } from "../../src/index.ts";
import { gate } from "../runtime/fixture.ts";

/** The store, and a way to wait until it was asked several times whether a transaction has ended. */
export function asked<Driver extends Store>(store: Driver, times = 3): { store: Driver; often: Promise<void> } {
  const often = gate();
  const join = store.join?.bind(store);
  let count = 0;
  const counted = async (transaction: unknown) => {
    const joined = await join?.(transaction);
    if (!joined) throw new Error("The store cannot join.");
    return {
      ...joined,
      async ended(witness: string) {
        count += 1;
        const hasEnded = await joined.ended(witness);
        if (count === times) often.open();
        return hasEnded;
      },
    };
  };
  return { store: Object.assign(store, { join: counted }), often: often.opened };
}

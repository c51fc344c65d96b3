// An app's module as `errand worker` and `errand migrate` load it; the environment says where its database is.
import { createErrand } from "../../src/index.ts";

export const errand = createErrand({ lease: "2s" });

errand.task({ name: "double", run: (n) => Number(n) * 2 });

errand.task({
  name: "until_told",
  run: async (_, { status, signal, attempt }) => {
    const told = new Promise<void>((done, failed) => {
      // It ends when the test says so, by a signal that Errand leaves to the app.
      process.once("SIGHUP", () => done());
      signal.addEventListener("abort", () => failed(signal.reason as Error));
    });
    // Once this is seen, the signal may come.
    await Promise.all([status.setState("Waiting"), told]);
    return attempt;
  },
});

errand.task({ name: "deaf", run: () => new Promise<null>(() => {}) });

import { expectTypeOf, test } from "vitest";
import type { RunDocument } from "../../src/client/index.ts";
import type { Errand } from "../../src/index.ts";
import type { UsedRun, useRun } from "../../src/react/index.ts";

type Export = ReturnType<typeof exportOf>;
function exportOf(errand: Errand) {
  return errand.task({ name: "export", run: () => ({ sections: 1 }) });
}

test("what is used of a run has the type that its task gives it", () => {
  const look = (use: typeof useRun) => use<Export>("1", { initial: null });
  expectTypeOf(look).returns.toEqualTypeOf<UsedRun<Export>>();
  expectTypeOf<UsedRun<Export>["run"]>().toEqualTypeOf<RunDocument<Export> | null>();
  expectTypeOf<ReturnType<UsedRun<Export>["cancel"]>>().toEqualTypeOf<Promise<RunDocument<Export>>>();
  expectTypeOf<Parameters<typeof useRun>[0]>().toEqualTypeOf<string | URL | null | undefined>();
  const wrong = (use: typeof useRun) => {
    // @ts-expect-error A number is no address.
    use(1);
    // @ts-expect-error A document of no run.
    use("1", { initial: { rev: 1 } });
  };
  expectTypeOf(wrong).toBeFunction();
});

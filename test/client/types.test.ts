import { assertType, expectTypeOf, test } from "vitest";
import { z } from "zod";
import type { Client, ResultOf, RunDocument } from "../../src/client/index.ts";
import { chain, type Errand } from "../../src/index.ts";

function tasksOf(errand: Errand) {
  const exportCourse = errand.task({ name: "export", input: z.object({ course: z.number() }), run: ({ course }) => ({ sections: course, url: "x" }) });
  const clean = errand.task({ name: "clean", run: async () => {} });
  const perhaps = errand.task({ name: "perhaps", input: z.boolean(), run: (is) => (is ? { found: 1 } : undefined) });
  return { exportCourse, clean, perhaps, both: chain([clean.with(null), exportCourse.with({ course: 1 })]) };
}
type Tasks = ReturnType<typeof tasksOf>;
type Export = Tasks["exportCourse"];

test("a result has the type that its task gives it, as JSON brings it", () => {
  expectTypeOf<ResultOf<Export>>().toEqualTypeOf<{ sections: number; url: string }>();
  expectTypeOf<ResultOf<Tasks["clean"]>>().toEqualTypeOf<null>();
  expectTypeOf<ResultOf<Tasks["perhaps"]>>().toEqualTypeOf<{ found: number } | null>();
  expectTypeOf<ResultOf<Tasks["both"]>>().toEqualTypeOf<{ sections: number; url: string }>();
  expectTypeOf<ResultOf<unknown>>().toEqualTypeOf<unknown>();
  expectTypeOf<ResultOf<string>>().toEqualTypeOf<unknown>();
});

test("only a run that has succeeded has one", () => {
  const read = (run: RunDocument<Export>) => {
    // @ts-expect-error It may be null.
    assertType<{ sections: number }>(run.result);
    if (run.state === "Succeeded") assertType<{ sections: number; url: string }>(run.result);
    if (run.state === "Failed") assertType<null>(run.result);
    if (run.ended === null) assertType<"Pending" | "In Progress" | "Retrying" | "Canceling">(run.state);
    // @ts-expect-error There is no such state.
    return run.state === "Done";
  };
  expectTypeOf(read).returns.toEqualTypeOf<boolean>();
});

test("the client passes it on", () => {
  const look = (client: Client) => ({
    watched: client.watch<Export>("1"),
    plain: client.watch("1"),
    canceled: client.cancel<Export>("1"),
  });
  type Looked = ReturnType<typeof look>;
  expectTypeOf<Looked["watched"]>().toEqualTypeOf<AsyncGenerator<RunDocument<Export>, void, undefined>>();
  expectTypeOf<Extract<RunDocument, { state: "Succeeded" }>["result"]>().toEqualTypeOf<unknown>();
  expectTypeOf<Awaited<Looked["canceled"]>>().toEqualTypeOf<RunDocument<Export>>();
  expectTypeOf<Looked["plain"]>().toEqualTypeOf<AsyncGenerator<RunDocument, void, undefined>>();
  const wrong = (client: Client) => {
    // @ts-expect-error A run is given by its address or its id.
    void client.watch<Export>(1);
    // @ts-expect-error Only what failed can be picked.
    void client.rerun("1", { only: "all" });
    // @ts-expect-error What the page came with is a document of the same task.
    void client.watch<Export>("1", { known: { rev: 1 } });
  };
  expectTypeOf(wrong).toBeFunction();
});

import type { Errand, Task } from "errand";
import { z } from "zod";

const input = z.object({ x: z.int(), y: z.int() });

export type AddInput = z.input<typeof input>;

/** Adds two whole numbers. */
export function addTask(errand: Errand): Task<AddInput, number> {
  return errand.task({
    name: "add",
    input,
    generateName: ({ x, y }) => `${x} + ${y}`,
    run: ({ x, y }) => x + y,
  });
}

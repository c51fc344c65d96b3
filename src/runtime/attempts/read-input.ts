import type { StandardSchemaV1 } from "@standard-schema/spec";
import { InvalidInputError } from "../../core/errors.ts";
import type { TaskDefinition } from "../../core/task.ts";

/** The input as the task is given it: checked and transformed by its schema. @throws InvalidInputError with an issue per field. */
export function readInput(task: TaskDefinition, input: unknown): unknown {
  if (!task.schema) return input;
  const checked = task.schema["~standard"].validate(input);
  return checked instanceof Promise ? checked.then((result) => valueFrom(task, result)) : valueFrom(task, checked);
}

function valueFrom(task: TaskDefinition, result: StandardSchemaV1.Result<unknown>): unknown {
  if (!result.issues) return result.value;
  throw new InvalidInputError(
    task.name,
    result.issues.map(({ message, path = [] }) => ({
      message,
      path: path.map((part) => String(typeof part === "object" ? part.key : part)).join("."),
    })),
  );
}

const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text from outside can be the id of a run or of an artifact at all. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

/** What somebody passed, in words and without its content. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object") return `the ${typeof value} ${JSON.stringify(value)}`;
  const name = (value.constructor as { name?: string } | undefined)?.name;
  return name === undefined || name === "" || name === "Object" ? "an object" : `an object of class ${name}`;
}

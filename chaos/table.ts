/** Rows under a heading, in columns as wide as they need; numbers to the right. */
export function tableOf(rows: readonly Readonly<Record<string, string | number>>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name])))];
  const widths = names.map((_, column) => Math.max(...lines.map((line) => (line[column] as string).length)));
  const isNumber = names.map((name) => typeof rows[0]?.[name] === "number");
  const aligned = (cell: string, column: number): string =>
    isNumber[column] ? cell.padStart(widths[column] as number) : cell.padEnd(widths[column] as number);
  return lines.map((line) => line.map(aligned).join("  ").trimEnd()).join("\n");
}

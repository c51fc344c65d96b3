/** The samples of a Prometheus text by their name and labels, such as `up{job="a"}`; fails on a line that is neither a sample nor a comment. */
export function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("# ")) continue;
    const [, series, value] = /^([a-z_]+(?:\{.*\})?) (-?[\d.e+-]+|\+Inf|NaN)$/.exec(line) ?? [];
    if (series === undefined) throw new Error(`This is no line of metrics: ${line}`);
    samples.set(series, Number(value));
  }
  return samples;
}

/** The metrics at an address. @throws Error unless it answers well */
export async function scrape(url: string): Promise<Map<string, number>> {
  const response = await fetch(url);
  if (!response.ok || !response.headers.get("content-type")?.startsWith("text/plain")) throw new Error(`${url} answered ${response.status}.`);
  return samplesOf(await response.text());
}

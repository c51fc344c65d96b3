/** Does `one` `count` times, `width` of them at any time; resolves with how many a second. */
export async function inFlight(count: number, width: number, one: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return (count * 1000) / (performance.now() - begun);
}

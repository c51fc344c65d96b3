import type { Chunks } from "../core/storage.ts";

/** The chunks, which fail with the signal's reason once it fires, even while their source gives nothing. `release` lets go of signal and source. */
export function abortable(chunks: Chunks, signal: AbortSignal): { chunks: Chunks; release: () => void } {
  const source = chunks[Symbol.asyncIterator]();
  let refuse: (reason: unknown) => void = () => {};
  const onAbort = () => refuse(signal.reason);
  signal.addEventListener("abort", onAbort);
  const release = () => {
    signal.removeEventListener("abort", onAbort);
    // Not waited for: a source that stalls closes when it moves again.
    void Promise.resolve(source.return?.()).catch(() => undefined);
  };
  // A race against one long-lived promise would keep every chunk in memory.
  const next = () =>
    new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
      refuse = reject;
      if (signal.aborted) return reject(signal.reason);
      source.next().then(resolve, reject);
    });
  return { chunks: { [Symbol.asyncIterator]: () => ({ next }) }, release };
}

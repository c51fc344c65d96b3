/** Waits `ms`, or until `signal` fires or the network is back. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  const scope = globalThis as Partial<EventTarget>;
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      scope.removeEventListener?.("online", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener("abort", wake);
    // Only browsers tell of it.
    scope.addEventListener?.("online", wake);
    if (signal.aborted) wake();
  });
}

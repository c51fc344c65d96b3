/** What is measured of an engine, and of Errand on it: a task that does nothing, in this process. */
export interface Engine extends AsyncDisposable {
  /** Puts one task down; resolves as soon as it is safe. */
  add(): Promise<void>;
  /** Calls back at the beginning of every task that is performed here. */
  onBegin: (() => void) | undefined;
  /** Calls back at the end of every task, once its engine knows that it is done. */
  onEnd: (() => void) | undefined;
}

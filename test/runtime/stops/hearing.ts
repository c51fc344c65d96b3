import type { StopEvent } from "../../../src/index.ts";

/** A listener that keeps what it hears, to wait for. */
export class Hearing {
  readonly events: StopEvent[] = [];
  readonly #waiting = new Set<() => void>();

  readonly listener = (event: StopEvent): void => {
    this.events.push(event);
    for (const look of this.#waiting) look();
  };

  get runIds(): string[] {
    return this.events.map(({ run }) => run.id);
  }

  /** Resolves once so many events were heard. */
  async heard(count: number): Promise<StopEvent[]> {
    while (this.events.length < count) {
      await new Promise<void>((woken) => {
        const look = (): void => {
          this.#waiting.delete(look);
          woken();
        };
        this.#waiting.add(look);
      });
    }
    return this.events;
  }
}

import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";

/** The least that any queue on SQLite can do for one task: put it down, take it, say that it is done. Three prepared writes, each its own transaction, as durable as ours. */
export class RawWrites implements Disposable {
  readonly #db: DatabaseSync;
  readonly #statements;

  constructor(file: string) {
    this.#db = new DatabaseSync(file);
    this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    this.#db.exec(`CREATE TABLE tasks (id TEXT NOT NULL PRIMARY KEY, task TEXT NOT NULL, state TEXT NOT NULL, input TEXT NOT NULL, result TEXT,
      created INTEGER NOT NULL, started INTEGER, ended INTEGER)`);
    this.#statements = {
      add: this.#db.prepare("INSERT INTO tasks (id, task, state, input, created) VALUES (?, 'noop', 'pending', 'null', ?)"),
      take: this.#db.prepare("UPDATE tasks SET state = 'in_progress', started = ? WHERE id = ? AND state = 'pending'"),
      end: this.#db.prepare("UPDATE tasks SET state = 'succeeded', result = 'null', ended = ? WHERE id = ? AND state = 'in_progress'"),
    };
  }

  /** Tasks a second, over `count` of them. */
  tasksPerSecond(count: number): number {
    const { add, take, end } = this.#statements;
    const begun = performance.now();
    for (let done = 0; done < count; done++) {
      const id = randomUUID();
      add.run(id, Date.now());
      take.run(Date.now(), id);
      end.run(Date.now(), id);
    }
    return (count * 1000) / (performance.now() - begun);
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

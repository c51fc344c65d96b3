/** An id was given that no run has. The command fails with status 1 and this one line. */
export class NoSuchRun extends Error {
  constructor(id: string) {
    super(`There is no run ${id}.`);
  }
}

/** The command line was called wrongly; its message is shown above the usage. */
export class UsageError extends Error {}

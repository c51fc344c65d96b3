export interface Migration {
  /** Counts from 1 without gaps. */
  readonly number: number;
  readonly name: string;
  /** Statements that every database of the family understands. */
  readonly statements: readonly string[];
  /** What PostgreSQL is told besides. */
  readonly postgres?: readonly string[];
}

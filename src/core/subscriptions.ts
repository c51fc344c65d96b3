/** Where a browser of an owner is pushed to (Web Push). */
export interface Subscription {
  /** The address's SHA-256, base64url: what it is found by. */
  readonly digest: string;
  /** Whoever knows it can push to the browser: not shown to anybody. */
  readonly endpoint: string;
  /** The browser's public key and its secret, base64url. */
  readonly p256dh: string;
  readonly auth: string;
  /** What its user reads, such as "de". */
  readonly locale: string;
}

/** Remembers which browsers want to be told. */
export interface SubscriptionStore {
  /**
   * Keeps a browser for this owner, and of the owner's the newest `most`. One that is somebody else's changes hands only to who has the same
   * keys, which is the same browser: else it stays theirs, and the answer is false.
   */
  keep(owner: string, subscription: Subscription, most: number): Promise<boolean>;
  /** The owner's, newest first. */
  of(owner: string): Promise<Subscription[]>;
  /** False when the owner has none of this digest. */
  remove(owner: string, digest: string): Promise<boolean>;
}

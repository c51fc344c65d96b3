import { createHmac, timingSafeEqual } from "node:crypto";

export interface TicketClaim {
  readonly runId: string;
  readonly row: number;
  readonly seat: string;
}

/** What the QR code of a ticket says: which ticket it is, and a signature that nobody else can make. */
export function ticketCode(secret: string, { runId, row, seat }: TicketClaim): string {
  const claim = Buffer.from(JSON.stringify([runId, row, seat])).toString("base64url");
  return `${claim}.${signature(secret, claim)}`;
}

/** What a ticket's code stands for, or null when it was not made here. */
export function readTicketCode(secret: string, code: string): TicketClaim | null {
  const [claim = "", given = ""] = code.split(".");
  const one = Buffer.from(given);
  const other = Buffer.from(signature(secret, claim));
  if (one.length !== other.length || !timingSafeEqual(one, other)) return null;
  const [runId, row, seat] = JSON.parse(Buffer.from(claim, "base64url").toString()) as [string, number, string];
  return { runId, row, seat };
}

function signature(secret: string, claim: string): string {
  return createHmac("sha256", secret).update(claim).digest("base64url").slice(0, 27);
}

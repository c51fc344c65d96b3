import { lookup as dnsLookup } from "node:dns";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { NotificationRefusedError } from "../core/errors.ts";
import { isPublicAddress } from "./public-address.ts";

export interface PostOptions {
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string | Uint8Array;
  readonly signal: AbortSignal;
  /** Also to addresses that are not of the public internet. */
  readonly allowPrivate: boolean;
}

/**
 * POSTs to an address that somebody else has given; returns the status. It follows no redirect, reads no body, and goes to public addresses
 * only: what a name leads to is looked at in the very look-up that the connection uses.
 *
 * @throws NotificationRefusedError for an address that may not be asked
 */
export function post(url: string, { headers, body, signal, allowPrivate }: PostOptions): Promise<number> {
  const address = new URL(url);
  const host = address.hostname.replace(/^\[|\]$/g, "");
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) return Promise.reject(refused(host, host));
  const request = address.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(address, { method: "POST", headers, signal, agent: false, ...(!allowPrivate && { lookup: lookupPublic }) });
    sent.on("response", (response: IncomingMessage) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** As `dns.lookup`, but that a name one of whose addresses is not public has none. */
const lookupPublic: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
    const foreign = addresses?.find(({ address }) => !isPublicAddress(address));
    if (error || foreign) callback(error ?? refused(hostname, foreign?.address ?? ""), []);
    else if (options.all) callback(null, addresses);
    else callback(null, addresses[0]?.address ?? "", addresses[0]?.family ?? 0);
  });
};

function refused(host: string, address: string): NotificationRefusedError {
  return new NotificationRefusedError(
    `Nothing is sent to ${JSON.stringify(host)}: its address ${address} is not one of the public internet. Allow private addresses only where no user can give one.`,
  );
}

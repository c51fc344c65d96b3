import { ConfigurationError } from "../core/errors.ts";
import { isLoopback } from "./public-address.ts";

/** Where the browsers in use subscribe: Chrome, Chromium and what is made of them, Firefox, Edge, Safari. */
const KNOWN = ["fcm.googleapis.com", "jmt17.google.com", "*.push.services.mozilla.com", "*.notify.windows.com", "*.push.apple.com"];

/**
 * Tells whether it may be pushed to an address: https, at the usual port of a push service that is known, or else whoever subscribes could have
 * any host of the internet asked. `more`: hosts of others, "*." in front for all below. `allowAny`: any host and port, and http on this machine.
 *
 * @throws ConfigurationError for a host that is none
 */
export function pushServices(notifier: string, more: readonly string[], allowAny: boolean): (endpoint: string) => boolean {
  const wrong = more.find((host) => !/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host));
  if (wrong !== undefined)
    throw new ConfigurationError(
      `"services" of notifier ${notifier} must be names of hosts in small letters, such as "push.example.org" or "*.push.example.org", but has ${JSON.stringify(wrong)}.`,
    );
  const hosts = [...KNOWN, ...more];
  return (endpoint) => {
    if (!URL.canParse(endpoint)) return false;
    const { protocol, hostname, port, username, password } = new URL(endpoint);
    if (username !== "" || password !== "") return false;
    if (allowAny) return protocol === "https:" || (protocol === "http:" && isLoopback(hostname.replace(/^\[|\]$/g, "")));
    return protocol === "https:" && port === "" && hosts.some((host) => (host.startsWith("*.") ? hostname.endsWith(host.slice(1)) : hostname === host));
  };
}

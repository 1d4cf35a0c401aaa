import type { IncomingHttpHeaders } from 'node:http';

/** The options of an origin guard. */
export interface OriginGuardOptions {
  /** The ports that the guarded server listens on. A port that is added later counts from then on. */
  readonly ports: ReadonlySet<number>;
  /** Further origins whose pages may use the server, such as `http://localhost:5173`. Default: none. */
  readonly origins?: readonly string[] | undefined;
  /**
   * The public host name that leads to the server inside of functions. Outside it leads to AWS, so no foreign page can
   * reach the server by it.
   */
  readonly host?: string | undefined;
}

/** A request that was refused: the header by which it was refused, and its value. */
export interface RefusedRequest {
  readonly header: 'origin' | 'host' | 'sec-fetch-site';
  readonly value: string;
}

/** The rule that keeps web pages of other origins from a server on this machine. */
export interface OriginGuard {
  /** Returns whether a request must be refused, and reports it. */
  readonly refuses: (headers: IncomingHttpHeaders) => boolean;
  /** Returns whether a `Host` header names the guarded server. */
  readonly isHost: (host: string) => boolean;
}

/** The names of this machine's loopback interface, with or without a port. */
const LOOPBACK_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::(\d{1,5}))?$/;

/** The port of a `Host` header and of an origin without one. */
const HTTP_PORT = 80;

/** The values of `Sec-Fetch-Site` for a request that neither the server's own page nor the user made. */
const OTHER_SITES: ReadonlySet<unknown> = new Set(['cross-site', 'same-site']);

/**
 * Creates a guard. A browser lets every web page send requests to this machine, and names the page's origin in them.
 * Requests of tools have no `Origin` and pass. Three headers are checked:
 *
 * - `Host` must be a loopback name, the server's public name, or the host of a listed origin. Another name leads here
 *   by DNS rebinding: the browser then takes the page of a foreign site for one of this server. The port may differ: a
 *   tool behind a forwarded port names that one.
 * - `Origin`, if there is one, must be the server's own or a listed one.
 * - `Sec-Fetch-Site`, without an `Origin`, must not name another site: a page may load scripts and images without an
 *   `Origin`. A user who follows a link to the page is let in.
 */
export function createOriginGuard(
  { ports, origins = [], host: publicHost = '' }: OriginGuardOptions,
  onRefused: (refused: RefusedRequest) => void = () => undefined,
): OriginGuard {
  const listed = new Set(origins);
  const listedHosts = new Set([publicHost, ...origins.map((origin) => new URL(origin).host)]);
  const isOwnHost = (host: string): boolean => {
    const match = LOOPBACK_HOST.exec(host);
    return match !== null && ports.has(Number(match[1] ?? HTTP_PORT));
  };
  const isHost = (host: string): boolean => {
    const name = host.toLowerCase();
    return LOOPBACK_HOST.test(name) || listedHosts.has(name);
  };
  const isOrigin = (origin: string): boolean =>
    listed.has(origin) || (origin.startsWith('http://') && isOwnHost(origin.slice('http://'.length)));
  const find = ({ host = '', origin, ...others }: IncomingHttpHeaders): RefusedRequest | undefined => {
    if (!isHost(host)) return { header: 'host', value: host };
    if (origin !== undefined) return isOrigin(origin.toLowerCase()) ? undefined : { header: 'origin', value: origin };
    const site = others['sec-fetch-site'];
    const isForeign = OTHER_SITES.has(site) && others['sec-fetch-mode'] !== 'navigate';
    return isForeign ? { header: 'sec-fetch-site', value: String(site) } : undefined;
  };
  return {
    isHost,
    refuses: (headers) => {
      const refused = find(headers);
      if (refused !== undefined) onRefused(refused);
      return refused !== undefined;
    },
  };
}

/**
 * Reads an origin as a person writes it, in the form in which browsers send it. Returns undefined for anything else
 * than a scheme, a host and a port: `null` is the origin of every sandboxed frame, so no list may contain it.
 */
export function readOrigin(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, origin, href } = new URL(text);
  const isWeb = protocol === 'http:' || protocol === 'https:';
  // Without a path, a query and credentials, an address is its origin and a slash.
  return isWeb && href === `${origin}/` ? origin : undefined;
}

import { type HandshakeEvent, headerValues } from './handshake-event.ts';

/**
 * Whether the Origin of a handshake is allowed. An empty list allows every Origin. A handshake without an Origin is
 * allowed: browsers always send one, tools and servers do not. The comparison is exact, since a browser writes scheme
 * and host in lower case and leaves out a default port; `null`, the Origin of a sandboxed page, is never in a list.
 */
export const isOriginAllowed = (event: HandshakeEvent, allowedOrigins: readonly string[]): boolean =>
  allowedOrigins.length === 0 || headerValues(event, 'origin').every((origin) => allowedOrigins.includes(origin));

import type { ServerFrame } from '../../shared/protocol/server-frames.ts';

/** What API Gateway itself says when it cannot reach a route: it has a `message` and no `type`. */
export interface GatewayFrame {
  readonly type: 'gateway';
  readonly message: string;
}

/** A frame of a server; undefined for one that this version does not know, which a newer server may send. */
export function decodeFrame(text: unknown): ServerFrame | GatewayFrame | undefined {
  const frame = parse(text);
  if (typeof frame !== 'object' || frame === null) return undefined;
  if ('type' in frame) return isServerFrame(frame) ? frame : undefined;
  return 'message' in frame ? { type: 'gateway', message: String(frame.message) } : undefined;
}

const KNOWN: Readonly<Record<ServerFrame['type'], true>> = {
  message: true,
  state: true,
  subscribed: true,
  presence: true,
  ack: true,
  pong: true,
  error: true,
  batch: true,
};

/** The fields are the server's promise: its own schemas hold it to them. */
const isServerFrame = (frame: { readonly type: unknown }): frame is ServerFrame =>
  typeof frame.type === 'string' && Object.hasOwn(KNOWN, frame.type);

function parse(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Plain text (`pong`, `Polo!`) answers plain text, which this client never sends.
    return undefined;
  }
}

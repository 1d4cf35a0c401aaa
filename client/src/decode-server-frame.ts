import type { ServerFrame } from '../../shared/protocol/server-frames.ts';

/**
 * An error of API Gateway itself, sent when a route fails or cannot be reached. On the wire it has a `message` and no
 * `type`.
 */
export interface GatewayFrame {
  readonly type: 'gateway';
  readonly message: string;
}

/**
 * Decodes a frame of a server. Returns undefined for what is no frame. A newer server may send frames of other types,
 * which nothing takes.
 */
export function decodeServerFrame(text: unknown): ServerFrame | GatewayFrame | undefined {
  const frame = parse(text);
  if (typeof frame !== 'object' || frame === null) return undefined;
  if (isServerFrame(frame)) return frame;
  return 'message' in frame ? { type: 'gateway', message: String(frame.message) } : undefined;
}

/** Checks that there is a type. The fields of a known type are guaranteed by the schemas of the server. */
const isServerFrame = (frame: object): frame is ServerFrame => 'type' in frame;

function parse(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // The server answers plain text with plain text (`pong`, `Polo!`). This client sends none.
    return undefined;
  }
}

import type { ClientError } from '../errors.ts';
import { isObject } from './decode-frame.ts';
import { LIMITS } from './limits.ts';
import { idSchema } from './schema.ts';
import type { AckFrame, ErrorFrame } from './server-frames.ts';

/** The fields of an `ack` besides `type`, `id` and `action`: what the write returned to its caller. */
export type AckFields = Omit<AckFrame, 'type' | 'id' | 'action'>;

interface AnswerableFrame {
  readonly id?: string | undefined;
  readonly action: string;
}

/** Returns the `ack` of a frame as JSON; undefined for a frame without `id`, which gets none. */
export function ackOf({ id, action }: AnswerableFrame, fields: AckFields): string | undefined {
  if (id === undefined) return undefined;
  return JSON.stringify({ type: 'ack', id, action, ...fields } satisfies AckFrame);
}

/**
 * Returns the `error` frame for a refused frame as JSON. The error repeats the frame's `id` if it is valid, and its
 * `action`, cut to `ECHO_LENGTH` characters, if it is a text. `topics` are those that the token does not permit, if the
 * frame is about them and has no `id`.
 */
export function errorOf(
  { code, message, details, retryAfterMs }: ClientError,
  parsed: unknown,
  topics: readonly string[] = [],
): string {
  const { id, action } = isObject(parsed) ? parsed : {};
  const error: ErrorFrame = {
    type: 'error',
    code,
    message,
    ...(isId(id) ? { id } : {}),
    ...(typeof action === 'string' ? { action: action.slice(0, LIMITS.ECHO_LENGTH) } : {}),
    ...(code === 'forbidden' && topics.length > 0 && !isId(id) ? { topics: [...topics] } : {}),
    ...(details.length === 0 ? {} : { details: [...details] }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  return JSON.stringify(error);
}

const isId = (id: unknown): id is string => idSchema.safeParse(id).success;

import type { ClientError } from '../shared/errors.ts';
import { isObject } from '../shared/protocol/decode-frame.ts';
import { LIMITS } from '../shared/protocol/limits.ts';
import { idSchema } from '../shared/protocol/schema.ts';
import type { AckFrame, ErrorFrame } from '../shared/protocol/server-frames.ts';

/** What a write tells its caller, beside the id and the action. */
export type AckFields = Omit<AckFrame, 'type' | 'id' | 'action'>;

interface Acknowledged {
  readonly id?: string | undefined;
  readonly action: string;
}

/** The `ack` of a frame; none for a frame without `id`. */
export function ackOf({ id, action }: Acknowledged, fields: AckFields): string | undefined {
  if (id === undefined) return undefined;
  return JSON.stringify({ type: 'ack', id, action, ...fields } satisfies AckFrame);
}

/** The `error` for what went wrong with a frame, naming its `id` and `action` as far as they can be read. */
export function errorOf({ code, message, details }: ClientError, parsed: unknown): string {
  const { id, action } = isObject(parsed) ? parsed : {};
  const error: ErrorFrame = {
    type: 'error',
    code,
    message,
    ...(isId(id) ? { id } : {}),
    ...(typeof action === 'string' ? { action: action.slice(0, LIMITS.ECHO_LENGTH) } : {}),
    ...(details.length === 0 ? {} : { details: [...details] }),
  };
  return JSON.stringify(error);
}

const isId = (id: unknown): id is string => idSchema.safeParse(id).success;

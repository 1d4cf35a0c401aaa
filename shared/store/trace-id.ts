import { lenient, text, where } from './item-schema.ts';

/** The root of an X-Ray trace: version, epoch seconds, 96 bits. The pattern bounds what is stored and logged. */
const TRACE_ID = /^1-[0-9a-f]{8}-[0-9a-f]{24}$/;

/** An item's trace id. An invalid one decodes to undefined: only the log uses it, so no message may fail for it. */
export const traceId = lenient(where(text, (root) => TRACE_ID.test(root), 'is not a trace id'));

/** Returns the root of a trace header (`Root=1-…;Parent=…;Sampled=…`); undefined when it has no valid root. */
export function traceIdIn(header: string | undefined): string | undefined {
  const root = header?.split(';').find((part) => part.startsWith('Root='));
  return traceId(root?.slice('Root='.length), 'Root');
}

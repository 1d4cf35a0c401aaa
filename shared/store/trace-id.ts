import type { Item } from './attributes.ts';

/**
 * A root of X-Ray: version, epoch seconds, 96 bits. The form bounds its length, and that of what is stored and logged.
 */
const TRACE_ID = /^1-[0-9a-f]{8}-[0-9a-f]{24}$/;

/** The root in a trace header (`Root=1-…;Parent=…;Sampled=…`), if there is a proper one. */
export function traceIdIn(header: string | undefined): string | undefined {
  const root = header?.split(';').find((part) => part.startsWith('Root='));
  return asTraceId(root?.slice('Root='.length));
}

/** The trace id of an item. One that is not proper is none: it serves the log alone, and no message fails for it. */
export const findTraceId = (item: Item): string | undefined => asTraceId(item['traceId']?.S);

const asTraceId = (text: string | undefined): string | undefined =>
  text !== undefined && TRACE_ID.test(text) ? text : undefined;

import { type LambdaRefusal, refusal } from './invoke-answers.ts';

/** The largest number that a caller may ask for, 10,000. Fewer come. */
const ASKED_MAXIMUM = 10_000;

/** A page of a list, and the marker of the next one. */
export interface LambdaPage<Item> {
  readonly items: readonly Item[];
  /** Absent on the last page. */
  readonly NextMarker?: string;
}

/** Returns the page of a list that a query asks for by `Marker` and `MaxItems`, of at most `maximum` items. */
export function pageOf<Item>(
  all: readonly Item[],
  query: URLSearchParams,
  maximum: number,
): LambdaPage<Item> | LambdaRefusal {
  const asked = Number(query.get('MaxItems') ?? ASKED_MAXIMUM);
  if (!Number.isInteger(asked)) return refusal('SerializationException', 'MaxItems is no integer');
  if (asked < 1 || asked > ASKED_MAXIMUM) return outOfRange(asked);
  const start = startOf(query.get('Marker'), all.length);
  if (start === undefined) return refusal('InvalidParameterValueException', 'Invalid Marker');
  const end = start + Math.min(asked, maximum);
  const items = all.slice(start, end);
  return end < all.length ? { items, NextMarker: markerOf(end) } : { items };
}

function outOfRange(asked: number): LambdaRefusal {
  const bound = asked < 1 ? 'greater than or equal to 1' : `less than or equal to ${ASKED_MAXIMUM}`;
  const what = `Value '${asked}' at 'maxItems' failed to satisfy constraint: Member must have value ${bound}`;
  return refusal('ValidationException', `1 validation error detected: ${what}`);
}

const markerOf = (at: number): string => Buffer.from(`at ${at}`).toString('base64url');

/** Returns the place that a marker means; undefined for one that was not given out. */
function startOf(marker: string | null, length: number): number | undefined {
  if (marker === null || marker === '') return 0;
  const [, digits] = /^at (\d{1,9})$/.exec(Buffer.from(marker, 'base64url').toString()) ?? [];
  const at = Number(digits ?? Number.NaN);
  return at < length ? at : undefined;
}

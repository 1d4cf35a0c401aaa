import { monotonicMs } from '../harness/clock.ts';

/** Size of each message of each bench, as JSON. */
export const MESSAGE_BYTES = 200;

const MARK = '"t":';

export const nowUs = (): number => Math.round(monotonicMs() * 1_000);

/** A message as JSON text: when it was sent, filled up to its size. */
export function stamped(stampUs: number): string {
  const head = `{${MARK}${stampUs},"pad":"`;
  return `${head}${'x'.repeat(MESSAGE_BYTES - head.length - 2)}"}`;
}

/** Calls back for each message in a text, whatever is around them: cheaper than to parse what nobody looks at. */
export function eachStamp(text: string, onStamp: (stampUs: number) => void): void {
  for (let at = text.indexOf(MARK); at !== -1; at = text.indexOf(MARK, at + MARK.length)) {
    onStamp(Number(text.slice(at + MARK.length, text.indexOf(',', at))));
  }
}

import { monotonicMs } from '../harness/clock.ts';

/** Size of each message of each bench in bytes of JSON. */
export const MESSAGE_BYTES = 200;

const MARK = '"t":';

/** Returns the monotonic time in microseconds. */
export const nowUs = (): number => Math.round(monotonicMs() * 1_000);

/** Returns a message as JSON text: the time at which it was sent, padded to `MESSAGE_BYTES`. */
export function stamped(stampUs: number): string {
  const head = `{${MARK}${stampUs},"pad":"`;
  return `${head}${'x'.repeat(MESSAGE_BYTES - head.length - 2)}"}`;
}

/** Calls back for each message in a text, whatever surrounds it. Cheaper than parsing content that is not used. */
export function eachStamp(text: string, onStamp: (stampUs: number) => void): void {
  for (let at = text.indexOf(MARK); at !== -1; at = text.indexOf(MARK, at + MARK.length)) {
    onStamp(Number(text.slice(at + MARK.length, text.indexOf(',', at))));
  }
}

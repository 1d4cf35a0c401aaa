import type { CoveredRequest } from './verify-signature.ts';

const MINUTE_MS = 60_000;
const MS_PER_SECOND = 1_000;

/** Minutes by which the date of a signature may differ from the service's clock: with S3 15, otherwise 5. */
const SKEW_MINUTES = { s3: 15, others: 5 } as const;

/** Seconds for which a signature in a query can be valid at most: a week. */
const EXPIRES_MAXIMUM = 604_800;

const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/**
 * Returns in AWS's words why a signature is not valid at this time; undefined for one that is. One in the headers is
 * valid for some minutes around its date, one in a query for the time that its `X-Amz-Expires` names.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
export function ageFaultOf(request: CoveredRequest, service: string, nowMs: number): string | undefined {
  const date = request.header('x-amz-date') ?? '';
  const signedMs = dateMs(date);
  const skewMinutes = service === 's3' ? SKEW_MINUTES.s3 : SKEW_MINUTES.others;
  const validMs = validMsOf(request, skewMinutes * MINUTE_MS);
  const [earliestMs, latestMs] = [nowMs - validMs, nowMs + skewMinutes * MINUTE_MS];
  const now = basicDate(nowMs);
  if (signedMs > latestMs) {
    const latest = `${basicDate(latestMs)} (${now} + ${skewMinutes} min.)`;
    return `Signature not yet current: ${date} is still later than ${latest}`;
  }
  if (signedMs >= earliestMs) return undefined;
  const earliest = `${basicDate(earliestMs)} (${now} - ${validMs / MINUTE_MS} min.)`;
  return `Signature expired: ${date} is now earlier than ${earliest}`;
}

/** Whether a service refused a signature by the words of `ageFaultOf`. */
export const isAgeFault = (message: string): boolean => /^Signature (?:expired|not yet current): /.test(message);

/** Returns the time in ms for which a signature is valid after its date: none, where it names no time. */
function validMsOf({ header, isSignedInQuery = false }: CoveredRequest, skewMs: number): number {
  const expires = isSignedInQuery ? header('x-amz-expires') : undefined;
  if (expires === undefined) return skewMs;
  return /^\d{1,6}$/.test(expires) && Number(expires) <= EXPIRES_MAXIMUM ? Number(expires) * MS_PER_SECOND : 0;
}

/** Returns a date as signatures have it, `20261201T041500Z`, in epoch ms; that of long ago for any other text. */
function dateMs(date: string): number {
  const [, year, month, day, hours, minutes, seconds] = DATE.exec(date) ?? [];
  if (seconds === undefined) return -Infinity;
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hours), Number(minutes), Number(seconds));
}

const basicDate = (ms: number): string => new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');

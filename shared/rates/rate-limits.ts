import * as z from 'zod/mini';
import { ConfigError } from '../errors.ts';
import { faultsIn } from '../protocol/decode-frame.ts';

/**
 * The rate limits of a stack, as its setting `rateLimits` names them, with their defaults. The limits of subjects apply
 * to all connections of a token's subject together, in a stack that authenticates.
 */
const DEFAULTS = {
  /** Number of frames that a connection may send each second. A heavy frame counts as several. */
  connectionFrames: 100,
  /** Number of messages that a connection may publish each second. A counter's change counts as one. */
  connectionPublishes: 100,
  /** Number of refused frames within ten seconds after which a connection that goes on is closed. */
  connectionRefusals: 100,
  /** Number of frames that the connections of a subject may send each second. */
  subjectFrames: 500,
  /** Number of messages that the connections of a subject may publish each second. */
  subjectPublishes: 500,
  /** Number of connections that a subject may open each minute. */
  subjectHandshakes: 120,
} as const;

/** Lower and upper bound of each rate. */
const RATE = { min: 1, max: 1_000_000 } as const;

const rate = (fallback: number) => {
  const rule = `must be a whole number from ${RATE.min} to ${RATE.max}`;
  const given = z.optional(z.int(rule).check(z.minimum(RATE.min, rule), z.maximum(RATE.max, rule)));
  return z.pipe(
    given,
    z.transform((value) => value ?? fallback),
  );
};

const rateLimitsSchema = z.strictObject({
  connectionFrames: rate(DEFAULTS.connectionFrames),
  connectionPublishes: rate(DEFAULTS.connectionPublishes),
  connectionRefusals: rate(DEFAULTS.connectionRefusals),
  subjectFrames: rate(DEFAULTS.subjectFrames),
  subjectPublishes: rate(DEFAULTS.subjectPublishes),
  subjectHandshakes: rate(DEFAULTS.subjectHandshakes),
});

/** The rates that connections and subjects are held to. */
export type RateLimits = Readonly<z.infer<typeof rateLimitsSchema>>;

/**
 * Returns the rate limits from the stack's setting or from a Lambda's environment: an object whose missing rates have
 * their defaults. Accepts its own result. Throws ConfigError, which names the faulty rate.
 */
export function readRateLimits(value: unknown): RateLimits {
  const result = rateLimitsSchema.safeParse(value);
  if (result.success) return result.data;
  const faults = faultsIn(result.error).map(
    ({ path, reason }) => `${['rateLimits', path].filter(Boolean).join('.')}: ${reason}`,
  );
  throw new ConfigError(faults.join('; '));
}

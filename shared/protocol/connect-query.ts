import * as z from 'zod/mini';
import { LIMITS } from './limits.ts';
import { positionSchema, subscribableSchema } from './schema.ts';
import { isWildcard } from './wildcard.ts';

/** Splits all values of `topics` at their commas, and drops repeats and empty names. */
const entriesIn = (values: string[]): string[] => [
  ...new Set(values.flatMap((value) => value.split(',')).filter((entry) => entry !== '')),
];

/** Splits an entry of `topics` into its name and, after `@`, its position: `news@1f2e3d4c:17`, `news@:0`. */
function placeIn(entry: string): unknown {
  const [topic, ...positions] = entry.split('@');
  if (positions.length === 0) return { topic };
  const position = positions.join('@');
  const end = position.lastIndexOf(':');
  const [epoch, seq] = [position.slice(0, Math.max(0, end)), position.slice(end + 1)];
  return { topic, position: { epoch: epoch === '' ? null : epoch, seq: /^\d+$/.test(seq) ? Number(seq) : seq } };
}

/** The schema of a first topic: a name, and the position after which every message is wanted. */
const placeSchema = z.strictObject({ topic: subscribableSchema, position: z.optional(positionSchema) }).check(
  z.refine(({ topic, position }) => position === undefined || !isWildcard(topic), {
    path: ['position'],
    error: 'not allowed with a wildcard',
  }),
);

/**
 * The schema of `topics`, of which a URL may have several: names of topics and wildcards, separated by commas, each
 * topic with or without a position. A name may stand there once.
 */
const topicsSchema = z.pipe(
  z.pipe(
    z.array(z.string()),
    z.transform((values) => entriesIn(values).map(placeIn)),
  ),
  z.array(placeSchema).check(
    z.maxLength(LIMITS.TOPICS_PER_CONNECTION, `at most ${LIMITS.TOPICS_PER_CONNECTION} topics`),
    z.refine(
      (places) => new Set(places.map(({ topic }) => topic)).size === places.length,
      'a topic has several positions',
    ),
  ),
);

/** The schema of `batch`: only `batch=true`, as a frame has only `batch: true`. */
const batchSchema = z.pipe(
  z.array(z.literal('true', 'must be true')),
  z.transform((): true => true),
);

/**
 * The schema of the query of a connection's URL: each parameter with all its values, as API Gateway hands them over.
 * Unknown parameters are refused, like unknown fields of a frame. Without `topics` the connection gets the default
 * ones. `token` is for an authorizer of the deployment: the client library sends it by default; it is not read here.
 */
export const connectQuery = z.strictObject({
  topics: z.optional(topicsSchema),
  batch: z.optional(batchSchema),
  token: z.optional(z.array(z.string())),
});

/** A topic of a handshake, or a wildcard. */
export type FirstTopic = z.infer<typeof placeSchema>;

import * as z from 'zod/mini';
import { LIMITS } from './limits.ts';
import { subscribableSchema } from './schema.ts';

/** Splits all values of `topics` at their commas, and drops repeats and empty names. */
const namesIn = (values: string[]): string[] => [
  ...new Set(values.flatMap((value) => value.split(',')).filter((topic) => topic !== '')),
];

/** The schema of `topics`, of which a URL may have several: names of topics and wildcards, separated by commas. */
const topicsSchema = z.pipe(
  z.pipe(z.array(z.string()), z.transform(namesIn)),
  z
    .array(subscribableSchema)
    .check(z.maxLength(LIMITS.TOPICS_PER_CONNECTION, `at most ${LIMITS.TOPICS_PER_CONNECTION} topics`)),
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

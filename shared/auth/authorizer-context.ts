import * as z from 'zod/mini';
import type { Principal } from './permissions.ts';

/**
 * The context that the authorizer returns. API Gateway hands it over with every event of the connection. Its values are
 * texts and numbers, and numbers may arrive as texts: API Gateway does not document which.
 */
export interface AuthorizerContext {
  readonly sub: string;
  /** Time in epoch milliseconds at which the token ends. */
  readonly tokenEnd: number;
  /** The permissions as JSON. */
  readonly permissions: string;
  /** The revoked topic patterns as JSON. */
  readonly revoked: string;
  readonly seen: number;
  readonly checkedAt: number;
  /** The public profile as JSON. Absent: none. */
  readonly profile?: string;
}

/** Encodes a principal as the authorizer's context. */
export const toContext = ({ subject, permissions, revoked, profile, ...times }: Principal): AuthorizerContext => ({
  ...times,
  ...(profile === undefined ? {} : { profile }),
  sub: subject,
  permissions: JSON.stringify(permissions),
  revoked: JSON.stringify(revoked),
});

const patterns = z.array(z.string());

const permissionsSchema = z.strictObject({
  subscribe: patterns,
  publish: patterns,
  count: patterns,
  presence: patterns,
});

/** Creates the schema of a JSON text, decoded by another schema; undefined for a text that it refuses. */
const jsonOf = <S extends z.ZodMiniType>(schema: S) =>
  z.pipe(
    z.string(),
    z.transform((text): z.infer<S> | undefined => {
      try {
        return schema.safeParse(JSON.parse(text)).data;
      } catch {
        return undefined;
      }
    }),
  );

const contextSchema = z.object({
  sub: z.string().check(z.minLength(1)),
  tokenEnd: z.coerce.number().check(z.int(), z.positive()),
  permissions: jsonOf(permissionsSchema),
  revoked: jsonOf(patterns),
  seen: z.coerce.number().check(z.int(), z.nonnegative()),
  checkedAt: z.coerce.number().check(z.int(), z.positive()),
  profile: z.optional(z.string()),
});

/**
 * Decodes the context of an event. Returns undefined for anything that the authorizer of this project did not write, so
 * that an event without a principal is refused.
 */
export function fromContext(context: unknown): Principal | undefined {
  const result = contextSchema.safeParse(context);
  if (!result.success) return undefined;
  const { sub: subject, permissions, revoked, ...times } = result.data;
  if (permissions === undefined || revoked === undefined) return undefined;
  return { ...times, subject, permissions, revoked };
}

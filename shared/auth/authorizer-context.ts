import * as z from 'zod/mini';
import type { Principal, Permissions } from './permissions.ts';

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
}

/** Encodes a principal as the authorizer's context. */
export const toContext = ({ subject, tokenEnd, permissions }: Principal): AuthorizerContext => ({
  sub: subject,
  tokenEnd,
  permissions: JSON.stringify(permissions),
});

const patterns = z.array(z.string());

const permissionsSchema = z.strictObject({
  subscribe: patterns,
  publish: patterns,
  count: patterns,
  presence: patterns,
});

const contextSchema = z.object({
  sub: z.string().check(z.minLength(1)),
  tokenEnd: z.coerce.number().check(z.int(), z.positive()),
  permissions: z.pipe(z.string(), z.transform(parsePermissions)),
});

/**
 * Decodes the context of an event. Returns undefined for anything that the authorizer of this project did not write, so
 * that an event without a principal is refused.
 */
export function fromContext(context: unknown): Principal | undefined {
  const result = contextSchema.safeParse(context);
  if (!result.success || result.data.permissions === undefined) return undefined;
  const { sub, tokenEnd, permissions } = result.data;
  return { subject: sub, tokenEnd, permissions };
}

function parsePermissions(text: string): Permissions | undefined {
  try {
    const result = permissionsSchema.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

import { REVOKED_PREFIX } from '../shared/store/schema.ts';

/**
 * The condition by which the authorizer reads revocations alone: by the partition key. `ForAllValues` holds for a
 * request without the key, so the key is required too.
 */
const ONLY_REVOCATIONS = {
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${REVOKED_PREFIX}*`] },
  Null: { 'dynamodb:LeadingKeys': 'false' },
} as const;

/** Returns the grant to read the items with revocations, and no other of the table Subscriptions. */
export const readingRevocations = (tableArn: string) => ({
  actions: ['dynamodb:GetItem'],
  resources: [tableArn],
  conditions: ONLY_REVOCATIONS,
});

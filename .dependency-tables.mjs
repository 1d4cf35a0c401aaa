import { GROUND, LAMBDA_TYPES, may, npm } from './.dependency-rooms.mjs';

/** The rules of the room that makes topics of the tables of an application. */
export const TABLE_RULES = [
  may('from-table-imports-store-alone', {
    room: '^shared/from-table/',
    doors: [
      GROUND,
      '^shared/(protocol|store)/',
      LAMBDA_TYPES,
      npm('@aws-sdk/client-dynamodb', '@aws-sdk/util-dynamodb', 'zod'),
      '^(node:)?crypto$',
    ],
    instead: 'A table’s records become publishes by shared/store: hand in what else they need as part of `deps`.',
  }),
  {
    name: 'from-table-writes-no-dynamodb-itself',
    comment: 'Only the types of items may come from the SDK here: write in shared/store.',
    severity: 'error',
    from: { path: '^shared/from-table/' },
    to: { path: npm('@aws-sdk/client-dynamodb'), dependencyTypesNot: ['type-only'] },
  },
];

import type { TableModel } from '../../local/model.ts';
import { BY_TOPIC, KEYS, MESSAGES, SUBSCRIPTIONS, TOPICS } from '../../shared/store/schema.ts';

export const TABLE_NAMES = {
  topics: 'Test-Topics',
  messages: 'Test-Messages',
  keys: 'Test-Keys',
  subscriptions: 'Test-Subscriptions',
} as const;

const text = (name: string) => ({ name, type: 'S' }) as const;
const number = (name: string) => ({ name, type: 'N' }) as const;
const hash = (name: string) => ({ name, type: 'HASH' }) as const;
const range = (name: string) => ({ name, type: 'RANGE' }) as const;

const identityOf = (name: string) => ({
  logicalId: name,
  name,
  arn: `arn:aws:dynamodb:eu-central-1:000000000000:table/${name}`,
});

/** The tables that infra/ makes, from the same schema. */
export const TABLES: readonly TableModel[] = [
  {
    ...identityOf(TABLE_NAMES.topics),
    definition: { attributes: [text(TOPICS.partitionKey)], keys: [hash(TOPICS.partitionKey)], indexes: [] },
    streamViewType: 'NEW_IMAGE',
  },
  {
    ...identityOf(TABLE_NAMES.messages),
    definition: {
      attributes: [text(MESSAGES.partitionKey), number(MESSAGES.sortKey)],
      keys: [hash(MESSAGES.partitionKey), range(MESSAGES.sortKey)],
      indexes: [],
    },
  },
  {
    ...identityOf(TABLE_NAMES.keys),
    definition: { attributes: [text(KEYS.partitionKey)], keys: [hash(KEYS.partitionKey)], indexes: [] },
  },
  {
    ...identityOf(TABLE_NAMES.subscriptions),
    definition: {
      attributes: [text(SUBSCRIPTIONS.partitionKey), text(SUBSCRIPTIONS.sortKey), text(BY_TOPIC.partitionKey)],
      keys: [hash(SUBSCRIPTIONS.partitionKey), range(SUBSCRIPTIONS.sortKey)],
      indexes: [
        {
          name: BY_TOPIC.name,
          keys: [hash(BY_TOPIC.partitionKey), range(BY_TOPIC.sortKey)],
          projection: 'INCLUDE',
          nonKeyAttributes: BY_TOPIC.projected,
        },
      ],
    },
    streamViewType: 'NEW_AND_OLD_IMAGES',
  },
];

import { synthesizeStack } from './synthesized-stack.ts';

const stack = synthesizeStack();
const TABLE = 'AWS::DynamoDB::GlobalTable';

const hash = (AttributeName: string) => ({ AttributeName, KeyType: 'HASH' });
const range = (AttributeName: string) => ({ AttributeName, KeyType: 'RANGE' });

/** The properties of each table in which they differ. */
const TABLES = {
  Topics: { keys: [hash('topic')], stream: 'NEW_IMAGE', policy: 'Retain' },
  Messages: { keys: [hash('topic'), range('seq')], stream: undefined, policy: 'Retain' },
  Keys: { keys: [hash('id')], stream: undefined, policy: 'Delete' },
  Subscriptions: {
    keys: [hash('connectionId'), range('topic')],
    stream: 'NEW_AND_OLD_IMAGES',
    policy: 'Delete',
  },
} as const;

const TYPES: Readonly<Record<string, string>> = { seq: 'N' };

describe('the tables', () => {
  it('are these', () => {
    const names = Object.keys(TABLES).map((name) => `Tables/${name}`);

    expect([...stack.ofType(TABLE).keys()].toSorted()).toEqual(names.toSorted());
    expect(stack.ofType('AWS::DynamoDB::Table').size).toBe(0);
  });

  it.each(Object.entries(TABLES))(
    '%s has its keys, its stream and its removal policy',
    (name, { keys, stream, policy }) => {
      const { Properties, DeletionPolicy, UpdateReplacePolicy } = stack.get(TABLE, `Tables/${name}`);

      expect(Properties['KeySchema']).toEqual(keys);
      expect(Properties['StreamSpecification']).toEqual(stream === undefined ? undefined : { StreamViewType: stream });
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual([policy, policy]);
    },
  );

  it.each(Object.entries(TABLES))('%s is protected from deletion if the stack leaves it behind', (name, { policy }) => {
    const { Properties } = stack.get(TABLE, `Tables/${name}`);

    const [replica] = JSON.parse(JSON.stringify(Properties['Replicas']));
    expect(replica?.DeletionProtectionEnabled).toBe(policy === 'Retain' ? true : undefined);
  });

  it.each(Object.keys(TABLES))(
    '%s is on demand, encrypted by a key that AWS owns, recoverable to any point in time, and expires',
    (name) => {
      const { Properties } = stack.get(TABLE, `Tables/${name}`);

      expect(Properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        SSESpecification: { SSEEnabled: false },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        Replicas: [
          { Region: { Ref: 'AWS::Region' }, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
        ],
      });
    },
  );

  it.each(Object.keys(TABLES))('%s has no fixed name, so that two stages fit one account', (name) => {
    expect(stack.get(TABLE, `Tables/${name}`).Properties).not.toHaveProperty('TableName');
  });

  it('give every key attribute its type: seq is a number, all others are strings', () => {
    const attributes = [...stack.ofType(TABLE).values()].flatMap(({ Properties }) => {
      const found: { AttributeName: string; AttributeType: string }[] = JSON.parse(
        JSON.stringify(Properties['AttributeDefinitions']),
      );
      return found;
    });

    const wrong = attributes.filter(
      ({ AttributeName, AttributeType }) => AttributeType !== (TYPES[AttributeName] ?? 'S'),
    );
    expect(wrong).toEqual([]);
    expect(attributes.map(({ AttributeName }) => AttributeName)).toContain('seq');
  });

  it('have one index: by topic, with the attributes that a delivery needs and no others', () => {
    expect(stack.get(TABLE, 'Tables/Subscriptions').Properties['GlobalSecondaryIndexes']).toEqual([
      {
        IndexName: 'byTopic',
        KeySchema: [hash('topicShard'), range('connectionId')],
        Projection: {
          ProjectionType: 'INCLUDE',
          NonKeyAttributes: ['connectedAt', 'batch', 'tokenEnd', 'seen', 'subject'],
        },
      },
    ]);
    for (const name of ['Topics', 'Messages', 'Keys']) {
      expect(stack.get(TABLE, `Tables/${name}`).Properties).not.toHaveProperty('GlobalSecondaryIndexes');
    }
  });
});

import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { BY_TOPIC, KEYS, MESSAGES, SUBSCRIPTIONS, TOPICS } from '../shared/store/schema.ts';

const common = {
  billing: Billing.onDemand(),
  // One choice for all stores: a key that AWS owns, as in the failure bucket. docs/adr/0018 has the reasons.
  encryption: TableEncryptionV2.dynamoOwnedKey(),
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
} as const;

/**
 * The properties of a table that outlives the stack. `cdk destroy` leaves it, and nothing deletes it by mistake: not a
 * replacement, not a script, not a click.
 */
const kept = { removalPolicy: RemovalPolicy.RETAIN, deletionProtection: true } as const;

/** The properties of a table that goes with the stack. */
const deleted = { removalPolicy: RemovalPolicy.DESTROY } as const;

/** The fate of what a stack holds when the stack is deleted. */
export type TablePolicy = RemovalPolicy.RETAIN | RemovalPolicy.DESTROY;

const text = (name: string) => ({ name, type: AttributeType.STRING });

/**
 * The tables of topics, archived messages, idempotency keys and subscriptions. Where the policy is to retain, Topics
 * and Messages stay when the stack is deleted, and are protected from deletion.
 */
export class Tables extends Construct {
  readonly topics: TableV2;
  readonly messages: TableV2;
  readonly keys: TableV2;
  readonly subscriptions: TableV2;

  constructor(scope: Construct, id: string, removalPolicy: TablePolicy) {
    super(scope, id);
    const lasting = removalPolicy === RemovalPolicy.RETAIN ? kept : deleted;
    this.topics = new TableV2(this, 'Topics', {
      ...common,
      partitionKey: text(TOPICS.partitionKey),
      timeToLiveAttribute: TOPICS.ttl,
      dynamoStream: StreamViewType.NEW_IMAGE,
      ...lasting,
    });
    this.messages = new TableV2(this, 'Messages', {
      ...common,
      partitionKey: text(MESSAGES.partitionKey),
      sortKey: { name: MESSAGES.sortKey, type: AttributeType.NUMBER },
      timeToLiveAttribute: MESSAGES.ttl,
      ...lasting,
    });
    this.keys = new TableV2(this, 'Keys', {
      ...common,
      partitionKey: text(KEYS.partitionKey),
      timeToLiveAttribute: KEYS.ttl,
      ...deleted,
    });
    this.subscriptions = new TableV2(this, 'Subscriptions', {
      ...common,
      partitionKey: text(SUBSCRIPTIONS.partitionKey),
      sortKey: text(SUBSCRIPTIONS.sortKey),
      timeToLiveAttribute: SUBSCRIPTIONS.ttl,
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      globalSecondaryIndexes: [
        {
          indexName: BY_TOPIC.name,
          partitionKey: text(BY_TOPIC.partitionKey),
          sortKey: text(BY_TOPIC.sortKey),
          projectionType: ProjectionType.INCLUDE,
          nonKeyAttributes: [...BY_TOPIC.projected],
        },
      ],
      ...deleted,
    });
  }
}

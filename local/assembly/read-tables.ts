import { RuntimeSetupError, type TableModel } from '../model.ts';
import {
  at,
  type Fields,
  findFields,
  findFlagField,
  findTextField,
  getTextField,
  listFields,
  listTexts,
  oneOf,
  refuseOthers,
} from './fields.ts';
import type { PseudoParameters } from './physical-names.ts';
import type { ResolvedTemplate, Resource } from './resolve-template.ts';

const ATTRIBUTE_TYPES = ['S', 'N', 'B'] as const;
const KEY_TYPES = ['HASH', 'RANGE'] as const;
const PROJECTIONS = ['ALL', 'KEYS_ONLY', 'INCLUDE'] as const;
const VIEW_TYPES = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'] as const;

/** The table properties that have no effect in a local run: capacity, backup, encryption and tags. */
const WITHOUT_EFFECT = [
  'BillingMode',
  'ContributorInsightsSpecification',
  'DeletionProtectionEnabled',
  'OnDemandThroughput',
  'PointInTimeRecoverySpecification',
  'ProvisionedThroughput',
  'ReadOnDemandThroughputSettings',
  'ReadProvisionedThroughputSettings',
  'ResourcePolicy',
  'SSESpecification',
  'TableClass',
  'Tags',
  'WarmThroughput',
  'WriteOnDemandThroughputSettings',
  'WriteProvisionedThroughputSettings',
] as const;

const TABLE_PROPERTIES = [
  ...WITHOUT_EFFECT,
  'AttributeDefinitions',
  'GlobalSecondaryIndexes',
  'KeySchema',
  'LocalSecondaryIndexes',
  'StreamSpecification',
  'TableName',
  'TimeToLiveSpecification',
];

/** The replica properties that are accepted. A replica repeats its indexes only to give them capacity. */
const REPLICA_PROPERTIES = [...WITHOUT_EFFECT, 'GlobalSecondaryIndexes', 'Region', 'ReplicaStreamSpecification'];

/** Returns the tables of the template, in the terms of `CreateTable`. */
export function readTables(template: ResolvedTemplate): readonly TableModel[] {
  const tables = template.readEach('AWS::DynamoDB::Table', (table) => {
    refuseOthers(table.properties, TABLE_PROPERTIES);
    return readTable(table);
  });
  const globalTables = template.readEach('AWS::DynamoDB::GlobalTable', (table) => {
    checkGlobalTable(table.properties, template.pseudo);
    return readTable(table);
  });
  return [...tables, ...globalTables];
}

/**
 * Throws unless a global table has a replica in this region, the only replica that runs: replication to other regions
 * has no counterpart on one machine.
 */
function checkGlobalTable(properties: Fields, pseudo: PseudoParameters): void {
  refuseOthers(properties, [...TABLE_PROPERTIES, 'Replicas']);
  const replicas = listFields(properties, 'Replicas');
  for (const replica of replicas) refuseOthers(replica, REPLICA_PROPERTIES);
  if (replicas.some((replica) => getTextField(replica, 'Region') === pseudo.region)) return;
  throw new RuntimeSetupError(`${at(properties, 'Replicas')} has no replica in ${pseudo.region}`);
}

function readTable({ logicalId, identity, properties }: Resource): TableModel {
  const stream = findFields(properties, 'StreamSpecification');
  const streamArn = identity.attributes['StreamArn'];
  const ttlAttribute = readTtl(properties);
  return {
    logicalId,
    name: identity.ref,
    arn: identity.attributes['Arn'] ?? '',
    definition: {
      attributes: listFields(properties, 'AttributeDefinitions').map((attribute) => ({
        name: getTextField(attribute, 'AttributeName'),
        type: oneOf(attribute, 'AttributeType', ATTRIBUTE_TYPES),
      })),
      keys: readKeys(properties),
      indexes: [
        ...listFields(properties, 'GlobalSecondaryIndexes').map(readIndex),
        ...listFields(properties, 'LocalSecondaryIndexes').map((index) => ({ ...readIndex(index), isLocal: true })),
      ],
    },
    ...(stream === undefined ? {} : { streamViewType: oneOf(stream, 'StreamViewType', VIEW_TYPES) }),
    ...(streamArn === undefined ? {} : { streamArn }),
    ...(ttlAttribute === undefined ? {} : { ttlAttribute }),
  };
}

function readKeys(owner: Fields): TableModel['definition']['keys'] {
  const keys = listFields(owner, 'KeySchema');
  if (keys.length === 0) throw new RuntimeSetupError(`${at(owner, 'KeySchema')} is missing`);
  return keys.map((key) => ({ name: getTextField(key, 'AttributeName'), type: oneOf(key, 'KeyType', KEY_TYPES) }));
}

function readIndex(index: Fields): TableModel['definition']['indexes'][number] {
  refuseOthers(index, [...WITHOUT_EFFECT, 'IndexName', 'KeySchema', 'Projection']);
  const projection = findFields(index, 'Projection') ?? { path: at(index, 'Projection'), values: {} };
  return {
    name: getTextField(index, 'IndexName'),
    keys: readKeys(index),
    projection: oneOf(projection, 'ProjectionType', PROJECTIONS),
    nonKeyAttributes: listTexts(projection, 'NonKeyAttributes'),
  };
}

function readTtl(properties: Fields): string | undefined {
  const ttl = findFields(properties, 'TimeToLiveSpecification');
  return ttl !== undefined && findFlagField(ttl, 'Enabled') === true ? findTextField(ttl, 'AttributeName') : undefined;
}

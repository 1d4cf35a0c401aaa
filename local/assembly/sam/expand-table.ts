import { findFields, findTextField, type JsonObject, refuseOthers } from '../fields.ts';
import type { ServerlessResource } from './serverless-resource.ts';

const PROPERTIES = [
  'PointInTimeRecoverySpecification',
  'PrimaryKey',
  'ProvisionedThroughput',
  'SSESpecification',
  'TableName',
  'Tags',
];

const TYPES: Readonly<Record<string, string>> = { String: 'S', Number: 'N', Binary: 'B' };

/** Returns the table of an `AWS::Serverless::SimpleTable`: one key, `id` by default. */
export function expandTable({ logicalId, properties, shared }: ServerlessResource): Record<string, JsonObject> {
  refuseOthers(properties, PROPERTIES);
  const key = findFields(properties, 'PrimaryKey');
  const AttributeName = (key && findTextField(key, 'Name')) ?? 'id';
  const AttributeType = TYPES[(key && findTextField(key, 'Type')) ?? 'String'] ?? 'S';
  const { TableName } = properties.values;
  const Properties = {
    AttributeDefinitions: [{ AttributeName, AttributeType }],
    KeySchema: [{ AttributeName, KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    ...(TableName === undefined ? {} : { TableName }),
  };
  return { [logicalId]: { ...shared, Type: 'AWS::DynamoDB::Table', Properties } };
}

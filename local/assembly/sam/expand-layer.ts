import { findFields, type JsonObject, refuseOthers } from '../fields.ts';
import type { ServerlessResource } from './serverless-resource.ts';

const PROPERTIES = [
  'CompatibleArchitectures',
  'CompatibleRuntimes',
  'ContentUri',
  'Description',
  'LayerName',
  'LicenseInfo',
  'PublishLambdaVersion',
  'RetentionPolicy',
];

/** Returns the layer of an `AWS::Serverless::LayerVersion`. */
export function expandLayer({ logicalId, properties, shared }: ServerlessResource): Record<string, JsonObject> {
  refuseOthers(properties, PROPERTIES);
  const { ContentUri = '.', LayerName = logicalId } = properties.values;
  const bucket = typeof ContentUri === 'string' ? undefined : findFields(properties, 'ContentUri');
  const Content =
    bucket === undefined
      ? ContentUri
      : { S3Bucket: bucket.values['Bucket'] ?? null, S3Key: bucket.values['Key'] ?? null };
  return { [logicalId]: { ...shared, Type: 'AWS::Lambda::LayerVersion', Properties: { Content, LayerName } } };
}

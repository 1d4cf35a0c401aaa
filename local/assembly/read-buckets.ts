import type { ApplicationModel } from '../model.ts';
import { refuseOthers } from './fields.ts';
import type { ResolvedTemplate } from './resolve-template.ts';

/** A bucket with its ARN, by which event source mappings name it. */
export type BucketModel = ApplicationModel['buckets'][number] & { readonly arn: string };

/** The bucket properties that are accepted. Access, encryption, expiry and versions have no effect in a local run. */
const BUCKET_PROPERTIES = [
  'AccessControl',
  'BucketEncryption',
  'BucketName',
  'LifecycleConfiguration',
  'LoggingConfiguration',
  'MetricsConfigurations',
  'OwnershipControls',
  'PublicAccessBlockConfiguration',
  'Tags',
  'VersioningConfiguration',
];

/** Returns the buckets of the template. */
export function readBuckets(template: ResolvedTemplate): readonly BucketModel[] {
  return template.readEach('AWS::S3::Bucket', ({ logicalId, identity, properties }) => {
    refuseOthers(properties, BUCKET_PROPERTIES);
    return { logicalId, name: identity.ref, arn: identity.attributes['Arn'] ?? '' };
  });
}

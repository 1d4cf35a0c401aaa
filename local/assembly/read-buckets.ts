import type { ApplicationModel } from '../model.ts';
import { refuseOthers } from './fields.ts';
import type { ResolvedTemplate } from './resolve-template.ts';

/** A bucket and the ARN by which mappings name it. */
export type BucketModel = ApplicationModel['buckets'][number] & { readonly arn: string };

/** Access, encryption, expiry and versions make no difference to a bucket that only collects failures for a while. */
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

/** The buckets of the template. */
export function readBuckets(template: ResolvedTemplate): readonly BucketModel[] {
  return template.ofType('AWS::S3::Bucket').map(({ logicalId, identity, properties }) => {
    refuseOthers(properties, BUCKET_PROPERTIES);
    return { logicalId, name: identity.ref, arn: identity.attributes['Arn'] ?? '' };
  });
}

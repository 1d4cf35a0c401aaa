import type { Json, QueueModel } from '../model.ts';
import { findTextField, refuseOthers } from './fields.ts';
import type { ResolvedTemplate, Resource } from './resolve-template.ts';

/** The properties that are attributes of the queue by the same name. */
const ATTRIBUTES = [
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'DelaySeconds',
  'FifoQueue',
  'FifoThroughputLimit',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
] as const;

/** The other properties: encryption, tags, and who may use it as a dead-letter queue have no effect in a local run. */
const OTHERS = [
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'QueueName',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'Tags',
];

/** Returns the queues of the template. */
export function readQueues(template: ResolvedTemplate): readonly QueueModel[] {
  return template.readEach('AWS::SQS::Queue', readQueue);
}

function readQueue({ logicalId, identity, properties }: Resource): QueueModel {
  refuseOthers(properties, [...ATTRIBUTES, ...OTHERS]);
  const own = ATTRIBUTES.flatMap((name) => {
    const value = findTextField(properties, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const redrive: Json | undefined = properties.values['RedrivePolicy'];
  return {
    logicalId,
    name: identity.attributes['QueueName'] ?? '',
    arn: identity.attributes['Arn'] ?? '',
    url: identity.ref,
    attributes: {
      ...Object.fromEntries(own),
      ...(redrive === undefined
        ? {}
        : { RedrivePolicy: typeof redrive === 'string' ? redrive : JSON.stringify(redrive) }),
    },
  };
}

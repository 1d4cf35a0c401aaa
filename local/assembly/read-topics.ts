import type { TopicModel, SubscribedQueue } from '../topic-model.ts';
import { at, type Fields, findTextField, getTextField, listFields, refuseOthers, unsupported } from './fields.ts';
import { isQueue } from './queue-references.ts';
import type { ResolvedTemplate } from './resolve-template.ts';

/** The settings of a subscription that it has as attributes. */
const ATTRIBUTES = ['FilterPolicy', 'FilterPolicyScope', 'RawMessageDelivery'] as const;

const TOPIC_PROPERTIES = [
  'Subscription',
  'TopicName',
  // Without effect here: nothing is encrypted, traced or watched, and no e-mail is sent.
  'DataProtectionPolicy',
  'DeliveryStatusLogging',
  'DisplayName',
  'KmsMasterKeyId',
  'SignatureVersion',
  'Tags',
  'TracingConfig',
];

const SUBSCRIPTION_PROPERTIES = [...ATTRIBUTES, 'Endpoint', 'Protocol', 'TopicArn'];

/** Returns the topics of the template with their queues. */
export function readTopics(template: ResolvedTemplate): readonly TopicModel[] {
  const subscriptions = template
    .readEach('AWS::SNS::Subscription', ({ properties }) =>
      readSubscription(properties).map((one) => ({ ...one, topicArn: getTextField(properties, 'TopicArn') })),
    )
    .flat();
  return template.readEach('AWS::SNS::Topic', ({ identity, properties }) => {
    refuseOthers(properties, TOPIC_PROPERTIES);
    return {
      name: identity.attributes['TopicName'] ?? '',
      arn: identity.ref,
      subscriptions: [
        ...listFields(properties, 'Subscription').flatMap(readSubscription),
        ...subscriptions.filter(({ topicArn }) => topicArn === identity.ref),
      ],
    };
  });
}

/** Returns the subscription of a queue. E-mails and the like are not sent. Throws for a function. */
function readSubscription(subscription: Fields): readonly SubscribedQueue[] {
  const protocol = getTextField(subscription, 'Protocol');
  const endpoint = findTextField(subscription, 'Endpoint') ?? '';
  if (protocol === 'lambda')
    throw unsupported(at(subscription, 'Protocol'), 'a function that subscribes to a topic is not supported');
  if (protocol !== 'sqs' || !isQueue(endpoint)) return [];
  refuseOthers(subscription, SUBSCRIPTION_PROPERTIES);
  const attributes = ATTRIBUTES.flatMap((name) => {
    const value = subscription.values[name];
    return value === undefined ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)] as const];
  });
  return [{ queueArn: endpoint, attributes: Object.fromEntries(attributes) }];
}

import type { TopicModel, SubscribedQueue } from '../topic-model.ts';
import { at, type Fields, findTextField, getTextField, listFields, refuseOthers, unsupported } from './fields.ts';
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
  const queueArns = template.ofType('AWS::SQS::Queue').map(({ identity }) => identity.attributes['Arn']);
  const read = (subscription: Fields) => readSubscription(subscription, queueArns);
  const subscriptions = template
    .readEach('AWS::SNS::Subscription', ({ properties }) =>
      read(properties).map((one) => ({ ...one, topicArn: getTextField(properties, 'TopicArn') })),
    )
    .flat();
  return template.readEach('AWS::SNS::Topic', ({ identity, properties }) => {
    refuseOthers(properties, TOPIC_PROPERTIES);
    return {
      name: identity.attributes['TopicName'] ?? '',
      arn: identity.ref,
      subscriptions: [
        ...listFields(properties, 'Subscription').flatMap(read),
        ...subscriptions.filter(({ topicArn }) => topicArn === identity.ref),
      ],
    };
  });
}

/** The protocols to people, to whom nothing is sent. */
const TO_PEOPLE: readonly string[] = ['application', 'email', 'email-json', 'sms'];

/** Returns the subscription of a queue; none for one of people. Throws RuntimeSetupError for any other. */
function readSubscription(
  subscription: Fields,
  queueArns: readonly (string | undefined)[],
): readonly SubscribedQueue[] {
  const protocol = getTextField(subscription, 'Protocol');
  const endpoint = findTextField(subscription, 'Endpoint') ?? '';
  if (TO_PEOPLE.includes(protocol)) return [];
  if (protocol !== 'sqs')
    throw unsupported(at(subscription, 'Protocol'), `a subscription by ${protocol} is not supported`);
  if (!queueArns.includes(endpoint))
    throw unsupported(at(subscription, 'Endpoint'), 'a queue that is not of this template is not supported');
  refuseOthers(subscription, SUBSCRIPTION_PROPERTIES);
  const attributes = ATTRIBUTES.flatMap((name) => {
    const value = subscription.values[name];
    return value === undefined ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)] as const];
  });
  return [{ queueArn: endpoint, attributes: Object.fromEntries(attributes) }];
}

import type { BuildAppOptions } from 'fauxqs';
import type { TopicModel } from '../model.ts';

type TopicStore = NonNullable<BuildAppOptions['stores']>['snsStore'];

/** Creates topics by the ARNs of the application, with their subscribed queues. The package has one account for all. */
export function createTopics(store: TopicStore, topics: readonly TopicModel[]): void {
  for (const { name, arn, subscriptions } of topics) {
    const [, , , region = ''] = arn.split(':');
    const topic = store.createTopic(name, {}, {}, region);
    store.topics.set(arn, topic);
    for (const { queueArn, attributes } of subscriptions) store.subscribe(arn, 'sqs', queueArn, { ...attributes });
  }
}

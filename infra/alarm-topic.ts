import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

/** SNS's limit in characters of a topic's display name, the sender of its mails. */
const DISPLAY_NAME_LENGTH = 100;

/** The properties of the alarms' topic. */
export interface AlarmTopicProps {
  readonly email: string;
  /** The name of what is watched, in the sender of the mails. */
  readonly name: string;
}

/** The SNS topic of the alarms, with one e-mail subscription, which the address must confirm. */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { email, name }: AlarmTopicProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      displayName: `Alarms of ${name}`.slice(0, DISPLAY_NAME_LENGTH),
      enforceSSL: true,
    });
    this.topic.addSubscription(new EmailSubscription(email));
    this.#allowAlarms();
  }

  /**
   * Allows the account's alarms to publish. `enforceSSL` gives the topic a policy, which replaces the default policy
   * that would allow it.
   */
  #allowAlarms(): void {
    const stack = Stack.of(this);
    const alarms = stack.formatArn({ service: 'cloudwatch', resource: 'alarm:*' });
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AllowAlarms',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { ArnLike: { 'aws:SourceArn': alarms }, StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    );
  }
}

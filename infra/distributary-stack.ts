import { Annotations, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Distributary } from './distributary.ts';
import type { HandlerBundles } from './handler-bundles.ts';
import type { Settings } from './settings.ts';
import { propsOfTopics } from './topic-props.ts';

/** The properties of the stack. */
export interface DistributaryStackProps extends Omit<StackProps, 'stackName'>, Settings {
  readonly bundles: HandlerBundles;
}

/** The remark of a synthesis and a deployment without an address for alarms. */
const NO_ADDRESS =
  'No alarmEmail is set: alarms change colour on the dashboard and notify nobody. Set one by -c alarmEmail=ops@example.com.';

/**
 * The stack of this repository's app: one Distributary, by the app's settings. The construct's id `Default` is left out
 * of logical ids, so they are those of the stacks that were deployed before there was a construct.
 */
export class DistributaryStack extends Stack {
  constructor(scope: Construct, id: string, props: DistributaryStackProps) {
    super(scope, id, props);
    const { auth, alarmEmail, messageRetentionHours, rateLimits = 'off', schemas, http = 'off', ...others } = props;
    const topics = propsOfTopics(props.topics);
    new Distributary(this, 'Default', {
      ...others,
      rateLimits,
      http,
      topics,
      retention: Duration.hours(messageRetentionHours),
      accessLogs: true,
      ...(auth === undefined ? {} : { auth }),
      ...(schemas === undefined ? {} : { schemas }),
      ...(alarmEmail === undefined ? {} : { alarms: { email: alarmEmail } }),
    });
    if (alarmEmail === undefined) Annotations.of(this).addInfoV2('distributary:noAlarmEmail', NO_ADDRESS);
  }
}

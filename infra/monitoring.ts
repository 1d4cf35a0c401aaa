import { Alarm, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type AlarmSpec, alarmsOf, type MonitoredResources } from './alarm-list.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { MonitoringDashboard } from './monitoring-dashboard.ts';

/**
 * The notifications of the alarms: by mail to an address, which must confirm it, or to a topic, whose policy must allow
 * the account's alarms to publish. `dashboard`: alarms change colour on the dashboard and notify nobody. `off`: there
 * are no alarms.
 */
export type AlarmProps = { readonly email: string } | { readonly topic: ITopic } | 'dashboard' | 'off';

/** The properties of the monitoring. */
export interface MonitoringProps extends MonitoredResources {
  readonly notifications: AlarmProps;
}

/** The dashboard, and the alarms, each of which names its runbook. */
export class Monitoring extends Construct {
  /** The name of the dashboard in CloudWatch. */
  readonly dashboardName: string;
  /** The ARN of the topic that alarms are sent to; absent without an address. */
  readonly topicArn: string | undefined;

  constructor(scope: Construct, id: string, { notifications, ...watched }: MonitoringProps) {
    super(scope, id);
    const topic = notifications === 'off' ? undefined : this.#topicOf(notifications, watched.stackName);
    const specs = notifications === 'off' ? [] : alarmsOf(watched);
    const alarms = specs.map((spec) => this.#create(spec, topic));
    this.dashboardName = new MonitoringDashboard(this, 'Dashboard', { ...watched, alarms }).dashboardName;
    this.topicArn = topic?.topicArn;
  }

  #topicOf(notifications: Exclude<AlarmProps, 'off'>, name: string): ITopic | undefined {
    if (notifications === 'dashboard') return undefined;
    if ('topic' in notifications) return notifications.topic;
    return new AlarmTopic(this, 'Alarms', { email: notifications.email, name }).topic;
  }

  #create({ id, runbook, ...spec }: AlarmSpec, topic: ITopic | undefined): IAlarm {
    const alarm = new Alarm(this, id, {
      alarmDescription: `${runbook}. Runbook: docs/operations.md, «${runbook}»`,
      metric: spec.metric,
      threshold: spec.threshold,
      evaluationPeriods: spec.minutes,
      datapointsToAlarm: spec.datapoints,
      comparisonOperator: spec.comparison,
      treatMissingData: spec.missing,
    });
    if (topic !== undefined) {
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    }
    return alarm;
  }
}

import { Annotations } from 'aws-cdk-lib';
import { Alarm, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type AlarmSpec, alarmsOf, type MonitoredResources } from './alarm-list.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { MonitoringDashboard } from './monitoring-dashboard.ts';

/** The properties of the monitoring. */
export interface MonitoringProps extends MonitoredResources {
  /** The address that receives alarms; absent: none. */
  readonly alarmEmail?: string | undefined;
}

/** The remark of a synthesis and a deployment without an address for alarms. */
const NO_ADDRESS =
  'No alarmEmail is set: alarms change colour on the dashboard and notify nobody. Set one by -c alarmEmail=ops@example.com.';

/** The dashboard, and the alarms, each of which names its runbook. */
export class Monitoring extends Construct {
  /** The name of the dashboard in CloudWatch. */
  readonly dashboardName: string;
  /** The ARN of the topic that alarms are sent to; absent without an address. */
  readonly topicArn: string | undefined;

  constructor(scope: Construct, id: string, { alarmEmail, ...watched }: MonitoringProps) {
    super(scope, id);
    const topic = alarmEmail === undefined ? undefined : new AlarmTopic(this, 'Alarms', alarmEmail).topic;
    const alarms = alarmsOf(watched).map((spec) => this.#create(spec, topic));
    if (topic === undefined) Annotations.of(this).addInfoV2('distributary:noAlarmEmail', NO_ADDRESS);
    this.dashboardName = new MonitoringDashboard(this, 'Dashboard', { ...watched, alarms }).dashboardName;
    this.topicArn = topic?.topicArn;
  }

  #create({ id, runbook, ...spec }: AlarmSpec, topic: Topic | undefined): IAlarm {
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

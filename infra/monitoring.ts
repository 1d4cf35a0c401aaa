import { Alarm, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type AlarmSpec, alarmsOf, type MonitoredResources } from './alarm-list.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { doorAlarms } from './door-alarms.ts';
import type { HandlerFunction } from './handler-function.ts';
import { MonitoringDashboard } from './monitoring-dashboard.ts';
import { sourceAlarms, sourceRows, type WatchedSource } from './source-monitoring.ts';

/**
 * The notifications of the alarms: by mail to an address, which must confirm it, or to a topic, whose policy must allow
 * the account's alarms to publish. `dashboard`: alarms change colour on the dashboard and notify nobody. `off`: there
 * are no alarms.
 */
export type AlarmProps = { readonly email: string } | { readonly topic: ITopic } | 'dashboard' | 'off';

/** The properties of the monitoring. */
export interface MonitoringProps extends MonitoredResources {
  /** The HTTP door. Absent without the setting `http`. */
  readonly door: HandlerFunction | undefined;
  readonly notifications: AlarmProps;
}

/** The dashboard, and the alarms, each of which names its runbook. */
export class Monitoring extends Construct {
  /** The name of the dashboard in CloudWatch. */
  readonly dashboardName: string;
  /** The ARN of the topic that alarms are sent to; absent without an address. */
  readonly topicArn: string | undefined;
  readonly #isOff: boolean;
  readonly #topic: ITopic | undefined;
  readonly #dashboard: MonitoringDashboard;
  #watchesSources = false;

  constructor(scope: Construct, id: string, { notifications, door, ...watched }: MonitoringProps) {
    super(scope, id);
    this.#isOff = notifications === 'off';
    this.#topic = notifications === 'off' ? undefined : this.#topicOf(notifications, watched.stackName);
    const doors = door === undefined ? [] : doorAlarms({ stackName: watched.stackName, handler: door });
    const alarms = this.#createAll([...alarmsOf(watched), ...doors]);
    this.#dashboard = new MonitoringDashboard(this, 'Dashboard', { ...watched, alarms });
    this.dashboardName = this.#dashboard.dashboardName;
    this.topicArn = this.#topic?.topicArn;
  }

  /** Adds the alarms and the rows of the dashboard that a source of topics needs. */
  watch(source: WatchedSource): void {
    const specs = sourceAlarms(source, { isFirst: !this.#watchesSources });
    this.#watchesSources = true;
    for (const row of sourceRows(source, this.#createAll(specs))) this.#dashboard.add(row);
  }

  #createAll(specs: readonly AlarmSpec[]): IAlarm[] {
    return this.#isOff ? [] : specs.map((spec) => this.#create(spec, this.#topic));
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

import type { IAlarm, IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { type AlarmSpec, alarmAbove, LASTING, LATENESS_ALARM_MS, notRead, ONCE } from './alarm-list.ts';
import { functionMetric, mappingMetric, ownMetric } from './metrics.ts';
import { graph, statusOf } from './monitoring-dashboard.ts';
import { FROM_TABLE_HANDLER, type TopicsFrom } from './topics-from.ts';

/** A source of topics, as alarms and dashboard show it. */
export interface WatchedSource {
  /** The dimension `stack` of the metrics. */
  readonly stackName: string;
  readonly source: TopicsFrom;
}

/**
 * Returns the alarms of a source of topics. The sources of a stack write their metrics under one name, so the alarm on
 * records that cannot be published comes with the first of them.
 */
export function sourceAlarms({ stackName, source }: WatchedSource, { isFirst }: { isFirst: boolean }): AlarmSpec[] {
  const { handler, mapping } = source;
  const { id } = source.node;
  const own = (name: string) => functionMetric(handler, { name });
  const givenUp = mappingMetric(mapping, { name: 'OnFailureDestinationDeliveredEventCount' });
  return [
    alarmAbove({
      id: `${id}Late`,
      metric: functionMetric(handler, { name: 'IteratorAge', statistic: 'Maximum' }),
      threshold: LATENESS_ALARM_MS,
      ...LASTING,
      runbook: 'Topics from a table are late',
    }),
    notRead(`${id}NotRead`, mappingMetric(mapping, { name: 'PolledEventCount', statistic: 'SampleCount' })),
    alarmAbove({ id: `${id}GivenUp`, metric: givenUp, ...ONCE, runbook: 'Records were given up' }),
    alarmAbove({
      id: `${id}Lost`,
      metric: own('DestinationDeliveryFailures'),
      ...ONCE,
      runbook: 'Records could not be kept',
    }),
    alarmAbove({ id: `${id}Errors`, metric: own('Errors'), ...ONCE, runbook: 'A function has errors' }),
    ...(isFirst ? [unpublishable(stackName)] : []),
  ];
}

const unpublishable = (stack: string): AlarmSpec =>
  alarmAbove({
    id: 'Unpublishable',
    metric: ownMetric({ stack, service: FROM_TABLE_HANDLER }, { name: 'UnpublishableRecords' }),
    ...ONCE,
    runbook: 'Records of a table cannot be published',
  });

/** Returns the rows of a source in the dashboard. */
export function sourceRows({ stackName, source }: WatchedSource, alarms: readonly IAlarm[]): IWidget[][] {
  const { handler, mapping } = source;
  const { id } = source.node;
  const counts = ['PublishedRecords', 'UnpublishableRecords', 'FailedRecords'].map((name) =>
    ownMetric({ stack: stackName, service: FROM_TABLE_HANDLER }, { name }),
  );
  const records = ['PolledEventCount', 'FilteredOutEventCount', 'OnFailureDestinationDeliveredEventCount'].map((name) =>
    mappingMetric(mapping, { name }),
  );
  return [
    ...statusOf(alarms),
    [
      graph(`${id}: age of what the stream hands over, ms`, [
        functionMetric(handler, { name: 'IteratorAge', statistic: 'Maximum' }),
      ]),
      graph(`${id}: records`, records),
      graph('All sources: what became of the records', counts),
    ],
  ];
}

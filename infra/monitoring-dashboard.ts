import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { type MonitoredResources, tablesOf, tableThrottles } from './alarm-list.ts';
import { FUNCTION_IDS, HANDLERS } from './functions.ts';
import { functionMetric, mappingMetric, ownMetric, routeMetrics, stageMetric } from './metrics.ts';

/** The properties of the dashboard. */
export interface MonitoringDashboardProps extends MonitoredResources {
  readonly alarms: readonly IAlarm[];
}

/** The widths of widgets in columns of CloudWatch's grid: three graphs in a row. */
const WIDTH = { whole: 24, third: 8 } as const;

/**
 * The dashboard, from the symptoms to the causes: alarms, deliveries, streams, routes, connections, functions, tables.
 */
export class MonitoringDashboard extends Construct {
  constructor(scope: Construct, id: string, { alarms, ...watched }: MonitoringDashboardProps) {
    super(scope, id);
    new Dashboard(this, 'Dashboard', {
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: WIDTH.whole, height: 5 })],
        deliveries(),
        streams(watched),
        frames(),
        connections(watched),
        functions(watched),
        tables(watched),
      ],
    });
  }
}

const graph = (title: string, left: readonly IMetric[]): IWidget =>
  new GraphWidget({ title, left: [...left], width: WIDTH.third });

const each = (service: string, names: readonly string[]): readonly IMetric[] =>
  names.map((name) => ownMetric(service, { name }));

const deliveries = (): IWidget[] => [
  graph(
    'Write to delivery, ms',
    ['p50', 'p99'].map((statistic) =>
      ownMetric(HANDLERS.Broadcast, { name: 'DeliveryLag', statistic }).with({ label: statistic }),
    ),
  ),
  graph('Deliveries', [
    ...each(HANDLERS.Broadcast, ['Delivered', 'Gone', 'Throttled', 'Undelivered']),
    ownMetric(HANDLERS.ShardWorker, { name: 'ShardSubscribers', statistic: 'Maximum' }).with({
      label: 'Fullest shard',
    }),
  ]),
  graph('Catch-up and presence', [
    ...each(HANDLERS.CatchUp, ['CatchUpRecords', 'CatchUpFailures']),
    ...each(HANDLERS.Presence, ['PresenceFrames']),
  ]),
];

const POLLED = ['PolledEventCount', 'FilteredOutEventCount', 'InvokedEventCount', 'FailedInvokeEventCount'];
const GIVEN_UP = ['OnFailureDestinationDeliveredEventCount', 'DroppedEventCount'];

function streams({ functions, mappings }: MonitoredResources): IWidget[] {
  const ids = ['Broadcast', 'CatchUp', 'Presence'] as const;
  const ofMappings = (names: readonly string[]) =>
    ids.flatMap((id) => names.map((name) => mappingMetric(mappings[id], { name }).with({ label: `${id} ${name}` })));
  const ages = ids.map((id) => functionMetric(functions.get(id), { name: 'IteratorAge', statistic: 'Maximum' }));
  const lost = ids.map((id) => functionMetric(functions.get(id), { name: 'DestinationDeliveryFailures' }));
  return [
    graph('Age of what the streams hand over, ms', ages),
    graph('Records', ofMappings(POLLED)),
    graph('Records given up or lost', [...ofMappings(GIVEN_UP), ...lost]),
  ];
}

const frames = (): IWidget[] => [
  graph('Frames', routeMetrics('Frames')),
  graph('Refused: errors of clients', routeMetrics('RefusedFrames')),
  graph('Failed: faults of the server', routeMetrics('FailedFrames')),
];

function connections({ stage }: MonitoredResources): IWidget[] {
  const of = (names: readonly string[]) => names.map((name) => stageMetric(stage, { name }));
  return [
    graph('Connections', [
      ...each(HANDLERS.Connect, ['Connects', 'RefusedConnects', 'FailedConnects']),
      ...each(HANDLERS.Disconnect, ['Disconnects']),
    ]),
    graph('API Gateway', of(['ConnectCount', 'MessageCount', 'IntegrationError', 'ExecutionError', 'ClientError'])),
    graph('Latency of the functions p99, ms', [stageMetric(stage, { name: 'IntegrationLatency', statistic: 'p99' })]),
  ];
}

function functions({ functions: all }: MonitoredResources): IWidget[] {
  const of = (name: string, statistic: string) =>
    FUNCTION_IDS.map((id) => functionMetric(all.get(id), { name, statistic }).with({ label: id }));
  return [
    graph('Errors', of('Errors', 'Sum')),
    graph('Throttles', of('Throttles', 'Sum')),
    graph('Duration p99, ms', of('Duration', 'p99')),
  ];
}

const tables = (watched: MonitoredResources): IWidget[] => [
  graph(
    'Throttled by DynamoDB',
    tablesOf(watched.tables).flatMap(({ table, indexes }) => tableThrottles(table, indexes)),
  ),
];

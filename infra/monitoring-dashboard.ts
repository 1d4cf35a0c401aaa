import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { MonitoredResources } from './alarm-list.ts';
import { AUTHORIZE_HANDLER, FUNCTION_IDS, HANDLERS } from './functions.ts';
import {
  functionMetric,
  mappingMetric,
  type MetricWriter,
  ownMetric,
  routeMetrics,
  stageMetric,
  tableThrottles,
} from './metrics.ts';
import { tablesOf } from './tables.ts';

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
  readonly dashboardName: string;
  readonly #dashboard: Dashboard;

  constructor(scope: Construct, id: string, { alarms, ...watched }: MonitoringDashboardProps) {
    super(scope, id);
    const dashboard = new Dashboard(this, 'Dashboard', {
      widgets: [
        ...statusOf(alarms),
        deliveries(watched),
        streams(watched),
        frames(watched),
        connections(watched),
        ...handshakes(watched),
        functions(watched),
        tables(watched),
      ],
    });
    this.dashboardName = dashboard.dashboardName;
    this.#dashboard = dashboard;
  }

  /** Adds a row of widgets at the end. */
  add(row: readonly IWidget[]): void {
    this.#dashboard.addWidgets(...row);
  }
}

/** Returns the row of the alarms, if there are any: CloudWatch refuses the widget without one. */
export const statusOf = (alarms: readonly IAlarm[]): IWidget[][] =>
  alarms.length === 0
    ? []
    : [[new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: WIDTH.whole, height: 5 })]];

/** Returns a graph, three of which fill a row. */
export const graph = (title: string, left: readonly IMetric[]): IWidget =>
  new GraphWidget({ title, left: [...left], width: WIDTH.third });

const each = (writer: MetricWriter, names: readonly string[]): readonly IMetric[] =>
  names.map((name) => ownMetric(writer, { name }));

const deliveries = ({ stackName: stack }: MonitoredResources): IWidget[] => [
  graph(
    'Write to delivery, ms',
    ['p50', 'p99'].map((statistic) =>
      ownMetric({ stack, service: HANDLERS.Broadcast }, { name: 'DeliveryLag', statistic }).with({ label: statistic }),
    ),
  ),
  graph('Deliveries', [
    ...each({ stack, service: HANDLERS.Broadcast }, ['Delivered', 'Gone', 'Throttled', 'Undelivered']),
    ownMetric({ stack, service: HANDLERS.ShardWorker }, { name: 'ShardSubscribers', statistic: 'Maximum' }).with({
      label: 'Fullest shard',
    }),
  ]),
  graph('Catch-up and presence', [
    ...each({ stack, service: HANDLERS.CatchUp }, ['CatchUpRecords', 'CatchUpFailures']),
    ...each({ stack, service: HANDLERS.Presence }, ['PresenceFrames']),
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

const frames = ({ stackName }: MonitoredResources): IWidget[] => [
  graph('Frames', routeMetrics(stackName, 'Frames')),
  graph('Refused: errors of clients, of them those over their rates', [
    ...routeMetrics(stackName, 'RefusedFrames'),
    ...routeMetrics(stackName, 'RateLimited'),
    ...routeMetrics(stackName, 'FloodingConnections'),
    ...each({ stack: stackName, service: HANDLERS.Connect }, ['RateLimited']),
  ]),
  graph('Failed: faults of the server', routeMetrics(stackName, 'FailedFrames')),
];

function connections({ stage, stackName: stack }: MonitoredResources): IWidget[] {
  const of = (names: readonly string[]) => names.map((name) => stageMetric(stage, { name }));
  return [
    graph('Connections', [
      ...each({ stack, service: HANDLERS.Connect }, ['Connects', 'RefusedConnects', 'FailedConnects']),
      ...each({ stack, service: HANDLERS.Disconnect }, ['Disconnects']),
    ]),
    graph('API Gateway', of(['ConnectCount', 'MessageCount', 'IntegrationError', 'ExecutionError', 'ClientError'])),
    graph('Latency of the functions p99, ms', [stageMetric(stage, { name: 'IntegrationLatency', statistic: 'p99' })]),
  ];
}

/** Returns the row of the authorizer, if the stack has one. */
const handshakes = ({ functions: { authorize }, stackName: stack }: MonitoredResources): IWidget[][] =>
  authorize === undefined
    ? []
    : [
        [
          graph(
            'Handshakes that the authorizer decided',
            each({ stack, service: AUTHORIZE_HANDLER }, ['AllowedHandshakes', 'RefusedHandshakes', 'FailedHandshakes']),
          ),
          graph('Throttles of the authorizer', [functionMetric(authorize, { name: 'Throttles' })]),
          graph('Duration of the authorizer p99, ms', [
            functionMetric(authorize, { name: 'Duration', statistic: 'p99' }),
          ]),
        ],
      ];

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

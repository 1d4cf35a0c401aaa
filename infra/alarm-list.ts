import { ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { BY_TOPIC } from '../shared/store/schema.ts';
import { FUNCTION_IDS, type Functions, HANDLERS } from './functions.ts';
import { functionMetric, mappingMetric, ownMetric, routeMetrics, stageMetric, sumOf, tableMetric } from './metrics.ts';
import type { StreamMappings } from './stream-pipeline.ts';
import type { Tables } from './tables.ts';

export interface Watched {
  readonly tables: Tables;
  readonly functions: Functions;
  readonly mappings: StreamMappings;
  readonly stage: WebSocketStage;
}

/** An alarm: `datapoints` of the last `minutes` have to be at its threshold or over it. */
export interface AlarmSpec {
  readonly id: string;
  readonly metric: IMetric;
  readonly threshold: number;
  readonly minutes: number;
  readonly datapoints: number;
  readonly comparison: ComparisonOperator;
  readonly missing: TreatMissingData;
  /** Heading of docs/operations.md. */
  readonly runbook: string;
}

type Excess = Omit<AlarmSpec, 'comparison' | 'missing'>;

/** Too much of something. These metrics are written only when something happens: without a value all is well. */
const tooMuch = (excess: Excess): AlarmSpec => ({
  ...excess,
  comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  missing: TreatMissingData.NOT_BREACHING,
});

/** In one minute is enough: what should never happen. */
const ONCE = { threshold: 1, minutes: 1, datapoints: 1 } as const;

/** Three minutes of the last five: what passes by itself wakes nobody. */
const LASTING = { minutes: 5, datapoints: 3 } as const;

/** A tenth of the age at which the first mapping gives its records up, a fifth of the other's: time to act. */
const LATE_MS = 60_000;

/** Every alarm of the stack. */
export const alarmsOf = (watched: Watched): readonly AlarmSpec[] => [
  ...streamAlarms(watched),
  ...deliveryAlarms(),
  ...routeAlarms(watched.stage),
  ...FUNCTION_IDS.flatMap((id) => functionAlarms(watched.functions, id)),
  ...tableAlarms(watched.tables),
];

const STREAMS = [
  { id: 'Broadcast', late: 'Broadcast is late' },
  { id: 'CatchUp', late: 'Catch-up is late' },
  { id: 'Presence', late: 'Presence is late' },
] as const;

/**
 * S3 counts a bucket's objects once a day: what is given up is counted by the mapping. OnFailureDestinationDeliveredEventCount
 * are the records that went to the bucket; DestinationDeliveryFailures are those that the bucket did not get, and are lost.
 */
const streamAlarms = ({ functions, mappings }: Watched): readonly AlarmSpec[] =>
  STREAMS.flatMap(({ id, late }) => [
    tooMuch({
      id: `${id}Late`,
      metric: functionMetric(functions.get(id), { name: 'IteratorAge', statistic: 'Maximum' }),
      threshold: LATE_MS,
      ...LASTING,
      runbook: late,
    }),
    notRead(`${id}NotRead`, mappingMetric(mappings[id], { name: 'PolledEventCount', statistic: 'SampleCount' })),
    tooMuch({
      id: `${id}GivenUp`,
      metric: mappingMetric(mappings[id], { name: 'OnFailureDestinationDeliveredEventCount' }),
      ...ONCE,
      runbook: 'Records were given up',
    }),
    tooMuch({
      id: `${id}Lost`,
      metric: functionMetric(functions.get(id), { name: 'DestinationDeliveryFailures' }),
      ...ONCE,
      runbook: 'Records could not be kept',
    }),
  ]);

/** A mapping that is switched off has no age and no errors. One that reads counts its polls, empty ones too, so silence is the sign. */
const notRead = (id: string, metric: IMetric): AlarmSpec => ({
  id,
  metric,
  threshold: 1,
  minutes: 15,
  datapoints: 15,
  comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
  missing: TreatMissingData.BREACHING,
  runbook: 'A stream is not read',
});

function deliveryAlarms(): readonly AlarmSpec[] {
  const broadcast = (name: string, statistic = 'Sum') => ownMetric(HANDLERS.Broadcast, { name, statistic });
  const failures = ownMetric(HANDLERS.CatchUp, { name: 'CatchUpFailures' });
  const [slow, throttled] = ['Deliveries are slow', 'Connections are throttled'];
  return [
    // Twice the retry rounds' time: more than slow connections alone can make it.
    tooMuch({
      id: 'DeliveryLag',
      metric: broadcast('DeliveryLag', 'p99'),
      threshold: 5_000,
      ...LASTING,
      runbook: slow,
    }),
    tooMuch({ id: 'Throttled', metric: broadcast('Throttled'), threshold: 100, ...LASTING, runbook: throttled }),
    // Some clients always stop reading without a word; a hundred a minute do not.
    tooMuch({
      id: 'Undelivered',
      metric: broadcast('Undelivered'),
      threshold: 100,
      ...LASTING,
      runbook: 'Deliveries are left undone',
    }),
    // Each try counts, and a slow client makes up to five.
    tooMuch({ id: 'CatchUpFailures', metric: failures, threshold: 25, ...LASTING, runbook: 'Catch-up fails' }),
  ];
}

/** New connections a minute: four fifths of an account's default quota of 500 a second. */
const CONNECTS_PER_MINUTE = 24_000;

function routeAlarms(stage: WebSocketStage): readonly AlarmSpec[] {
  const of = (name: string) => stageMetric(stage, { name });
  const frames = sumOf('FailedFrames', routeMetrics('FailedFrames'));
  const connects = ownMetric(HANDLERS.Connect, { name: 'FailedConnects' });
  const fast = { threshold: CONNECTS_PER_MINUTE, minutes: 1, datapoints: 1, runbook: 'Connections come too fast' };
  return [
    tooMuch({ id: 'FailedFrames', metric: frames, threshold: 5, ...LASTING, runbook: 'Frames fail' }),
    tooMuch({ id: 'FailedConnects', metric: connects, threshold: 5, ...LASTING, runbook: 'Connections fail' }),
    // A refused $connect counts here too, so a few are a client's mistake.
    tooMuch({
      id: 'IntegrationErrors',
      metric: of('IntegrationError'),
      threshold: 25,
      ...LASTING,
      runbook: 'Integrations fail',
    }),
    tooMuch({
      id: 'ExecutionErrors',
      metric: of('ExecutionError'),
      threshold: 5,
      ...LASTING,
      runbook: 'API Gateway cannot call a function',
    }),
    tooMuch({
      id: 'ClientErrors',
      metric: of('ClientError'),
      threshold: 500,
      ...LASTING,
      runbook: 'Clients are refused',
    }),
    tooMuch({ id: 'Connects', metric: of('ConnectCount'), ...fast }),
  ];
}

const functionAlarms = (functions: Functions, id: (typeof FUNCTION_IDS)[number]): readonly AlarmSpec[] => [
  tooMuch({
    id: `${id}Errors`,
    metric: functionMetric(functions.get(id), { name: 'Errors' }),
    ...ONCE,
    runbook: 'A function has errors',
  }),
  tooMuch({
    id: `${id}Throttles`,
    metric: functionMetric(functions.get(id), { name: 'Throttles' }),
    threshold: 1,
    minutes: 5,
    datapoints: 2,
    runbook: 'A function is throttled',
  }),
];

/** Reads and writes that DynamoDB refused; written only when there are any. */
export const tableThrottles = (table: TableV2, indexes: readonly string[]): readonly IMetric[] =>
  ['ReadThrottleEvents', 'WriteThrottleEvents'].flatMap((name) => [
    tableMetric(table, { name }),
    ...indexes.map((index) => tableMetric(table, { name, index })),
  ]);

/** The tables by name, each with its indexes. */
export const tablesOf = ({ topics, messages, keys, subscriptions }: Tables) =>
  [
    { id: 'Topics', table: topics, indexes: [] },
    { id: 'Messages', table: messages, indexes: [] },
    { id: 'Keys', table: keys, indexes: [] },
    { id: 'Subscriptions', table: subscriptions, indexes: [BY_TOPIC.name] },
  ] as const;

/** The SDK tries again, so that one a minute is no harm. */
const tableAlarms = (tables: Tables): readonly AlarmSpec[] =>
  tablesOf(tables).map(({ id, table, indexes }) =>
    tooMuch({
      id: `${id}Throttled`,
      metric: sumOf('Throttled', tableThrottles(table, indexes)),
      threshold: 5,
      ...LASTING,
      runbook: 'A table is throttled',
    }),
  );

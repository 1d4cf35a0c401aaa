import { ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  AUTHORIZE_HANDLER,
  CONNECT_IDS,
  FRAME_IDS,
  type FunctionId,
  type Functions,
  HANDLERS,
  POSTER_IDS,
} from './functions.ts';
import {
  functionMetric,
  mappingMetric,
  ownMetric,
  routeMetrics,
  stageMetric,
  sumOf,
  tableThrottles,
} from './metrics.ts';
import type { StreamMappings } from './stream-pipeline.ts';
import { type Tables, tablesOf } from './tables.ts';

/** The resources that alarms and dashboard show. */
export interface MonitoredResources {
  /** The value of the metrics' dimension `stack`. */
  readonly stackName: string;
  readonly tables: Tables;
  readonly functions: Functions;
  readonly mappings: StreamMappings;
  readonly stage: WebSocketStage;
}

/** The definition of an alarm. The alarm goes off when `datapoints` of the last `minutes` breach the threshold. */
export interface AlarmSpec {
  readonly id: string;
  readonly metric: IMetric;
  readonly threshold: number;
  readonly minutes: number;
  readonly datapoints: number;
  readonly comparison: ComparisonOperator;
  readonly missing: TreatMissingData;
  /** The heading of its runbook in docs/operations.md. */
  readonly runbook: string;
}

type UpperBound = Omit<AlarmSpec, 'comparison' | 'missing'>;

/** Returns an alarm at or above a threshold. Its metric has no value while nothing happens, which counts as healthy. */
export const alarmAbove = (bound: UpperBound): AlarmSpec => ({
  ...bound,
  comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  missing: TreatMissingData.NOT_BREACHING,
});

/** The condition for what should never happen: once, in one minute. */
export const ONCE = { threshold: 1, minutes: 1, datapoints: 1 } as const;

/** The condition for what may pass by itself: three minutes of the last five. */
export const LASTING = { minutes: 5, datapoints: 3 } as const;

/**
 * Threshold in ms of the iterator age: a tenth of broadcast's maximum record age (10 minutes) and a fifth of catch-up's
 * (5 minutes), so there is time to act before records are given up. Presence gives its records up at this age.
 */
export const LATENESS_ALARM_MS = 60_000;

/** Returns every alarm of the stack. */
export const alarmsOf = (watched: MonitoredResources): readonly AlarmSpec[] => [
  ...streamAlarms(watched),
  ...givenUpAlarms(watched),
  ...deliveryAlarms(watched),
  ...routeAlarms(watched),
  ...authorizeAlarms(watched),
  ...functionAlarms(watched),
  tableAlarm(watched.tables),
];

const STREAMS = [
  { id: 'Broadcast', late: 'Broadcast is late' },
  { id: 'CatchUp', late: 'Catch-up is late' },
  { id: 'Presence', late: 'Presence is late' },
] as const;

/** Returns the alarms on streams that are read late or not at all, each with a separate runbook. */
const streamAlarms = ({ functions, mappings }: MonitoredResources): readonly AlarmSpec[] =>
  STREAMS.flatMap(({ id, late }) => [
    alarmAbove({
      id: `${id}Late`,
      metric: functionMetric(functions.get(id), { name: 'IteratorAge', statistic: 'Maximum' }),
      threshold: LATENESS_ALARM_MS,
      ...LASTING,
      runbook: late,
    }),
    notRead(`${id}NotRead`, mappingMetric(mappings[id], { name: 'PolledEventCount', statistic: 'SampleCount' })),
  ]);

/**
 * Returns the alarms on records that the stream Lambdas give up. The mapping counts them, because S3 counts a bucket's
 * objects only once a day: OnFailureDestinationDeliveredEventCount are records that went to the bucket,
 * DestinationDeliveryFailures are records that did not reach it and are lost.
 */
function givenUpAlarms({ functions, mappings }: MonitoredResources): readonly AlarmSpec[] {
  const givenUp = STREAMS.map(({ id }) =>
    mappingMetric(mappings[id], { name: 'OnFailureDestinationDeliveredEventCount' }),
  );
  const lost = STREAMS.map(({ id }) => functionMetric(functions.get(id), { name: 'DestinationDeliveryFailures' }));
  return [
    alarmAbove({ id: 'GivenUp', metric: sumOf('Given up', givenUp), ...ONCE, runbook: 'Records were given up' }),
    alarmAbove({ id: 'Lost', metric: sumOf('Lost', lost), ...ONCE, runbook: 'Records could not be kept' }),
  ];
}

/**
 * Returns an alarm on a mapping that does not read. A disabled mapping has neither an iterator age nor errors; an
 * enabled one counts its polls, empty ones included, so a missing value is the sign.
 */
export const notRead = (id: string, metric: IMetric): AlarmSpec => ({
  id,
  metric,
  threshold: 1,
  minutes: 15,
  datapoints: 15,
  comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
  missing: TreatMissingData.BREACHING,
  runbook: 'A stream is not read',
});

function deliveryAlarms({ stackName: stack }: MonitoredResources): readonly AlarmSpec[] {
  const broadcast = (name: string, statistic = 'Sum') =>
    ownMetric({ stack, service: HANDLERS.Broadcast }, { name, statistic });
  const failures = ownMetric({ stack, service: HANDLERS.CatchUp }, { name: 'CatchUpFailures' });
  const [slow, throttled] = ['Deliveries are slow', 'Connections are throttled'];
  return [
    // Twice the time of the retry rounds: slow connections alone do not reach it.
    alarmAbove({
      id: 'DeliveryLag',
      metric: broadcast('DeliveryLag', 'p99'),
      threshold: 5_000,
      ...LASTING,
      runbook: slow,
    }),
    alarmAbove({ id: 'Throttled', metric: broadcast('Throttled'), threshold: 100, ...LASTING, runbook: throttled }),
    // Some clients always vanish without closing; a hundred in a minute is no longer normal.
    alarmAbove({
      id: 'Undelivered',
      metric: broadcast('Undelivered'),
      threshold: 100,
      ...LASTING,
      runbook: 'Deliveries are left undone',
    }),
    // Each attempt counts, and a slow client causes up to five.
    alarmAbove({ id: 'CatchUpFailures', metric: failures, threshold: 25, ...LASTING, runbook: 'Catch-up fails' }),
  ];
}

/** Threshold of new connections in one minute: four fifths of an account's default quota of 500 a second. */
const CONNECTS_PER_MINUTE = 24_000;

function routeAlarms({ stage, stackName: stack }: MonitoredResources): readonly AlarmSpec[] {
  const of = (name: string) => stageMetric(stage, { name });
  const frames = sumOf('FailedFrames', routeMetrics(stack, 'FailedFrames'));
  const connects = ownMetric({ stack, service: HANDLERS.Connect }, { name: 'FailedConnects' });
  const fast = { threshold: CONNECTS_PER_MINUTE, minutes: 1, datapoints: 1, runbook: 'Connections come too fast' };
  return [
    alarmAbove({ id: 'FailedFrames', metric: frames, threshold: 5, ...LASTING, runbook: 'Frames fail' }),
    alarmAbove({ id: 'FailedConnects', metric: connects, threshold: 5, ...LASTING, runbook: 'Connections fail' }),
    // A refused $connect counts here too: a few are errors of clients.
    alarmAbove({
      id: 'IntegrationErrors',
      metric: of('IntegrationError'),
      threshold: 25,
      ...LASTING,
      runbook: 'Integrations fail',
    }),
    alarmAbove({
      id: 'ExecutionErrors',
      metric: of('ExecutionError'),
      threshold: 5,
      ...LASTING,
      runbook: 'API Gateway cannot call a function',
    }),
    alarmAbove({
      id: 'ClientErrors',
      metric: of('ClientError'),
      threshold: 500,
      ...LASTING,
      runbook: 'Clients are refused',
    }),
    alarmAbove({ id: 'Connects', metric: of('ConnectCount'), ...fast }),
  ];
}

/**
 * Returns the alarm on handshakes that could not be decided, if the stack has an authorizer. Lambda's errors of the
 * authorizer are no sign of a fault: an error is how it answers 401.
 */
const authorizeAlarms = ({ functions, stackName: stack }: MonitoredResources): readonly AlarmSpec[] =>
  functions.authorize === undefined
    ? []
    : [
        alarmAbove({
          id: 'FailedHandshakes',
          metric: ownMetric({ stack, service: AUTHORIZE_HANDLER }, { name: 'FailedHandshakes' }),
          threshold: 5,
          ...LASTING,
          runbook: 'Tokens cannot be checked',
        }),
      ];

/**
 * Returns the alarms on functions. Throttles of a route's function have no separate alarm: API Gateway counts them as
 * execution errors.
 */
function functionAlarms({ functions }: MonitoredResources): readonly AlarmSpec[] {
  const of = (ids: readonly FunctionId[], name: string) =>
    sumOf(
      name,
      ids.map((id) => functionMetric(functions.get(id), { name })),
    );
  const errors = 'A function has errors';
  return [
    // Two alarms: CloudWatch takes at most ten metrics in one.
    alarmAbove({ id: 'RouteErrors', metric: of(FRAME_IDS, 'Errors'), ...ONCE, runbook: errors }),
    alarmAbove({ id: 'ConnectErrors', metric: of(CONNECT_IDS, 'Errors'), ...ONCE, runbook: errors }),
    alarmAbove({ id: 'StreamErrors', metric: of(POSTER_IDS, 'Errors'), ...ONCE, runbook: errors }),
    alarmAbove({
      id: 'StreamThrottles',
      metric: of(POSTER_IDS, 'Throttles'),
      threshold: 1,
      minutes: 5,
      datapoints: 2,
      runbook: 'A function is throttled',
    }),
  ];
}

/** Returns the alarm of the tables. The SDK retries throttled calls, so a single one does no harm. */
const tableAlarm = (tables: Tables): AlarmSpec =>
  alarmAbove({
    id: 'TablesThrottled',
    metric: sumOf(
      'Throttled',
      tablesOf(tables).flatMap(({ table, indexes }) => tableThrottles(table, indexes)),
    ),
    threshold: 5,
    ...LASTING,
    runbook: 'A table is throttled',
  });

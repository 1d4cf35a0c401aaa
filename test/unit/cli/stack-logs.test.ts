import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { CLI_BOUNDS } from '../../../cli/bounds.ts';
import { serializedField, findLines } from '../../../cli/logs/find-lines.ts';
import type { LogSource } from '../../../cli/logs/log-source.ts';
import { createStackLogs } from '../../../cli/logs/stack-logs.ts';
import { readDeliveries } from '../../../cli/stats/read-deliveries.ts';
import { groupName, type LogEvent, startFakeAwsLogs } from '../../helpers/fake-aws-logs.ts';

const NOW_MS = Date.parse('2026-11-21T06:00:00Z');
const BROADCAST = 'FunctionsBroadcastLogsB24E77C5';
const FAN_OUT = 'FunctionsFanOutLogs0A1B2C3D';
const DEFAULT = 'FunctionsLogsF51B461F';
const CLIENT = { region: 'eu-central-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } } as const;
const A_PAGE_OR_TWO = { ...CLI_BOUNDS, LOG_PAGES: 2 } as const;

/** Returns an event as Powertools writes it. A line of standard output ends with its line feed. */
function logged(atMs: number, fields: object): LogEvent {
  const line = { level: 'INFO', timestamp: new Date(atMs).toISOString(), function_request_id: `r${atMs}`, ...fields };
  return { timestamp: atMs, message: `${JSON.stringify(line)}\n` };
}

const batch = (atMs: number, topic: string): LogEvent =>
  logged(atMs, { service: 'broadcast', message: 'broadcast', topic, delivered: 3, lagMs: 40 });

const platform = (atMs: number): LogEvent[] =>
  ['START RequestId: 1 "message":"broadcast"', 'END RequestId: 1', 'REPORT RequestId: 1 Duration: 2 ms'].map(
    (message) => ({ timestamp: atMs, message }),
  );

describe('the logs of a deployed stack', () => {
  let events: LogEvent[] = [];
  let aws: Awaited<ReturnType<typeof startFakeAwsLogs>>;
  const opened: LogSource[] = [];

  beforeEach(async () => {
    events = [];
    const list = (): readonly LogEvent[] => events;
    aws = await startFakeAwsLogs({ groups: { [FAN_OUT]: () => [], [BROADCAST]: list, [DEFAULT]: list } });
  });
  afterEach(async () => {
    for (const logs of opened.splice(0)) logs.close();
    await aws.close();
  });

  function open(bounds: Parameters<typeof createStackLogs>[0]['bounds'] = CLI_BOUNDS): LogSource {
    const logs = createStackLogs({
      logs: new CloudWatchLogsClient({ ...CLIENT, endpoint: aws.url, maxAttempts: 2 }),
      cloudformation: new CloudFormationClient({ ...CLIENT, endpoint: aws.url, maxAttempts: 1 }),
      stackName: 'Test',
      instance: '',
      now: () => NOW_MS,
      bounds,
    });
    opened.push(logs);
    return logs;
  }

  const ofNews = {
    contains: [serializedField('message', 'broadcast'), serializedField('topic', 'news')],
    roles: ['broadcast'],
  } as const;

  it('are read page by page, empty ones too, and only lines that are structured and wanted are taken', async () => {
    const wanted = [1, 2, 3, 4, 5].map((place) => batch(NOW_MS - 1_000 + place, 'news'));
    events = [...platform(NOW_MS - 999), ...wanted, batch(NOW_MS - 900, 'other')];
    const logs = open();

    const lines = await findLines({ logs }, ofNews);

    expect(lines.map(({ atMs }) => atMs)).toEqual(wanted.map(({ timestamp }) => timestamp));
    expect(lines[0]).toMatchObject({ service: 'broadcast', message: 'broadcast', requestId: `r${NOW_MS - 999}` });
    expect(logs.unread.size).toBe(0);
  });

  it('are asked for by phrases, in the groups of the functions concerned, and in a span of time', async () => {
    events = [batch(NOW_MS - 50_000, 'news'), batch(NOW_MS - 5_000, 'news'), batch(NOW_MS - 1_000, 'news')];

    const lines = await findLines({ logs: open() }, { ...ofNews, sinceMs: NOW_MS - 10_000, untilMs: NOW_MS - 2_000 });

    expect(lines.map(({ atMs }) => atMs)).toEqual([NOW_MS - 5_000]);
    expect(aws.looks.map(({ logGroupName }) => logGroupName)).toEqual([groupName(BROADCAST), groupName(BROADCAST)]);
    expect(aws.looks[0]).toMatchObject({
      filterPattern: String.raw`"\"message\":\"broadcast\"" "\"topic\":\"news\""`,
      startTime: NOW_MS - 10_000,
      endTime: NOW_MS - 2_000,
    });
  });

  it('are read of the last day when nothing says of when', async () => {
    await findLines({ logs: open() }, ofNews);

    expect(aws.looks[0]).toMatchObject({ startTime: NOW_MS - CLI_BOUNDS.LOG_WINDOW_MS, endTime: NOW_MS });
  });

  it('of several functions come in the order of time', async () => {
    events = [batch(NOW_MS - 20, 'news'), batch(NOW_MS - 10, 'news')];

    const lines = await findLines({ logs: open() }, { ...ofNews, roles: ['broadcast', 'shard-worker', 'default'] });

    expect(lines.map(({ atMs }) => NOW_MS - atMs)).toEqual([20, 20, 10, 10]);
  });

  it.each([
    ['pages', A_PAGE_OR_TWO, 2],
    ['lines', { ...CLI_BOUNDS, LOG_LINES: 3 }, 3],
  ])('are read up to a bound of %s, and it is said that there is more', async (_, bounds, taken) => {
    events = [1, 2, 3, 4, 5].map((place) => batch(NOW_MS - 100 + place, 'news'));
    const logs = open(bounds);

    const lines = await findLines({ logs }, ofNews);

    expect(lines).toHaveLength(taken);
    expect([...logs.unread]).toEqual([expect.stringContaining('only the oldest were read')]);
  });

  it('that may not be read are said to be so, once, with the action that is needed', async () => {
    aws.refuse = () => 'AccessDeniedException';
    const logs = open();

    const lines = [...(await findLines({ logs }, ofNews)), ...(await findLines({ logs }, ofNews))];

    expect(lines).toEqual([]);
    expect([...logs.unread]).toEqual([
      'The logs of the stack may not be read with these credentials: allow logs:FilterLogEvents on its log groups. Details that only the logs have are missing.',
    ]);
  });

  it('whose names may not be listed are said to be so, and are not asked for', async () => {
    aws.isListingDenied = true;
    const logs = open();

    await findLines({ logs }, ofNews);

    expect([...logs.unread]).toEqual([expect.stringContaining('allow cloudformation:ListStackResources')]);
    expect(aws.looks).toEqual([]);
  });

  it('are asked for again when the account asks too often, and given up when that does not help', async () => {
    events = [batch(NOW_MS - 1, 'news')];
    let refusals = 1;
    aws.refuse = () => (refusals-- > 0 ? 'ThrottlingException' : undefined);
    const patient = open();

    const lines = await findLines({ logs: patient }, ofNews);
    aws.refuse = () => 'ThrottlingException';
    const hasty = open();
    await findLines({ logs: hasty }, ofNews);

    expect(lines).toHaveLength(1);
    expect(patient.unread.size).toBe(0);
    expect([...hasty.unread]).toEqual([expect.stringContaining('quota is used up. Try again.')]);
  });

  it('that do not come in time are given up, and those of the other functions are kept', async () => {
    events = [batch(NOW_MS - 1, 'news')];
    aws.refuse = ({ logGroupName }) => (logGroupName === groupName(DEFAULT) ? 'silence' : undefined);
    const logs = open({ ...CLI_BOUNDS, LOG_READING_MS: 1_000 });

    const lines = await findLines({ logs }, { ...ofNews, roles: ['broadcast', 'default'] });

    expect(lines).toHaveLength(1);
    expect([...logs.unread]).toEqual([expect.stringContaining('could not be read to the end in time')]);
  });

  it('of a function that the stack does not have are none', async () => {
    const logs = open();

    const lines = await findLines({ logs }, { ...ofNews, roles: ['plus'] });

    expect(lines).toEqual([]);
    expect(logs.unread.size).toBe(0);
  });

  it('that a stack keeps elsewhere are said to be missing', async () => {
    await aws.close();
    aws = await startFakeAwsLogs({ groups: { [FAN_OUT]: () => [] } });
    const logs = open();

    await findLines({ logs }, ofNews);

    expect([...logs.unread]).toEqual([expect.stringContaining('Test has no log group of its broadcast')]);
  });

  it('tell of deliveries, of a span that CloudWatch has by now', async () => {
    const [sinceMs, untilMs] = [NOW_MS - 5_000, NOW_MS];
    events = [16_000, 14_000, 12_000, 1_000].map((agoMs) => batch(NOW_MS - agoMs, 'news'));

    const deliveries = await readDeliveries({ stack: { isLocal: false }, logs: open() }, { sinceMs, untilMs });

    expect(deliveries).toMatchObject({ batches: 2, delivered: 6, lagsMs: [40, 40] });
  });

  it('tell nothing of deliveries when not all could be read: a part would be taken for the whole', async () => {
    events = [1, 2, 3, 4, 5].map((place) => batch(NOW_MS - 12_000 + place, 'news'));
    const span = { sinceMs: NOW_MS - 5_000, untilMs: NOW_MS };

    const deliveries = await readDeliveries({ stack: { isLocal: false }, logs: open(A_PAGE_OR_TWO) }, span);

    expect(deliveries).toBeUndefined();
  });
});

import { findUnchecked } from '../../../cli/doctor/check-archive.ts';
import { environmentFindings } from '../../../cli/doctor/check-environments.ts';
import { fanOutFindings, LATE_LAG_MS, UNDONE } from '../../../cli/doctor/check-fan-out.ts';
import { checkMonitoring } from '../../../cli/doctor/check-monitoring.ts';
import { readingFinding } from '../../../cli/doctor/check-reading.ts';
import type { FunctionLogLine } from '../../../cli/logs/find-lines.ts';
import { FULL_BATCH, sumUp } from '../../../cli/stats/read-deliveries.ts';
import { synthesizeStack } from '../../infra/synthesized-stack.ts';

const RESOURCES = {
  webSocketUrl: 'wss://api/live',
  callbackUrl: 'https://api/live',
  topicsTable: 'Topics',
  messagesTable: 'Messages',
  keysTable: 'Keys',
  subscriptionsTable: 'Subscriptions',
  failuresBucket: 'failures',
  messageRetentionHours: '24',
  stackName: 'Distributary',
};

describe('the doctor’s look at the functions’ environments', () => {
  it('finds nothing wrong with what the outputs say, nor with functions that are not of the backend', () => {
    const findings = environmentFindings(
      [
        { name: 'broadcast', variables: { CALLBACK_URL: 'https://api/live', MESSAGES_TABLE: 'Messages', OTHER: 'x' } },
        { name: 'custom-resource', variables: {} },
      ],
      RESOURCES,
    );

    expect(findings).toMatchObject([{ status: 'ok', found: '2 functions, as the outputs say' }]);
  });

  it('finds a function that writes its metrics under the name of another stack', () => {
    const findings = environmentFindings([{ name: 'publish', variables: { STACK_NAME: 'Other' } }], RESOURCES);

    expect(findings).toMatchObject([
      { status: 'problem', found: "STACK_NAME is Other, and the stack's is Distributary" },
    ]);
  });

  it('finds a function that keeps topics by other settings than the stack’s', () => {
    const topicSettings = '{"price/*":{"lastValueOnly":true}}';
    const functions = [
      { name: 'broadcast', variables: { TOPIC_SETTINGS: topicSettings } },
      { name: 'catch-up', variables: { TOPIC_SETTINGS: '{}' } },
    ];

    expect(environmentFindings(functions, { ...RESOURCES, topicSettings })).toMatchObject([
      { status: 'problem', check: 'environment of catch-up', found: expect.stringContaining('TOPIC_SETTINGS is {}') },
    ]);
  });

  it('names each variable that is not the stack’s', () => {
    const findings = environmentFindings(
      [{ name: 'broadcast', variables: { CALLBACK_URL: 'https://other/live', TOPICS_TABLE: 'Topics' } }],
      RESOURCES,
    );

    expect(findings).toMatchObject([
      {
        status: 'problem',
        check: 'environment of broadcast',
        found: "CALLBACK_URL is https://other/live, and the stack's is https://api/live",
      },
    ]);
  });
});

describe('the doctor’s look at the reading of the stream', () => {
  const head = { kind: 'message', topic: 'news', epoch: 'e1', seq: 9, publishedAt: 0, message: '1' } as const;

  it('finds messages that never came to the archive, with their age and the replay that delivers them', () => {
    const finding = readingFinding(head, 6, 60_000);

    expect(finding).toMatchObject({ status: 'problem', found: expect.stringContaining('newest 3 messages') });
    expect(finding?.found).toContain('1m old');
    expect(finding?.remedy).toContain('replay --topic news --from 7 --to 9');
  });

  it.each([9, undefined])(
    'finds nothing where the newest that is archived is %p: all is there, or all has expired',
    (seq) => {
      expect(readingFinding(head, seq, 60_000)).toBeUndefined();
    },
  );
});

const batch = (atMs: number, fields: Record<string, number>): FunctionLogLine => ({
  atMs,
  requestId: `r${atMs}`,
  service: 'broadcast',
  message: 'broadcast',
  fields: { batchRecords: 1, delivered: 0, ...fields },
});

describe('the doctor’s look at the fan-out', () => {
  it('sums up batches by the second, and finds nothing wrong far from the quota', () => {
    const deliveries = sumUp([
      batch(1_000, { connections: 30, delivered: 28, gone: 2, lagMs: 40 }),
      batch(1_900, { connections: 50, delivered: 50, lagMs: 20 }),
      batch(2_100, { connections: 50, delivered: 50, lagMs: 30 }),
      // A batch has a line for each of its topics.
      batch(2_100, { connections: 10, delivered: 10, lagMs: 10 }),
    ]);

    const findings = fanOutFindings(deliveries);

    expect(deliveries).toMatchObject({ batches: 3, delivered: 138, gone: 2, peakPerSecond: 80, lagsMs: [20, 30, 40] });
    expect(findings.map(({ status }) => status)).toEqual(['ok', 'ok']);
    expect(findings[0]?.found).toContain('had 80 deliveries, of 10,000 requests');
  });

  it('finds a peak near the account’s quota', () => {
    const [quota] = fanOutFindings(sumUp([batch(1_000, { connections: 8_000, delivered: 8_000, lagMs: 900 })]));

    expect(quota).toMatchObject({ status: 'problem', remedy: expect.stringContaining('batch: true') });
  });

  it.each([
    { name: 'full batches that are late', records: FULL_BATCH, lagMs: 44_808, status: 'problem', words: 'more topics' },
    { name: 'small batches that are late', records: 3, lagMs: 44_808, status: 'problem', words: 'Deliveries are slow' },
    { name: 'batches at the alarm’s threshold', records: 3, lagMs: LATE_LAG_MS, status: 'problem', words: 'are slow' },
    { name: 'batches just below it', records: FULL_BATCH, lagMs: LATE_LAG_MS - 1, status: 'ok', words: '' },
  ])('judges $name: $status', ({ records, lagMs, status, words }) => {
    const [, delivery] = fanOutFindings(sumUp([batch(1_000, { batchRecords: records, lagMs, delivered: 1 })]));

    expect(delivery).toMatchObject({ status, found: expect.stringContaining(lagMs.toLocaleString('en-US')) });
    expect(delivery?.remedy ?? '').toContain(words);
  });

  it('says how many batches were slow and how many were full', () => {
    const [, delivery] = fanOutFindings(
      sumUp([
        batch(1_000, { batchRecords: FULL_BATCH, lagMs: 9_000, delivered: 1 }),
        batch(2_000, { batchRecords: 1, lagMs: 20, delivered: 1 }),
      ]),
    );

    expect(delivery?.found).toMatch(/1 of 2 took 5,000 ms or longer .* and 1 were full/);
  });

  it.each([
    { name: 'all that was due', counts: { delivered: 0, throttled: 1, failed: 2 }, status: 'problem' },
    { name: 'as many as ring an alarm', counts: { delivered: 800, throttled: 0, failed: UNDONE }, status: 'problem' },
    { name: 'a hundred of very many', counts: { delivered: 90_000, throttled: 0, failed: UNDONE }, status: 'ok' },
    { name: 'one of a few', counts: { delivered: 2, throttled: 0, failed: 1 }, status: 'ok' },
  ])('judges deliveries left undone, $name: $status', ({ counts, status }) => {
    const lag = counts.delivered === 0 ? {} : { lagMs: 20 };
    const [, delivery] = fanOutFindings(sumUp([batch(1_000, { ...counts, ...lag })]));

    expect(delivery).toMatchObject({ status });
    expect(delivery?.found).toMatch(/\b(failed|were not taken)$/);
  });

  it('says that nothing was delivered only where nothing was due', () => {
    const [, none] = fanOutFindings(sumUp([]));
    const [, nobody] = fanOutFindings(sumUp([batch(1_000, { delivered: 0, gone: 1 })]));

    expect([none, nobody]).toMatchObject([
      { status: 'ok', found: 'nothing was delivered live in the last 10m' },
      { status: 'ok', found: 'nothing was delivered live in the last 10m' },
    ]);
  });
});

describe('the thresholds of the doctor', () => {
  const stack = synthesizeStack();
  const thresholdOf = (id: string): unknown =>
    stack.get('AWS::CloudWatch::Alarm', `Monitoring/${id}`).Properties['Threshold'];

  it('are those of the alarms', () => {
    expect(thresholdOf('DeliveryLag')).toBe(LATE_LAG_MS);
    expect([thresholdOf('Throttled'), thresholdOf('Undelivered')]).toEqual([UNDONE, UNDONE]);
  });

  it('know the size of a full batch', () => {
    const mapping = stack.get('AWS::Lambda::EventSourceMapping', 'Functions/Broadcast/Stream');

    expect(mapping.Properties['BatchSize']).toBe(FULL_BATCH);
  });
});

describe('the doctor’s look at dashboard and alarms', () => {
  it('names the dashboard, and remarks that alarms notify nobody, without calling it a problem', () => {
    const findings = checkMonitoring({ stackName: 'A', monitoring: { dashboardName: 'A-Dashboard' } });

    expect(findings).toEqual([
      { check: 'dashboard', status: 'ok', found: 'A-Dashboard, in CloudWatch' },
      {
        check: 'alarms',
        status: 'notice',
        found: expect.stringContaining('nobody'),
        remedy: expect.stringContaining('-c alarmEmail='),
      },
    ]);
  });

  it('names the topic that alarms are sent to', () => {
    const arn = 'arn:aws:sns:eu-central-1:000000000000:alarms';

    const [, alarms] = checkMonitoring({ stackName: 'A', monitoring: { dashboardName: 'D', alarmTopicArn: arn } });

    expect(alarms).toMatchObject({ status: 'ok', found: expect.stringContaining(arn) });
  });

  it('asks for a deployment where the outputs do not name the dashboard, and is left out locally', () => {
    expect(checkMonitoring({ stackName: 'A', monitoring: {} })[0]).toMatchObject({ status: 'problem' });
    expect(checkMonitoring({ monitoring: {} })).toMatchObject([{ status: 'skipped' }]);
  });
});

describe('the doctor’s look at one topic', () => {
  const head = { topic: 'news', epoch: 'e1', seq: 1, publishedAt: 0 } as const;
  const listed = [
    { topic: 'news', shards: 1, head: { ...head, kind: 'message', message: '1' } },
    { topic: 'counter:votes', shards: 1, head: { ...head, topic: 'counter:votes', kind: 'counter', value: 1 } },
    { topic: 'imported', shards: 1, head: undefined },
  ] as const;

  it('finds that there is none, and names those that it may be', () => {
    const finding = findUnchecked(listed, 'nwes');

    expect(finding).toMatchObject({
      status: 'problem',
      found: 'Nobody has published to nwes. Did you mean news?',
      remedy: expect.stringContaining('distributary stats'),
    });
  });

  it.each([
    ['counter:votes', 'a counter is not archived'],
    ['imported', 'its item is malformed (above)'],
  ])('does not call the archive of %s whole, which has none', (topic, found) => {
    expect(findUnchecked(listed, topic)).toMatchObject({ status: 'skipped', found });
  });

  it('checks a topic of messages', () => {
    expect(findUnchecked(listed, 'news')).toBeUndefined();
  });
});

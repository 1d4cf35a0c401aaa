import { environmentFindings } from '../../../cli/doctor/check-environments.ts';
import { fanOutFindings } from '../../../cli/doctor/check-fan-out.ts';
import { readingFinding } from '../../../cli/doctor/check-reading.ts';
import type { FunctionLogLine } from '../../../cli/logs/find-lines.ts';
import { FULL_BATCH, sumUp } from '../../../cli/stats/read-deliveries.ts';

const RESOURCES = {
  webSocketUrl: 'wss://api/live',
  callbackUrl: 'https://api/live',
  topicsTable: 'Topics',
  messagesTable: 'Messages',
  keysTable: 'Keys',
  subscriptionsTable: 'Subscriptions',
  failuresBucket: 'failures',
  messageRetentionHours: '24',
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
      // The same batch has a line for each of its topics.
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
    { name: 'full batches that are late', records: FULL_BATCH, lagMs: 9_000, status: 'problem' },
    { name: 'small batches that are late', records: 3, lagMs: 9_000, status: 'ok' },
    { name: 'full batches that are in time', records: FULL_BATCH, lagMs: 900, status: 'ok' },
  ])('judges $name: $status', ({ records, lagMs, status }) => {
    const [, delivery] = fanOutFindings(sumUp([batch(1_000, { batchRecords: records, lagMs, delivered: 1 })]));

    expect(delivery).toMatchObject({ status });
  });
});

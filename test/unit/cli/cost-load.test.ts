import fc from 'fast-check';
import { rateOf, readLoad, sizeOf } from '../../../cli/cost/load.ts';
import { UsageError } from '../../../cli/operator-error.ts';
import { runCommand } from '../../helpers/command.ts';
import { LOAD } from '../../helpers/sample-load.ts';

const GIVEN = { connections: '50000', publishes: '20/s', fanout: '300' };

describe('a rate', () => {
  it.each([
    ['20/s', 20],
    ['0.5/s', 0.5],
    ['1200/min', 20],
    ['5400/h', 1.5],
    ['86400/day', 1],
  ])('%s', (text, perSecond) => {
    expect(rateOf(text)).toBe(perSecond);
  });

  it.each(['', '20', '/s', '0/s', '-1/s', '1e3/s', '20/m', '20/sec', '20 /s', '20/s/s'])('is not «%s»', (text) => {
    expect(() => rateOf(text)).toThrow(UsageError);
  });

  it('is the same by the second and by the minute', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1e6 }), (count) => rateOf(`${count * 60}/min`) === count));
  });
});

describe('a size', () => {
  it.each([
    ['200b', 200],
    ['200', 200],
    ['1kb', 1_024],
    ['1KB', 1_024],
    ['1.5kb', 1_536],
    ['0.1kb', 103],
    ['28kb', 28_672],
  ])('%s', (text, bytes) => {
    expect(sizeOf(text)).toBe(bytes);
  });

  it.each(['', 'kb', '0', '-1kb', '1mb', '1 kb', '28.001kb'])('is not «%s»', (text) => {
    expect(() => sizeOf(text)).toThrow(UsageError);
  });
});

describe('a load on the command line', () => {
  it('has 1 KB a message, no batches and the whole day unless said', () => {
    expect(readLoad(GIVEN, [])).toEqual(LOAD);
  });

  it('takes batches with a number, and without', () => {
    expect(readLoad({ ...GIVEN, batch: true }, []).messagesPerFrame).toBe('gathered');
    expect(readLoad({ ...GIVEN, batch: true }, ['8']).messagesPerFrame).toBe(8);
  });

  it.each([
    ['a missing one', { connections: '1', publishes: '1/s' }, [], '--fanout is missing'],
    ['no connection', { ...GIVEN, connections: '0' }, [], '--connections is a whole number, 1 or more'],
    ['too many', { ...GIVEN, connections: '100000001' }, [], '--connections is at most 100,000,000'],
    ['too often', { ...GIVEN, publishes: '1000001/s' }, [], '--publishes is at most 1,000,000 a second'],
    ['more subscribers than connections', { ...GIVEN, fanout: '50001' }, [], '--fanout is at most --connections'],
    ['a stray word', GIVEN, ['8'], 'cost takes options only'],
    ['a batch of none', { ...GIVEN, batch: true }, ['0'], '--batch is a whole number from 1 to 1000'],
    ['two batches', { ...GIVEN, batch: true }, ['1', '2'], '--batch is a whole number from 1 to 1000'],
    ['a long day', { ...GIVEN, 'hours-online': '25' }, [], '--hours-online is a number of hours a day'],
    ['no hour of retention', { ...GIVEN, retention: '0' }, [], '--retention is a whole number of hours from 1 to 8760'],
    ['a retention of nothing', { ...GIVEN, retention: '5', 'last-value-only': true }, [], 'has no retention'],
  ])('refuses %s with one sentence', (...[, values, positionals, sentence]) => {
    expect(() => readLoad(values, positionals)).toThrow(UsageError);
    expect(() => readLoad(values, positionals)).toThrow(sentence);
  });
});

describe('distributary cost', () => {
  const args = ['cost', '--connections', '50000', '--publishes', '20/s', '--fanout', '300'];

  it('prints the bill, others’ bills, what binds first and what was assumed, with numbers under one another', async () => {
    const { code, stdout, stderr } = await runCommand(1, ...args, '--batch', '4');
    const bill = stdout.slice(stdout.indexOf('A month'), stdout.indexOf('The same load')).split('\n');

    expect([code, stderr]).toEqual([0, '']);
    for (const part of [
      'API Gateway',
      'DynamoDB',
      'AppSync Events',
      'IoT Core',
      'Ably',
      'Pusher',
      'The default quotas of an account',
    ]) {
      expect(stdout).toContain(part);
    }
    expect(stdout).toContain('6,000 deliveries/s, 4 a frame');
    expect(stdout).toMatch(/Assumed\n {2}\S/);
    expect(stdout).toContain('https://aws.amazon.com/api-gateway/pricing/');
    const ends = bill.filter((line) => /\.\d\d$/.test(line)).map(({ length }) => length);
    expect(ends.length).toBeGreaterThan(10);
    expect(new Set(ends).size).toBe(1);
  });

  it('says the same as JSON, and nothing else', async () => {
    const { stdout } = await runCommand(1, ...args, '--json');

    const said: { bill: { usd: number }; peers: readonly unknown[] } = JSON.parse(stdout);
    expect(said.bill.usd).toBeGreaterThan(0);
    expect(said.peers).toHaveLength(4);
  });

  it('knows the prices of one region, and says so of another', async () => {
    const { code, stderr } = await runCommand(1, ...args, '--region', 'eu-west-1');

    expect(code).toBe(2);
    expect(stderr).toContain('--region eu-west-1: prices are known for us-east-1 only.');
  });
});

import { readArguments } from '../../../local/arguments.ts';
import { RuntimeSetupError } from '../../../local/model.ts';

describe('--edges', () => {
  it.each([
    [[], 0],
    [['--edges', '0'], 0],
    [['--edges', '8'], 8],
  ])('%j is %d', (argv, edges) => {
    expect(readArguments(argv, {}).edges).toBe(edges);
  });

  it.each(['9', 'x', '-1', '1.5', ''])('%j is refused with what it should be', (text) => {
    expect(() => readArguments([`--edges=${text}`], {})).toThrow(RuntimeSetupError);
    expect(() => readArguments([`--edges=${text}`], {})).toThrow('--edges is a number from 0 to 8');
  });
});

describe('--origin', () => {
  it('may be given several times, in the form in which a person writes it', () => {
    const argv = ['--origin', 'HTTP://LocalHost:5173/', '--origin=https://app.example:443'];

    expect(readArguments(argv, {}).origins).toEqual(['http://localhost:5173', 'https://app.example']);
    expect(readArguments([], {}).origins).toEqual([]);
  });

  it.each(['*', 'null', 'localhost:5173', 'http://localhost:5173/app', 'http://a@b', 'file:///tmp', 'ws://a', ''])(
    '%j is refused with what it should be',
    (text) => {
      expect(() => readArguments([`--origin=${text}`], {})).toThrow(RuntimeSetupError);
      expect(() => readArguments([`--origin=${text}`], {})).toThrow('--origin is a scheme, a host and a port');
    },
  );
});

describe('--auth', () => {
  it('is off by default', () => {
    expect(readArguments([], {}).auth).toBe(false);
    expect(readArguments(['--auth'], {}).auth).toBe(true);
  });

  it('is refused with an assembly, which is synthesized already', () => {
    expect(() => readArguments(['--auth', '--assembly', 'cdk.out'], {})).toThrow(RuntimeSetupError);
    expect(() => readArguments(['--auth', '--assembly', 'cdk.out'], {})).toThrow('--auth is for the app of cdk.json');
  });
});

describe('--limits', () => {
  it('names times, sizes and counts', () => {
    const text = 'idle=5s,lifetime=2m,message=8KB,in-flight=4,init=300ms,warm=90s,event-retry=1m';

    expect(readArguments(['--limits', text], {}).limits).toEqual({
      gateway: { idleMs: 5_000, durationMs: 120_000, messageBytes: 8_192, messagesInFlight: 4 },
      lambda: { initMs: 300, idleSeconds: 90, eventRetryMs: 60_000 },
    });
    expect(readArguments([], {}).limits).toEqual({ gateway: {}, lambda: {} });
  });

  it.each([
    [
      'idel=5s',
      '--limits: idel is not known: authorizer, buffer, environments, event-retry, frame, idle, in-flight, init, lifetime',
    ],
    ['idle', '--limits: idle is a whole number with ms, s, m, h, not '],
    ['idle=5', '--limits: idle is a whole number with ms, s, m, h, not 5'],
    ['idle=0s', '--limits: idle is a whole number with ms, s, m, h, not 0s'],
    ['idle=600h', '--limits: idle is a whole number with ms, s, m, h, not 600h'],
    ['message=5s', '--limits: message is a whole number with B, KB, MB, not 5s'],
    ['in-flight=2KB', '--limits: in-flight is a whole number from 1, not 2KB'],
  ])('%j is refused with what it should be', (text, words) => {
    expect(() => readArguments(['--limits', text], {})).toThrow(RuntimeSetupError);
    expect(() => readArguments(['--limits', text], {})).toThrow(words);
  });
});

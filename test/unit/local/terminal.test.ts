import { createTerminal, type TerminalOptions } from '../../../local/terminal.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 1, 234);
const REQUEST_ID = '3f2a1c99-0000-4000-8000-000000000000';

function openTerminal(options: Partial<TerminalOptions> = {}) {
  const written: string[] = [];
  const terminal = createTerminal({ write: (text) => written.push(text), color: false, now: () => NOW_MS, ...options });
  return { terminal, text: () => written.join('') };
}

describe('The terminal', () => {
  it('shows a structured log line without what every line has', () => {
    const { terminal, text } = openTerminal();
    const line = JSON.stringify({
      level: 'INFO',
      message: 'message',
      timestamp: '2026-11-20T12:00:05.678Z',
      service: 'publish',
      cold_start: true,
      function_arn: 'arn',
      function_memory_size: '256',
      function_name: 'publish',
      function_request_id: REQUEST_ID,
      xray_trace_id: '1-2-3',
      topic: 'x',
    });

    terminal.lambdaLog('Stack-PublishF22BFDAD', REQUEST_ID, line);

    expect(text()).toBe('12:00:05.678 publish 3f2a1c INFO  message {"topic":"x"}\n');
  });

  it('indents the stack of an error, and its causes, below the line', () => {
    const { terminal, text } = openTerminal();
    const cause = { name: 'TypeError', message: 'deep' };
    const error = { name: 'Error', message: 'broke', stack: 'Error: broke\n    at f (a.ts:1:2)', cause };

    terminal.lambdaLog('publish', REQUEST_ID, JSON.stringify({ level: 'ERROR', message: 'failed', error }));

    expect(text()).toBe(
      [
        '12:00:01.234 publish 3f2a1c ERROR failed',
        '    Error: broke',
        '        at f (a.ts:1:2)',
        '    caused by TypeError: deep',
        '',
      ].join('\n'),
    );
  });

  it('shows a plain line as it is, and JSON that is no log line', () => {
    const { terminal, text } = openTerminal();

    terminal.lambdaLog('publish', undefined, 'just text');
    terminal.lambdaLog('publish', REQUEST_ID, '{"a":1}');
    terminal.lambdaLog('publish', REQUEST_ID, '{not json');

    expect(text()).toBe(
      [
        '12:00:01.234 publish - just text',
        '12:00:01.234 publish 3f2a1c {"a":1}',
        '12:00:01.234 publish 3f2a1c {not json',
        '',
      ].join('\n'),
    );
  });

  it('shows what went through Lambda’s console with its level, breaks as lines below', () => {
    const { terminal, text } = openTerminal();

    terminal.lambdaLog('publish', REQUEST_ID, `2026-11-20T12:00:09.000Z\t${REQUEST_ID}\tWARN\ttwo\rlines`);

    expect(text()).toBe('12:00:09.000 publish 3f2a1c WARN  two\n    lines\n');
  });

  it('shows the error that ended an invocation', () => {
    const { terminal, text } = openTerminal();
    const error = JSON.stringify({
      errorType: 'RangeError',
      errorMessage: 'far',
      stack: ['RangeError: far', '    at g'],
    });

    terminal.lambdaLog(
      'publish',
      REQUEST_ID,
      `2026-11-20T12:00:09.000Z\t${REQUEST_ID}\tERROR\tInvoke Error \t${error}`,
    );

    expect(text()).toBe(
      '12:00:09.000 publish 3f2a1c ERROR Invoke Error: RangeError: far\n    RangeError: far\n        at g\n',
    );
  });

  it('leaves metrics out unless it is verbose', () => {
    const metrics = '{"_aws":{"Timestamp":1},"published":1}';
    const quiet = openTerminal();
    const verbose = openTerminal({ verbose: true });

    quiet.terminal.lambdaLog('publish', REQUEST_ID, metrics);
    verbose.terminal.lambdaLog('publish', REQUEST_ID, metrics);

    expect(quiet.text()).toBe('');
    expect(verbose.text()).toBe(`12:00:01.234 publish 3f2a1c ${metrics}\n`);
  });

  it('escapes control characters, from payloads and from plain lines', () => {
    const { terminal, text } = openTerminal();
    const evil = 'a\u001b[2Jb\u0007\u009b\u202e\rc';

    terminal.lambdaLog('publish', REQUEST_ID, evil);
    terminal.lambdaLog('publish', REQUEST_ID, JSON.stringify({ level: 'IN\u001bFO', message: evil, topic: evil }));
    terminal.info(evil);

    // oxlint-disable-next-line no-control-regex -- they are what must not be there
    expect(text().replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(text()).toContain('a\\u001b[2Jb\\u0007\\u009b\\u202e\\u000dc');
  });

  it('colours the level, only where colour is wanted', () => {
    const { terminal, text } = openTerminal({ color: true });

    terminal.lambdaLog('publish', REQUEST_ID, JSON.stringify({ level: 'ERROR', message: 'failed' }));

    expect(text()).toBe('12:00:01.234 publish 3f2a1c \u001b[31mERROR\u001b[0m failed\n');
  });

  it('prefixes the runtime’s own words the same way, without a function', () => {
    const { terminal, text } = openTerminal();

    terminal.info('ready');
    terminal.warn('slow\nvery');

    expect(text()).toBe('12:00:01.234 INFO  ready\n12:00:01.234 WARN  slow\n    very\n');
  });
});

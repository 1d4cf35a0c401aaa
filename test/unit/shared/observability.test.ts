import { spawnSync } from 'node:child_process';

const MODULE = new URL('../../../shared/observability.ts', import.meta.url).href;

/** Returns the line that a logger writes for these fields, which are source code. */
function lineOf(fields: string): Readonly<Record<string, unknown>> {
  const script = `const { createLogger } = await import('${MODULE}'); createLogger('s').info('m', ${fields});`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', env: {} });
  return JSON.parse(stdout);
}

describe('the logger', () => {
  it('writes fields that are empty, zero, false or null, since each says something', () => {
    const line = lineOf("{ text: '', count: 0, flag: false, nothing: null, list: [] }");

    expect(line).toMatchObject({
      message: 'm',
      service: 's',
      text: '',
      count: 0,
      flag: false,
      nothing: null,
      list: [],
    });
  });

  it('leaves out what is undefined', () => {
    expect(lineOf('{ absent: undefined }')).not.toHaveProperty('absent');
  });
});

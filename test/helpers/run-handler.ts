import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { COMPILE_CACHE } from './compile-cache.ts';
import { lambdaContext } from './lambda-events.ts';

const HANDLERS = resolve(import.meta.dirname, '../../handlers');

/** A handler's run in a separate process. */
export interface HandlerRun {
  readonly handler: string;
  readonly event: object;
  readonly environment: Readonly<Record<string, string>>;
}

type LogLine = Readonly<Record<string, unknown>>;

/** Runs a handler in a separate process, as Lambda does, and returns the lines of JSON that it writes. */
export function runHandler({ handler, event, environment }: HandlerRun): readonly LogLine[] {
  const { href } = pathToFileURL(join(HANDLERS, `${handler}.ts`));
  const script = `const { handler } = await import('${href}'); await handler(${JSON.stringify(event)}, ${JSON.stringify(lambdaContext)});`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { ...COMPILE_CACHE, AWS_REGION: 'eu-central-1', AWS_LAMBDA_FUNCTION_NAME: handler, ...environment },
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.split('\n').flatMap((line): LogLine[] => (line.startsWith('{') ? [JSON.parse(line)] : []));
}

import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { COMPILE_CACHE } from './compile-cache.ts';
import { lambdaContext } from './lambda-events.ts';

const HANDLER = pathToFileURL(join(resolve(import.meta.dirname, '../..'), 'handlers', 'authorize.ts')).href;
const OUTCOME = 'OUTCOME ';

/** A script that invokes the authorizer with each event, and prints what it returns or throws, with all fields. */
const SCRIPT = `
  const [url, events, context] = process.argv.slice(1);
  const { handler } = await import(url);
  for (const event of JSON.parse(events)) {
    const outcome = await handler(event, JSON.parse(context)).then(
      (returned) => ({ returned }),
      (error) => ({ thrown: error.message, fields: Object.keys(error), cause: String(error.cause), stack: error.stack }),
    );
    console.log(${JSON.stringify(OUTCOME)} + JSON.stringify(outcome));
  }
`;

export interface AuthorizerRun {
  /** The outcome of each event. */
  readonly outcomes: readonly { readonly returned?: unknown; readonly thrown?: string; readonly fields?: string[] }[];
  /** The lines of JSON that the function wrote. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** All that it wrote, the outcomes that the script printed excepted. */
  readonly output: string;
  /** The thrown errors as Lambda would write them into the log. */
  readonly errors: string;
}

/** Runs the authorizer in a process of its own, so that the test can see all that it writes, and serve it keys. */
export async function runAuthorizer(
  events: readonly object[],
  environment: Readonly<Record<string, string>>,
): Promise<AuthorizerRun> {
  const args = [
    '--input-type=module',
    '-e',
    SCRIPT,
    '--',
    HANDLER,
    JSON.stringify(events),
    JSON.stringify(lambdaContext),
  ];
  const env = { ...COMPILE_CACHE, AWS_LAMBDA_FUNCTION_NAME: 'authorize', ...environment };
  const child = spawn(process.execPath, args, { env });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(String(chunk)));
  await new Promise((done) => child.once('close', done));
  const written = chunks.join('').split('\n');
  const outcomes = written.filter((line) => line.startsWith(OUTCOME)).map((line) => line.slice(OUTCOME.length));
  const others = written.filter((line) => !line.startsWith(OUTCOME));
  return {
    outcomes: outcomes.map((line) => JSON.parse(line)),
    lines: others.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : [])),
    output: others.join('\n'),
    errors: outcomes.filter((line) => line.includes('"thrown"')).join('\n'),
  };
}

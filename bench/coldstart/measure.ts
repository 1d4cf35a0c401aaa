import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadAssembly } from '../../local/assembly/load-assembly.ts';
import type { FunctionModel } from '../../local/model.ts';
import { BENCH_BOUNDS } from '../bounds.ts';
import { monotonicMs } from '../harness/clock.ts';

/** A file that exports `handler`, with the variables that it is deployed with. */
export interface Startable {
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** One whole fresh process, from its start to its exit. */
export interface Start {
  readonly wallMs: number;
  /** Of all its threads. */
  readonly cpuMs: number;
}

/** What beside its code and variables every function has on Lambda. */
const LAMBDA_VARIABLES = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_SESSION_TOKEN: 'example',
} as const;

/** Any port: nothing is called. */
const UNUSED_PORT = 1;

/** Loads a handler, its clients and all that is made of them, and tells what that cost. */
const LOADER = `
  const { handler } = await import(process.argv[1]);
  if (typeof handler !== 'function') throw new TypeError('There is no handler.');
  const { user, system } = process.cpuUsage();
  process.stdout.write(String((user + system) / 1_000));
`;

/** Every route of a synthesized application as it is deployed, by its key. */
export function routesOf(assembly: string): ReadonlyMap<string, Startable> {
  const { api, functions } = loadAssembly(assembly, { port: UNUSED_PORT });
  const byArn = new Map(functions.map((model) => [model.arn, model]));
  return new Map(
    api.routes.flatMap(({ routeKey, functionArn = '' }) => {
      const model = byArn.get(functionArn);
      return model === undefined ? [] : [[routeKey, startableOf(model)] as const];
    }),
  );
}

const startableOf = ({ codeDirectory, environment }: FunctionModel): Startable => ({
  file: join(codeDirectory, 'index.mjs'),
  environment,
});

/** Starts a whole fresh process that loads a handler and ends when it could take its first event. Throws what it printed if it fails. */
export function startCold({ file, environment }: Startable): Start {
  const beganMs = monotonicMs();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', LOADER, '--', pathToFileURL(file).href],
    { encoding: 'utf8', env: { ...LAMBDA_VARIABLES, ...environment }, timeout: BENCH_BOUNDS.WORKER_MS },
  );
  const wallMs = monotonicMs() - beganMs;
  if (status !== 0) throw new Error(`${file} was not loaded: ${stderr.slice(0, BENCH_BOUNDS.OUTPUT)}`);
  return { wallMs, cpuMs: Number(stdout) };
}

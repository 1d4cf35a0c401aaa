import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadAssembly } from '../../local/assembly/load-assembly.ts';
import type { FunctionModel } from '../../local/model.ts';
import { BENCH_BOUNDS } from '../bounds.ts';
import { monotonicMs } from '../harness/clock.ts';

/** A file that exports `handler`, with its environment variables as deployed. */
export interface Startable {
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The cost of one fresh process, from its start to its exit. */
export interface Start {
  readonly wallMs: number;
  /** CPU time in ms of all its threads. */
  readonly cpuMs: number;
}

/** The environment variables that every function has on Lambda. */
const LAMBDA_VARIABLES = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_SESSION_TOKEN: 'example',
} as const;

/** A port that is never used: nothing is called. */
const UNUSED_PORT = 1;

/** The script that loads a handler with its clients, and prints the CPU time. */
const LOADER = `
  const { handler } = await import(process.argv[1]);
  if (typeof handler !== 'function') throw new TypeError('There is no handler.');
  const { user, system } = process.cpuUsage();
  process.stdout.write(String((user + system) / 1_000));
`;

/** Returns every route of a synthesized application as deployed, by its key. */
export function routesOf(assembly: string): ReadonlyMap<string, Startable> {
  const { webSocketApis, functions } = loadAssembly(assembly, { port: UNUSED_PORT });
  const routes = webSocketApis.flatMap(({ stages }) => stages).flatMap((stage) => stage.routes);
  const byArn = new Map(functions.map((model) => [model.arn, model]));
  return new Map(
    routes.flatMap(({ routeKey, functionArn = '' }) => {
      const model = byArn.get(functionArn);
      return model === undefined ? [] : [[routeKey, startableOf(model)] as const];
    }),
  );
}

const startableOf = ({ codeDirectory, environment }: FunctionModel): Startable => ({
  file: join(codeDirectory, 'index.mjs'),
  environment,
});

/**
 * Starts a fresh process that loads a handler, and exits when it could receive its first event. Throws with the output
 * of a process that fails.
 */
export function startCold({ file, environment }: Startable): Start {
  const beganMs = monotonicMs();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', LOADER, '--', pathToFileURL(file).href],
    { encoding: 'utf8', env: { ...LAMBDA_VARIABLES, ...environment }, timeout: BENCH_BOUNDS.WORKER_MS },
  );
  const wallMs = monotonicMs() - beganMs;
  if (status !== 0) throw new Error(`${file} could not be loaded: ${stderr.slice(0, BENCH_BOUNDS.OUTPUT)}`);
  return { wallMs, cpuMs: Number(stdout) };
}

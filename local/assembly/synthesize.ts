import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';

import { type Json, RuntimeSetupError, type Terminal } from '../model.ts';
import { asFields, type Fields, findFields, getTextField } from './fields.ts';
import { outputTail } from '../child-process.ts';

/**
 * Deadline in ms of a synthesis, 300,000. An app that takes longer is stuck: a cold one with bundling takes seconds.
 */
const SYNTHESIS_TIMEOUT_MS = 300_000;

/** The version in `CDK_CLI_VERSION`. Constructs read it to check that a current CLI runs them. */
const CLI_VERSION = '2.1148.1';

/** The options of a synthesis. */
export interface SynthesisOptions {
  /** The path of the application's cdk.json. */
  readonly cdkJson: string;
  readonly outputDirectory: string;
  /** Context values over those of cdk.json, as `-c` of the CDK CLI sets them. */
  readonly context?: Readonly<Record<string, Json>>;
}

/** The dependencies of a synthesis. */
export interface SynthesisDeps {
  readonly terminal: Terminal;
  /** Aborts the synthesis and kills every process that the command started. */
  readonly signal?: AbortSignal;
}

/** Runs the app command of a cdk.json as the CDK CLI would. Running it through the CLI would double the time. */
export async function synthesize(options: SynthesisOptions, deps: SynthesisDeps): Promise<void> {
  const directory = dirname(resolve(options.cdkJson));
  const config = readConfig(options.cdkJson);
  const command = getTextField(config, 'app');
  mkdirSync(options.outputDirectory, { recursive: true });
  const app = spawn(command, {
    cwd: directory,
    env: environmentFor({ ...options, config, directory, outputDirectory: resolve(options.outputDirectory) }),
    shell: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A separate process group, so that the shell and its children can be killed together.
    detached: true,
  });
  const limit = AbortSignal.timeout(SYNTHESIS_TIMEOUT_MS);
  const ending = AbortSignal.any([limit, ...(deps.signal === undefined ? [] : [deps.signal])]);
  const endGroup = (): void => killGroup(app.pid);
  ending.addEventListener('abort', endGroup);
  process.once('exit', endGroup);
  const said = outputTail([app.stdout, app.stderr]);
  const exit = await exitOf(app);
  ending.removeEventListener('abort', endGroup);
  process.off('exit', endGroup);
  if (exit === 0) return;
  deps.terminal.warn(said().trimEnd());
  throw new RuntimeSetupError(`synthesis failed: \`${command}\` in ${directory} ended with ${exit}`);
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // The process group has already ended.
  }
}

function exitOf(app: ReturnType<typeof spawn>): Promise<number | string> {
  return new Promise((resolve, reject) => {
    app.once('error', reject);
    app.once('close', (code, signal) => resolve(code ?? signal ?? 'no exit code'));
  });
}

function readConfig(path: string): Fields {
  try {
    const config: Json = JSON.parse(readFileSync(path, 'utf8'));
    return asFields(config, path);
  } catch (cause) {
    throw new RuntimeSetupError(`${path} cannot be read as the configuration of a CDK app`, { cause });
  }
}

interface Surroundings extends SynthesisOptions {
  readonly config: Fields;
  readonly directory: string;
}

function environmentFor({ config, directory, outputDirectory, context: chosen }: Surroundings): NodeJS.ProcessEnv {
  const lookedUp = join(directory, 'cdk.context.json');
  const context = {
    ...(existsSync(lookedUp) ? readConfig(lookedUp).values : {}),
    ...findFields(config, 'context')?.values,
    ...chosen,
  };
  return {
    ...process.env,
    CDK_CLI_VERSION: CLI_VERSION,
    CDK_CONTEXT_JSON: JSON.stringify(context),
    CDK_OUTDIR: outputDirectory,
    PATH: [join(directory, 'node_modules', '.bin'), process.env['PATH']].join(delimiter),
  };
}

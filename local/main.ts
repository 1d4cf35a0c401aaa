import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Arguments, HELP, readArguments } from './arguments.ts';
import { synthesize } from './assembly/synthesize.ts';
import { prepareDataDirectory } from './data-directory.ts';
import { checkPort } from './gateway/listen.ts';
import { RuntimeSetupError, type Terminal } from './model.ts';

import { createPage } from './page.ts';
import { type Runtime, startRuntime } from './runtime.ts';
import { createShutdown, type Shutdown } from './shutdown.ts';
import { createTerminal } from './terminal.ts';

/** Everything has ended by then, or the process ends without it. */
const SHUTDOWN_MAXIMUM_MS = 2_800;

const say = (text: string): void => void process.stdout.write(text);

await main().catch((error: unknown) => {
  // A mistake of the person at the terminal is one line; anything else is ours, and has its stack.
  const isSetup = error instanceof RuntimeSetupError;
  process.stderr.write(`${isSetup ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});

async function main(): Promise<void> {
  const options = readArguments(process.argv.slice(2), process.env);
  if (options.help) return say(`${HELP}\n`);
  const terminal = createTerminal({ write: say, color: process.stdout.isTTY, verbose: options.verbose });
  const shutdown = createShutdown();
  endOnSignals(shutdown, terminal);
  try {
    await run(options, terminal, shutdown);
  } catch (error) {
    // Interrupted: whoever did that ends the process, when all has ended.
    if (shutdown.hasRun()) return;
    await shutdown.run();
    throw error;
  }
}

async function run(options: Arguments, terminal: Terminal, shutdown: Shutdown): Promise<void> {
  // Before anything is built: the answer to a port in use should not take seconds.
  await checkPort(options.port);
  if (options.dataDirectory !== undefined) prepareDataDirectory(options.dataDirectory);
  const assembly = options.assembly ?? (await synthesizeHere(terminal, shutdown));
  const runtime = await startRuntime(
    {
      assembly,
      port: options.port,
      engine: options.engine,
      dataDirectory: options.dataDirectory,
      tuning: { mode: options.latency },
      edges: options.edges,
    },
    { terminal, shutdown, ...(options.page === undefined ? {} : { page: createPage(options.page, terminal.warn) }) },
  );
  void endWithEngine(runtime, terminal);
  if (options.page !== undefined) say(`page  http://127.0.0.1:${runtime.port}/\n`);
  for (const url of runtime.edgeUrls) say(`edge  ${url}\n`);
  say(`ready ${runtime.url}\n`);
}

/** Without its engine there is nothing to run. */
async function endWithEngine({ engine }: Runtime, terminal: Terminal): Promise<void> {
  terminal.warn(await engine.exited);
  process.exitCode = 1;
  process.kill(process.pid, 'SIGTERM');
}

async function synthesizeHere(terminal: Terminal, shutdown: Shutdown): Promise<string> {
  const outputDirectory = await mkdtemp(join(tmpdir(), 'distributary-assembly-'));
  await shutdown.add(() => rm(outputDirectory, { recursive: true, force: true }));
  const interrupted = new AbortController();
  const synthesis = synthesize({ cdkJson: 'cdk.json', outputDirectory }, { terminal, signal: interrupted.signal });
  // Ended before its directory is removed: it would write it anew.
  await shutdown.add(async () => {
    interrupted.abort();
    await synthesis.catch(() => undefined);
  });
  await synthesis;
  return outputDirectory;
}

/** The first signal ends everything in order; a second one, or time, ends the process at once. */
function endOnSignals(shutdown: Shutdown, terminal: Terminal): void {
  let isEnding = false;
  const end = (): void => {
    if (isEnding) process.exit(1);
    isEnding = true;
    setTimeout(() => process.exit(1), SHUTDOWN_MAXIMUM_MS).unref();
    void endWith(shutdown, terminal);
  };
  process.on('SIGINT', end).on('SIGTERM', end);
}

async function endWith(shutdown: Shutdown, terminal: Terminal): Promise<never> {
  try {
    await shutdown.run();
  } catch (error) {
    terminal.warn(`Not everything ended well: ${String(error)}`);
    process.exit(1);
  }
  process.exit();
}

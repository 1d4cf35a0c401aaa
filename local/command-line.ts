import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { type Arguments, readArguments, runtimeHelp, type StartingPoint } from './arguments.ts';
import { synthesize, type SynthesisOptions } from './assembly/synthesize.ts';
import { gatherWrites } from './gather-writes.ts';
import { giveBackMemory } from './give-back-memory.ts';
import { issuerFacts } from './issuer/issuer.ts';
import { checkPort, type HeldPort, holdPort } from './ports.ts';
import { RuntimeSetupError, type Terminal } from './model.ts';
import { createPage } from './page.ts';
import { hasAuthorizer } from './open-gateways.ts';
import { type Runtime, startRuntime } from './runtime.ts';
import { createShutdown, type Shutdown } from './shutdown.ts';
import { createTerminal } from './terminal.ts';
import { VIEW_PATH } from './view/serve-view.ts';

/** Time in ms for the whole shutdown, 2,800. Past it the process exits with code 1, whatever still runs. */
const SHUTDOWN_MAXIMUM_MS = 2_800;

/** The file of a CDK app that names the command of its synthesis. */
const APP_FILE = 'cdk.json';

type Context = NonNullable<SynthesisOptions['context']>;

const say = gatherWrites((text) => void process.stdout.write(text));

/** Prints what the start does now, before `page` and `ready`. */
const sayStep = (step: string): void => say(`step  ${step}\n`);

/**
 * Runs the runtime as its command line says. Resolves when clients can connect; the process then lives until a signal
 * ends it. Prints an error and ends the process with code 1 when the start fails.
 */
export async function runCommandLine(argv: readonly string[], startingPoint: StartingPoint): Promise<void> {
  await main(argv, startingPoint).catch((error: unknown) => {
    // A user's mistake is one line; anything else is a bug and is printed with its stack.
    const isSetup = error instanceof RuntimeSetupError;
    process.stderr.write(`${isSetup ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
}

async function main(argv: readonly string[], startingPoint: StartingPoint): Promise<void> {
  const options = readArguments(argv, process.env, startingPoint);
  if (options.help) return say(`${runtimeHelp(startingPoint)}\n`);
  const terminal = createTerminal({ write: say, color: process.stdout.isTTY, verbose: options.verbose });
  const shutdown = createShutdown();
  endOnSignals(shutdown, terminal);
  try {
    await run(withDefaults(options, startingPoint), terminal, shutdown);
  } catch (error) {
    // Interrupted by a signal: its handler ends the process once everything has stopped.
    if (shutdown.hasRun()) return;
    await shutdown.run();
    throw error;
  }
}

/** The options of a run: those of the command line, and what its starting point adds. */
type RunOptions = Arguments & Pick<StartingPoint, 'checkAssembly' | 'pageQuery'>;

/** Adds the page of the starting point with its query, unless the command line names a page. */
function withDefaults(options: Arguments, { checkAssembly, page, pageQuery }: StartingPoint): RunOptions {
  const checked = { ...options, ...(checkAssembly === undefined ? {} : { checkAssembly }) };
  if (options.page !== undefined) return checked;
  return { ...checked, page, ...(pageQuery === undefined ? {} : { pageQuery }) };
}

async function run(options: RunOptions, terminal: Terminal, shutdown: Shutdown): Promise<void> {
  const heldPort = await choosePort(options.port, shutdown);
  const port = heldPort?.port ?? options.port;
  if (options.dataDirectory !== undefined) prepareDataDirectory(options.dataDirectory);
  const context = { ...options.context, ...(options.auth ? { auth: { ...issuerFacts(port) } } : {}) };
  const assembly = options.assembly ?? (await synthesizeHere(context, terminal, shutdown));
  options.checkAssembly?.(assembly);
  const runtime = await startRuntime(
    {
      assembly,
      port,
      engine: options.engine,
      dataDirectory: options.dataDirectory,
      tuning: { mode: options.latency },
      edges: options.edges,
      origins: options.origins,
      limits: options.limits,
      faults: options.faults,
      stacks: options.stacks,
      parameters: options.parameters,
      without: options.without,
      ...(options.partial ? { passOver: passOverOnce(terminal) } : {}),
    },
    {
      terminal,
      shutdown,
      heldPort,
      onStep: sayStep,
      ...(options.page === undefined ? {} : { page: createPage(options.page, terminal.warn) }),
    },
  );
  void endWithEngine(runtime, terminal);
  if (options.auth) sayIssuer(runtime);
  const query = options.pageQuery?.(runtime.url) ?? '';
  if (options.page !== undefined) say(`page  http://127.0.0.1:${runtime.port}/${query}\n`);
  say(`view  http://127.0.0.1:${runtime.port}${VIEW_PATH}\n`);
  for (const { port, isSigned } of runtime.application.functionUrls)
    say(`http  http://127.0.0.1:${port}/${isSigned ? ' (signed)' : ''}\n`);
  for (const url of runtime.edgeUrls) say(`edge  ${url}\n`);
  for (const { url, api } of runtime.stages.slice(1)) say(`also  ${url} of ${api}\n`);
  // Tools wait for this line, so it is the last one.
  say(`ready ${runtime.url}\n`);
  giveBackMemory();
}

/** Returns what names each unsupported part once. */
function passOverOnce({ warn }: Terminal): (error: RuntimeSetupError) => void {
  const named = new Set<string>();
  return ({ message }) => {
    if (!named.has(message)) warn(`passed over: ${message}`);
    named.add(message);
  };
}

/**
 * Holds a free port for port 0, because the template may name it. Checks any other one: a port in use should be
 * reported before seconds are spent on synthesis.
 */
async function choosePort(port: number, shutdown: Shutdown): Promise<HeldPort | undefined> {
  if (port !== 0) return checkPort(port).then(() => undefined);
  const held = await holdPort();
  await shutdown.add(held.release);
  return held;
}

/**
 * Prints who issues the tokens, and a command that gets one. Throws RuntimeSetupError for an app without authorizer.
 */
function sayIssuer({ port, application }: Runtime): void {
  if (!hasAuthorizer(application)) {
    throw new RuntimeSetupError('--auth: the app has no authorizer on $connect; it must read the context value auth');
  }
  const { issuer, audience } = issuerFacts(port);
  say(`auth  issuer ${issuer}, audience ${audience}\n`);
  say(`token npx distributary token --url http://127.0.0.1:${port} --sub ann --subscribe '*' --publish '*' --for 1h\n`);
}

/**
 * Creates the directory of `--data` and its missing parents. Throws RuntimeSetupError. Creates them one by one, because
 * Node's recursive mkdir never returns where a file system answers ENOENT for a path that cannot be created (/proc).
 */
function prepareDataDirectory(directory: string): void {
  try {
    make(resolve(directory));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RuntimeSetupError(`--data ${directory} cannot be used: ${reason}`, { cause });
  }
}

function make(directory: string): void {
  const found = statSync(directory, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return;
  if (found !== undefined) throw new Error('it is a file');
  make(dirname(directory));
  mkdirSync(directory);
}

/** Ends the runtime with exit code 1 when its engine has ended for good. */
async function endWithEngine({ engine }: Runtime, terminal: Terminal): Promise<void> {
  terminal.warn(await engine.exited);
  process.exitCode = 1;
  process.kill(process.pid, 'SIGTERM');
}

async function synthesizeHere(context: Context, terminal: Terminal, shutdown: Shutdown): Promise<string> {
  if (!existsSync(APP_FILE)) {
    throw new RuntimeSetupError(
      `There is no ${APP_FILE} in ${process.cwd()}: go to the folder of a CDK app, or name a synthesized one by --assembly cdk.out`,
    );
  }
  const outputDirectory = await mkdtemp(join(tmpdir(), 'distributary-assembly-'));
  await shutdown.add(() => rm(outputDirectory, { recursive: true, force: true }));
  const interrupted = new AbortController();
  sayStep(`synthesizing the app of ${APP_FILE}`);
  const synthesis = synthesize(
    { cdkJson: APP_FILE, outputDirectory, context },
    { terminal, signal: interrupted.signal },
  );
  // Stopped before its directory is removed, or synthesis would create the directory again.
  await shutdown.add(async () => {
    interrupted.abort();
    await synthesis.catch(() => undefined);
  });
  await synthesis;
  return outputDirectory;
}

/**
 * Ends everything in order on the first signal. A second signal, or `SHUTDOWN_MAXIMUM_MS`, ends the process at once.
 */
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
    terminal.warn(`The shutdown failed: ${String(error)}`);
    process.exit(1);
  }
  process.exit();
}

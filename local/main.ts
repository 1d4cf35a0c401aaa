import { runCommandLine } from './command-line.ts';

<<<<<<< HEAD
await runCommandLine(process.argv.slice(2), { command: 'npm start --' });
=======
/** Time in ms for the whole shutdown, 2,800. Past it the process exits with code 1, whatever still runs. */
const SHUTDOWN_MAXIMUM_MS = 2_800;

type Context = NonNullable<SynthesisOptions['context']>;

const say = (text: string): void => void process.stdout.write(text);

/** Prints what the start does now, before `page` and `ready`. */
const sayStep = (step: string): void => say(`step  ${step}\n`);

await main().catch((error: unknown) => {
  // A user's mistake is one line; anything else is a bug and is printed with its stack.
  const isSetup = error instanceof RuntimeSetupError;
  process.stderr.write(`${isSetup ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});

async function main(): Promise<void> {
  const options = readArguments(process.argv.slice(2), process.env);
  if (options.help) return say(`${RUNTIME_HELP}\n`);
  const terminal = createTerminal({ write: say, color: process.stdout.isTTY, verbose: options.verbose });
  const shutdown = createShutdown();
  endOnSignals(shutdown, terminal);
  try {
    await run(options, terminal, shutdown);
  } catch (error) {
    // Interrupted by a signal: its handler ends the process once everything has stopped.
    if (shutdown.hasRun()) return;
    await shutdown.run();
    throw error;
  }
}

async function run(options: Arguments, terminal: Terminal, shutdown: Shutdown): Promise<void> {
  const heldPort = await choosePort(options.port, shutdown);
  const port = heldPort?.port ?? options.port;
  if (options.dataDirectory !== undefined) prepareDataDirectory(options.dataDirectory);
  const context = options.auth ? { auth: { ...issuerFacts(port) } } : {};
  const assembly = options.assembly ?? (await synthesizeHere(context, terminal, shutdown));
  const runtime = await startRuntime(
    {
      assembly,
      port,
      engine: options.engine,
      dataDirectory: options.dataDirectory,
      tuning: { mode: options.latency },
      edges: options.edges,
      origins: options.origins,
      stacks: options.stacks,
      parameters: options.parameters,
      without: options.without,
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
  if (options.page !== undefined) say(`page  http://127.0.0.1:${runtime.port}/\n`);
  for (const url of runtime.edgeUrls) say(`edge  ${url}\n`);
  for (const { url, api } of runtime.stages.slice(1)) say(`also  ${url} of ${api}\n`);
  // Tools wait for this line, so it is the last one.
  say(`ready ${runtime.url}\n`);
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
export function prepareDataDirectory(directory: string): void {
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
  const outputDirectory = await mkdtemp(join(tmpdir(), 'distributary-assembly-'));
  await shutdown.add(() => rm(outputDirectory, { recursive: true, force: true }));
  const interrupted = new AbortController();
  sayStep('synthesizing the app of cdk.json');
  const synthesis = synthesize(
    { cdkJson: 'cdk.json', outputDirectory, context },
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
>>>>>>> h-twin

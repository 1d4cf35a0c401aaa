/**
 * Runs the conformance suite of Durable Streams against the HTTP door of a local runtime: `npm run durable-streams`.
 * The last line is `N of M passed`. docs/durable-streams.md names the tests that do not pass.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnRuntime } from '../helpers/runtime.ts';
import { installSuite } from './install.ts';

const FOLDER = join(import.meta.dirname, '..', '..', '.distributary', 'durable-streams');

/** The waits of the door: short, since the suite leaves readers behind that wait until they end. */
const HTTP = { longPollSeconds: 1, eventsSeconds: 2 } as const;

/** The Origin of the page that a preflight of the suite claims to come from. */
const ORIGIN = 'https://example.com';

/**
 * The tests that have to pass, of 338. All but the six of an optional part do; on a starved machine some of those do
 * not that give a request half a second.
 */
const EXPECTED = 325;

/**
 * The document that names the tests that do not pass. An unnamed one fails the run: whoever changes the door, or the
 * suite's version, writes the reason down.
 */
const DOCUMENT = join(import.meta.dirname, '..', '..', 'docs', 'durable-streams.md');

/** Environments of the door's Lambda that are started before: the suite has up to five requests at once, timed. */
const WARM = 6;

/** Deadline in ms of the start, with the synthesis. */
const START_MAXIMUM_MS = 120_000;

/** Deadline in ms of one test. Each takes a second or two; a busy machine is no fault. */
const TEST_MAXIMUM_MS = 60_000;

interface Results {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly testResults: readonly { readonly assertionResults: readonly Result[] }[];
}

interface Result {
  readonly status: string;
  readonly fullName: string;
  /** The titles of the groups around the test. */
  readonly ancestorTitles: readonly string[];
  readonly failureMessages: readonly string[];
}

async function main(): Promise<void> {
  installSuite(FOLDER);
  const options = ['--context', `http=${JSON.stringify(HTTP)}`, '--origin', ORIGIN];
  const runtime = await spawnRuntime(options, START_MAXIMUM_MS);
  try {
    const doorUrl = runtime.page.replace(/\/$/, '');
    await Promise.all(Array.from({ length: WARM }, () => fetch(`${doorUrl}/v1/stream/warm?offset=now&live=sse`)));
    report(await runSuite(doorUrl));
  } finally {
    await runtime.stop();
  }
}

async function runSuite(doorUrl: string): Promise<Results> {
  const outputFile = join(FOLDER, 'results.json');
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', 'suite.test.js', '--reporter=json', `--outputFile=${outputFile}`];
  const child = spawn(process.execPath, [vitest, ...args, `--testTimeout=${TEST_MAXIMUM_MS}`], {
    cwd: FOLDER,
    env: { ...process.env, DOOR_URL: doorUrl, LONG_POLL_MS: String(HTTP.longPollSeconds * 1_000) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(child, 'exit');
  const results: Results = JSON.parse(readFileSync(outputFile, 'utf8'));
  return results;
}

function report({ numTotalTests, numPassedTests, testResults }: Results): void {
  const document = readFileSync(DOCUMENT, 'utf8');
  const others = testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status !== 'passed'),
  );
  for (const { status, fullName, ancestorTitles, failureMessages } of others) {
    const [reason = ''] = (failureMessages[0] ?? '').split('\n');
    const isNamed = [fullName, ...ancestorTitles].some((title) => document.includes(`«${title}»`));
    if (!isNamed) process.exitCode = 1;
    const note = isNamed ? '' : ' (not named in docs/durable-streams.md)';
    process.stdout.write(`${status} ${fullName}${reason === '' ? '' : `: ${reason}`}${note}\n`);
  }
  process.stdout.write(`${numPassedTests} of ${numTotalTests} passed\n`);
  if (numPassedTests < EXPECTED) process.exitCode = 1;
}

await main();

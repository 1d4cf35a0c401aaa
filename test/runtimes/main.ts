/**
 * Runs a short scenario of the client library in each runtime that it names: `npm run runtimes`. Chromium runs it in
 * the tests of the page.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { FakeBackend } from '../helpers/fake-backend.ts';
import { type Installed, installRuntimes } from './install.ts';
import { paceFault } from './pace.ts';
import { REFUSED, RefusingServer } from './refusing-server.ts';

/** Deadline in ms of one run. Takes about 3 s. */
const RUN_MAXIMUM_MS = 60_000;

const FOLDER = join(import.meta.dirname, '..', '..', '.distributary', 'runtimes');

const SOURCE = join(import.meta.dirname, 'scenario.ts');

/** The oldest runtime, which the client's README promises to read the TypeScript sources. */
const READS_SOURCES = 'node-22.18.0';

interface Run extends Installed {
  readonly script: string;
}

async function main(): Promise<void> {
  const installed = installRuntimes(FOLDER);
  const own = { name: `node-${process.versions.node}`, args: [], executable: process.execPath };
  const script = await bundle();
  const runs = [own, ...installed].map((runtime): Run => ({ ...runtime, script }));
  const reader = installed.find(({ name }) => name === READS_SOURCES);
  if (reader !== undefined) runs.push({ ...reader, name: `${READS_SOURCES}, unbundled`, script: SOURCE });
  for (const each of runs) await report(each);
}

async function bundle(): Promise<string> {
  const outfile = join(FOLDER, 'scenario.mjs');
  await build({ entryPoints: [SOURCE], outfile, bundle: true, minify: true, format: 'esm', target: 'es2022' });
  return outfile;
}

async function report(run: Run): Promise<void> {
  const beganMs = performance.now();
  const fault = await faultOf(run);
  const seconds = ((performance.now() - beganMs) / 1_000).toFixed(1);
  process.stdout.write(`${fault === undefined ? 'ok  ' : 'FAIL'} ${run.name} (${seconds} s)\n`);
  if (fault === undefined) return;
  process.stdout.write(`${fault}\n`);
  process.exitCode = 1;
}

/** Runs the scenario against two servers. Returns what went wrong, or undefined. */
async function faultOf(run: Run): Promise<string | undefined> {
  const backend = new FakeBackend();
  const refusing = new RefusingServer();
  const [{ url }, refusingUrl] = await Promise.all([backend.start(), refusing.start()]);
  const child = spawn(run.executable, [...run.args, run.script, url, refusingUrl], { stdio: 'pipe' });
  const { output, isDone } = await follow(child, () => {
    backend.cut();
    backend.publish('news', 'missed');
  });
  await Promise.all([backend.stop(), refusing.stop()]);
  const pace = paceFault(refusing.attemptsMs, REFUSED + 1);
  return isDone && pace === undefined ? undefined : [pace, output].filter(Boolean).join('\n');
}

async function follow(child: ChildProcess, cut: () => void): Promise<{ output: string; isDone: boolean }> {
  const lines: string[] = [];
  const timer = setTimeout(() => {
    lines.push(`It did not end within ${RUN_MAXIMUM_MS / 1_000} seconds.`);
    child.kill('SIGKILL');
  }, RUN_MAXIMUM_MS);
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (line === 'CUT') cut();
    });
  }
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  return { output: lines.join('\n'), isDone: code === 0 && lines.includes('DONE') };
}

await main();

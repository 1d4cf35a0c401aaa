import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BENCH_HELP, BenchUsageError, readTask, type Task } from './arguments.ts';
import { createAssemblies } from './assembly/assemblies.ts';
import { BENCHES } from './benches.ts';
import { compareWith } from './compare/compare.ts';
import { monotonicMs } from './harness/clock.ts';
import type { Bench, BenchContext } from './model.ts';
import { HERE } from './processes/start-runtime.ts';
import { machine } from './report/machine.ts';
import { plot } from './report/plot.ts';
import { figureTables, goalTable, withTable } from './report/tables.ts';
import { type BenchResult, ratiosOf, readResults, resultOf, writeResult } from './report/result.ts';

const RESULTS = join(HERE, 'bench', 'results');
/** The documents that contain the table of goals. */
const DOCUMENTS = ['README.md', 'docs/performance.md'] as const;
const MS_PER_SECOND = 1_000;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const progress = (line: string): void => void process.stderr.write(`${line}\n`);

await main().catch((error: unknown) => {
  const isTheirs = error instanceof BenchUsageError;
  progress(isTheirs ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = isTheirs ? 2 : 1;
});

async function main(): Promise<void> {
  const task = readTask(process.argv.slice(2));
  if (task.kind === 'help') return say(BENCH_HELP);
  if (task.kind === 'table') return writeReports();
  const temporary = await mkdtemp(join(tmpdir(), 'distributary-bench-'));
  try {
    await measure(task, contextIn(temporary));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function contextIn(temporary: string): BenchContext {
  return {
    assembly: createAssemblies(temporary),
    temporaryDirectory: () => mkdtemp(join(temporary, 'scratch-')),
    progress,
  };
}

async function measure(task: Exclude<Task, { kind: 'help' | 'table' }>, context: BenchContext): Promise<void> {
  if (task.kind === 'compare') {
    const result = await timed('compare', () => compareWith(task, context));
    return say(figureTables([result]));
  }
  for (const bench of BENCHES.filter(({ name }) => task.names.includes(name))) {
    const result = await runBench(bench, context);
    if (task.json) return say(JSON.stringify(ratiosOf(result)));
    writeResult(RESULTS, result);
    say(`${figureTables([result])}\n`);
  }
  await writeReports();
}

async function runBench(bench: Bench, context: BenchContext): Promise<BenchResult> {
  progress(`${bench.name}: ${bench.summary}`);
  return timed(bench.name, () => bench.run({ ...context, progress: (line) => progress(`  ${bench.name} ${line}`) }));
}

async function timed(name: string, run: () => ReturnType<Bench['run']>): Promise<BenchResult> {
  const beganMs = monotonicMs();
  const measured = await run();
  const seconds = (monotonicMs() - beganMs) / MS_PER_SECOND;
  return resultOf(name, measured, { machine: machine(new Date()), seconds });
}

/** Writes everything that is generated from the results. */
async function writeReports(): Promise<void> {
  const results = readResults(RESULTS);
  const table = goalTable(results);
  await writeFile(join(RESULTS, 'table.md'), `# Results\n\n${table}\n\n${figureTables(results)}\n`);
  await writeFile(join(RESULTS, 'plot.svg'), plot(results));
  for (const document of DOCUMENTS.map((name) => join(HERE, name))) {
    await writeFile(document, withTable(await readFile(document, 'utf8'), table));
  }
  say(table);
}

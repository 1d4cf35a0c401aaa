import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { connect } from '../../client/src/index.ts';
import { runBounded } from '../../shared/run-bounded.ts';
import { type CommandResult, jsonLines, startCommand } from '../helpers/command.ts';
import { startRuntime } from '../helpers/runtime.ts';
import type { Check } from './checks.ts';

export interface ReplayFigureOptions {
  readonly records: number;
  readonly subscribers: number;
  readonly say: (line: string) => void;
}

interface Listener {
  readonly socket: WebSocket;
  readonly seqs: number[];
}

const TOPIC = 'replayed';

/** The number of publishes in flight at once, and of sockets that are opened at once. */
const PUBLISHING = 50;
const OPENING = 10;

/** The replay is interrupted when this share of the records has come. */
const INTERRUPT_SHARE = 0.4;

/** Times in ms: the longest wait for the last messages, and the pause between two looks for them. */
const LAST_MS = 30_000;
const LOOK_MS = 20;

/** Replays many records to many subscribers, interrupts it, continues it, and adds up what came. */
export async function measureReplay(options: ReplayFigureOptions): Promise<Check[]> {
  const { records, subscribers, say } = options;
  const directory = await mkdtemp(join(tmpdir(), 'distributary-replay-'));
  const runtime = await startRuntime();
  const listeners: Listener[] = [];
  try {
    await publishAll(runtime.url, records);
    say(`${records} records are published`);
    // They come after the records: nothing but the replay brings them these.
    const numbers = Array.from({ length: subscribers }, (_, index) => index);
    listeners.push(...(await runBounded(numbers, OPENING, () => listen(`${runtime.url}?topics=${TOPIC}`))));
    const port = Number(new URL(runtime.url).port);
    return await replayTwice({ options, listeners, port, state: join(directory, 'replay.json') });
  } finally {
    for (const { socket } of listeners) socket.terminate();
    await runtime.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function publishAll(url: string, records: number): Promise<void> {
  const publisher = connect(url);
  const numbers = Array.from({ length: records }, (_, index) => index + 1);
  await runBounded(numbers, PUBLISHING, (number) => publisher.publish(TOPIC, number));
  publisher.close();
}

/** A plain socket: unlike the library it drops nothing, so that each delivery counts. */
function listen(url: string): Promise<Listener> {
  const { promise, resolve, reject } = Promise.withResolvers<Listener>();
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const listener: Listener = { socket, seqs: [] };
  socket.on('error', reject);
  socket.on('message', (data) => {
    const frame: unknown = JSON.parse(Buffer.isBuffer(data) ? data.toString() : '{}');
    if (typeof frame !== 'object' || frame === null || !('type' in frame)) return;
    if (frame.type === 'subscribed') resolve(listener);
    if (frame.type === 'message' && 'seq' in frame) listener.seqs.push(Number(frame.seq));
  });
  return promise;
}

interface Scene {
  readonly options: ReplayFigureOptions;
  readonly listeners: readonly Listener[];
  readonly port: number;
  readonly state: string;
}

async function replayTwice({ options, listeners, port, state }: Scene): Promise<Check[]> {
  const { records, subscribers, say } = options;
  const range = ['--topic', TOPIC, '--from', '1', '--to', String(records)];
  const fewest = () => Math.min(...listeners.map(({ seqs }) => seqs.length));
  const startedAtMs = performance.now();
  const first = startCommand(port, ['replay', ...range, '--state', state, '--json']);
  while (fewest() < records * INTERRUPT_SHARE && first.process.exitCode === null) await sleep(LOOK_MS);
  first.process.kill('SIGINT');
  const interrupted = await first.ended;
  const came = fewest();
  const resumed = await startCommand(port, ['replay', '--resume', '--state', state, '--json']).ended;
  const seconds = (performance.now() - startedAtMs) / 1_000;
  for (let waitedMs = 0; fewest() < records && waitedMs < LAST_MS; waitedMs += LOOK_MS) await sleep(LOOK_MS);
  say(`interrupted when each subscriber had ${came}; both runs took ${seconds.toFixed(1)} s`);
  say(`that is ${Math.round((records * subscribers) / seconds)} deliveries a second`);
  return [
    ...checkRun('interrupted', interrupted, say),
    ...checkRun('continued', resumed, say),
    ...checkAll(options, listeners),
  ];
}

interface Summary {
  readonly read: number;
  readonly records: Readonly<Record<string, number>>;
  readonly deliveries: Readonly<Record<'due' | 'delivered' | 'gone' | 'throttled' | 'failed', number>>;
}

function checkRun(name: string, result: CommandResult, say: ReplayFigureOptions['say']): Check[] {
  const progress = result.stderr.split('\n').filter((line) => line.includes(' changes sent, '));
  const summary: unknown = jsonLines(result)[0];
  if (!isSummary(summary)) return [{ name, count: 0, problems: [`no summary: ${result.stderr}`] }];
  const { read, records, deliveries } = summary;
  const { due, delivered, gone, throttled, failed } = deliveries;
  const parts = Object.values(records).reduce((sum, count) => sum + count, 0);
  say(`${name}: ${progress.length} lines of progress, the last but one: ${progress.at(-2) ?? '-'}`);
  say(`${name}: read ${read} = ${JSON.stringify(records)}; ${JSON.stringify(deliveries)}`);
  const sum = delivered + gone + throttled + failed;
  return [
    { name: `${name}: lines of progress`, count: progress.length, problems: progress.length === 0 ? ['none'] : [] },
    {
      name: `${name}: records read, and what became of them`,
      count: read,
      problems: parts === read ? [] : [`${parts}`],
    },
    { name: `${name}: deliveries due, and what became of them`, count: due, problems: sum === due ? [] : [`${sum}`] },
  ];
}

const isSummary = (value: unknown): value is Summary =>
  typeof value === 'object' && value !== null && 'records' in value && 'deliveries' in value;

function checkAll({ records }: ReplayFigureOptions, listeners: readonly Listener[]): Check[] {
  const wrong = listeners.flatMap(({ seqs }, index) => {
    const isRight = seqs.length === records && seqs.every((seq, place) => seq === place + 1);
    return isRight ? [] : [`subscriber ${index}: ${seqs.length} of ${records}, or not in order`];
  });
  return [{ name: 'subscribers that got each record once and in order', count: listeners.length, problems: wrong }];
}

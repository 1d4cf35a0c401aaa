import { monotonicMs } from '../harness/clock.ts';
import { appendTo, createStream } from '../load/open-stream.ts';
import { nowUs, stamped } from '../load/stamped.ts';
import { serve } from '../processes/serve.ts';

/** The appends of one measurement. */
interface Appends {
  readonly url: string;
  /** The number of streams, each with one append in flight. */
  readonly streams: number;
  /** The number of appends to each stream before those that are measured. */
  readonly warm: number;
  readonly measuredMs: number;
}

const commands = {
  /** Appends to each stream, one after another. Resolves to the appends of a second. */
  append: async ({ url, streams: count, warm, measuredMs }: Appends): Promise<number> => {
    const streams = Array.from({ length: count }, (_, index) => `${url}/v1/stream/bench-${index}`);
    await Promise.all(streams.map((stream) => warmUp(stream, warm)));
    const endMs = monotonicMs() + measuredMs;
    const counts = await Promise.all(streams.map((stream) => appendUntil(stream, endMs)));
    return (counts.reduce((sum, count) => sum + count, 0) * 1_000) / measuredMs;
  },
};

/** The commands of this worker. */
export type AppendCommands = typeof commands;

serve(commands);

async function warmUp(stream: string, appends: number): Promise<void> {
  await createStream(stream);
  for (let sent = 0; sent < appends; sent += 1) await appendTo(stream, stamped(nowUs()));
}

async function appendUntil(stream: string, endMs: number): Promise<number> {
  let count = 0;
  for (; monotonicMs() < endMs; count += 1) await appendTo(stream, stamped(nowUs()));
  return count;
}

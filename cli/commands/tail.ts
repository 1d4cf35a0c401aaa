import { isTopic } from '../../shared/protocol/topic.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { UsageError } from '../operator-error.ts';
import { countOption, textOption } from '../options.ts';
import { counted } from '../output.ts';
import { followStream } from '../stream/follow-stream.ts';
import type { TopicRecord } from '../stream/topic-record.ts';
import { findTopicsStream } from '../stream/topics-stream.ts';

/** The command `tail`: follows the stream of Topics. */
export const TAIL: Command = {
  name: 'tail',
  summary: 'Watch changes as they are written, from the stream itself.',
  help: `  distributary tail [TOPIC…]      all topics, or these; news/* is all below news/
    --from SEQUENCE               begin after this record: the last number of a line. Default: from now on
    --limit N                     end after N records

  A line has: time, topic, seq, kind, a counter's value or the size and beginning of the data, and the stream's own
  sequence number. Kinds: message, counter, poison (a malformed change), other (a deletion, for example).
  Ctrl-C ends it.

  distributary tail news counter:votes
  distributary tail --from 49000000000000000012 --json`,
  options: { from: { type: 'string' }, limit: { type: 'string' } },
  run: tail,
};

async function tail({ positionals, values, output, backend, interrupted }: Invocation): Promise<ExitCode> {
  const [after, limit] = [numberOf(textOption(values, 'from')), countOption(values, 'limit') ?? Infinity];
  positionals.forEach(checkPattern);
  const isWanted = matcherOf(positionals);
  const stream = await findTopicsStream(await backend());
  const onReady = (): void => output.note(`Watching ${positionals.join(' ') || 'all topics'}. Ctrl-C ends it.`);
  let shown = 0;
  for await (const record of followStream(stream, { after, interrupted, onReady })) {
    if (!isWanted(topicOf(record))) continue;
    output.line(lineOf(record));
    output.data(dataOf(record));
    shown += 1;
    if (shown >= limit) break;
  }
  output.note(counted(shown, 'record'));
  return 0;
}

function numberOf(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,40}$/.test(text)) return BigInt(text);
  throw new UsageError(`--from takes the sequence number at the end of a line of tail, not ${text}.`);
}

/** The end of a pattern for all topics below a name. */
const BELOW = '/*';

/** Refuses a pattern that no topic can match. Throws UsageError. */
function checkPattern(pattern: string): void {
  if (isTopic(pattern.endsWith(BELOW) ? pattern.slice(0, -BELOW.length) : pattern)) return;
  throw new UsageError(`${pattern} is not the name of a topic, nor like news/*, which is all below news/.`);
}

const matcherOf = (patterns: readonly string[]): ((topic: string) => boolean) =>
  patterns.length === 0
    ? () => true
    : (topic) =>
        patterns.some((pattern) =>
          pattern.endsWith(BELOW) ? topic.startsWith(pattern.slice(0, -1)) : topic === pattern,
        );

const topicOf = (record: TopicRecord): string => (record.kind === 'change' ? record.head.topic : record.topic);

function lineOf(record: TopicRecord): string {
  const { streamSequenceNumber: number, createdAtMs } = record;
  if (record.kind !== 'change') {
    const what = record.kind === 'poison' ? record.reason : '';
    return [new Date(createdAtMs).toISOString(), record.topic, '-', record.kind, what, number]
      .filter(Boolean)
      .join('  ');
  }
  const { head } = record;
  const what =
    head.kind === 'counter'
      ? `counter  ${head.value}`
      : `message  ${counted(Buffer.byteLength(head.message), 'byte')}  ${head.message.slice(0, CLI_BOUNDS.DATA_CHARACTERS)}`;
  return [new Date(head.publishedAt).toISOString(), head.topic, head.seq, what, number].join('  ');
}

function dataOf(record: TopicRecord): Readonly<Record<string, unknown>> {
  const { streamSequenceNumber, createdAtMs } = record;
  if (record.kind !== 'change') {
    const { topic, kind } = record;
    const reason = record.kind === 'poison' ? { reason: record.reason } : {};
    return { time: new Date(createdAtMs).toISOString(), topic, kind, ...reason, streamSequenceNumber };
  }
  const { topic, epoch, seq, kind, publishedAt } = record.head;
  const content =
    record.head.kind === 'counter' ? { value: record.head.value } : { data: JSON.parse(record.head.message) };
  return { time: new Date(publishedAt).toISOString(), topic, epoch, seq, kind, ...content, streamSequenceNumber };
}

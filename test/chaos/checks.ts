import type { FleetClient, Received } from './fleet.ts';
import type { StoredHead } from './heads.ts';
import type { Ledger } from './ledger.ts';

/** A check of one promise: how often it was made, and the violations found. */
export interface Check {
  readonly name: string;
  readonly count: number;
  readonly problems: readonly string[];
}

/** The part of a client that the checks read. */
export type Witness = Pick<FleetClient, 'index' | 'plan' | 'received' | 'gaps' | 'shownValue'>;

export interface Evidence {
  readonly ledger: Pick<Ledger, 'messages' | 'sums' | 'unsure' | 'rejected' | 'asked'>;
  readonly fleet: readonly Witness[];
  /** The stored heads by topic, with counters as `counter:NAME`. */
  readonly heads: ReadonlyMap<string, StoredHead>;
}

/** Holds what came against what was accepted. */
export function checkAll({ ledger, fleet, heads }: Evidence): Check[] {
  return [
    { name: 'requests accepted', count: ledger.asked(), problems: ledger.rejected },
    checkNumbering(ledger, heads),
    checkMessages(ledger, fleet),
    { name: 'clients that were told of no loss', count: fleet.length, problems: fleet.flatMap(gapsOf) },
    checkCounters(ledger, fleet, heads),
  ];
}

/** Returns what clients still wait for: an empty list when all has come. */
export const stillMissing = ({ ledger, fleet, heads }: Evidence): readonly string[] => [
  ...fleet.flatMap((client) =>
    [...client.received.keys()].flatMap((topic) => {
      const came = countedOf(ledger, client, topic);
      const due = dueTo(ledger, client, topic).length;
      return came.length < due ? [`client ${client.index} has ${came.length} of ${due} of ${topic}`] : [];
    }),
  ),
  ...fleet.flatMap((client) => wrongValues(ledger, client, valuesOf(heads))),
];

/** Checks that the accepted messages of a topic have all its seqs, each once, and that the table counted no more. */
function checkNumbering({ messages }: Evidence['ledger'], heads: Evidence['heads']): Check {
  const problems = [...messages].flatMap(([topic, accepted]) => {
    const seqs = new Set(accepted.map(({ seq }) => seq));
    const epochs = new Set(accepted.map(({ epoch }) => epoch)).size;
    const head = heads.get(topic)?.seq;
    const isRight = seqs.size === accepted.length && head === accepted.length && epochs === 1;
    if (isRight) return [];
    return [`${topic}: ${accepted.length} accepted, ${seqs.size} seqs, head at ${head}, ${epochs} epochs`];
  });
  return { name: 'topics in which each publish counted once', count: messages.size, problems };
}

function checkMessages(ledger: Evidence['ledger'], fleet: readonly Witness[]): Check {
  let count = 0;
  const problems = fleet.flatMap((client) =>
    [...client.received.keys()].flatMap((topic) => {
      const came = countedOf(ledger, client, topic);
      count += came.length;
      const fault = firstFault(dueTo(ledger, client, topic), came);
      return fault === undefined ? [] : [`client ${client.index}, ${topic}: ${fault}`];
    }),
  );
  return { name: 'messages received, each once and in order', count, problems };
}

interface Due {
  readonly epoch: string;
  readonly seq: number;
  readonly message: number;
}

const dueTo = ({ messages }: Evidence['ledger'], client: Witness, topic: string): Due[] =>
  (messages.get(topic) ?? []).filter(({ notTo }) => notTo !== client.index).sort((a, b) => a.seq - b.seq);

/** Returns what came, without what the client may get or not: its own messages without echo that it published again. */
function countedOf(ledger: Evidence['ledger'], client: Witness, topic: string): readonly Received[] {
  const own = (ledger.messages.get(topic) ?? []).filter(({ notTo, mayEcho }) => mayEcho && notTo === client.index);
  const free = new Set(own.map(({ message }) => message));
  const came = client.received.get(topic) ?? [];
  return free.size === 0 ? came : came.filter(({ message }) => message === undefined || !free.has(message));
}

function firstFault(due: readonly Due[], came: readonly Received[]): string | undefined {
  const wrong = due.findIndex(({ epoch, seq, message }, index) => {
    const got = came[index];
    return got?.epoch !== epoch || got.seq !== seq || got.message !== message;
  });
  const counts = `${came.length} of ${due.length} came`;
  if (wrong === -1) return came.length === due.length ? undefined : counts;
  const got = came[wrong];
  const [gotText, dueText] = [describe(got), describe(due[wrong])];
  return `${counts}; in place ${wrong + 1}: ${gotText} instead of ${dueText}${repeatsOf(came)}`;
}

const describe = (message: { readonly seq: number; readonly message: number | undefined } | undefined): string =>
  message === undefined ? 'nothing' : `seq ${message.seq} (message ${message.message ?? 'unknown'})`;

function repeatsOf(came: readonly Received[]): string {
  const repeats = came.length - new Set(came.map(({ epoch, seq }) => `${epoch}/${seq}`)).size;
  return repeats === 0 ? '' : `; ${repeats} repeats`;
}

const gapsOf = ({ index, gaps }: Witness): string[] => gaps.map((gap) => `client ${index}: ${gap}`);

function checkCounters(ledger: Evidence['ledger'], fleet: readonly Witness[], heads: Evidence['heads']): Check {
  const stored = [...ledger.sums].flatMap(([name, sum]) => {
    const value = heads.get(`counter:${name}`)?.value ?? 0;
    const unsure = ledger.unsure.get(name) ?? [];
    if (isSumOf(unsure, value - sum)) return [];
    const more = unsure.length === 0 ? '' : ` and perhaps ${unsure.join(', ')}`;
    return [`${name} is ${value} in the table, and should be ${sum}${more}`];
  });
  const count = fleet.reduce((sum, { plan }) => sum + plan.counters.length, ledger.sums.size);
  const problems = [...stored, ...fleet.flatMap((client) => wrongValues(ledger, client, valuesOf(heads)))];
  return { name: 'values of counters', count, problems };
}

const valuesOf = (heads: Evidence['heads']): Map<string, number> =>
  new Map([...heads].map(([topic, { value }]) => [topic, value]));

/** Whether some of these numbers, or none, add up to a sum. */
function isSumOf(numbers: readonly number[], sum: number): boolean {
  let sums = new Set([0]);
  for (const number of numbers) sums = new Set([...sums, ...Array.from(sums, (each) => each + number)]);
  return sums.has(sum);
}

/** Finds clients that show another value than the accepted increments make: the stored one, where some are unsure. */
const wrongValues = (
  { sums, unsure }: Evidence['ledger'],
  { index, plan, shownValue }: Witness,
  stored: ReadonlyMap<string, number>,
): string[] =>
  plan.counters.flatMap((name) => {
    const accepted = sums.get(name) ?? 0;
    const due = unsure.has(name) ? (stored.get(`counter:${name}`) ?? accepted) : accepted;
    const value = shownValue(name);
    return value === due ? [] : [`client ${index}: ${name} is ${value}, and should be ${due}`];
  });

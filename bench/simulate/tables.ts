import type { Simulation } from './simulate.ts';

type Table = readonly (readonly string[])[];

const count = (value: number): string => Math.round(value).toLocaleString('en-US');

const seconds = (ms: number): string => `${(ms / 1_000).toLocaleString('en-US', { maximumSignificantDigits: 2 })} s`;

const rate = (perSecond: number): string =>
  perSecond >= 10 ? count(perSecond) : perSecond.toLocaleString('en-US', { maximumSignificantDigits: 2 });

/** Returns the deliveries as rows of text; the first row is the head. */
const deliveryTable = ({ rows }: Simulation): Table => [
  [
    'subscribers',
    'posts/s allowed',
    'shards',
    'Lambdas',
    'last delivery',
    'waits for',
    'messages/s, single',
    'messages/s, batched',
  ],
  ...rows.map((row) => [
    count(row.subscribers),
    count(row.postsPerSecond),
    count(row.shards),
    count(row.lambdas),
    `${seconds(row.lastDeliveryMs)}${row.isInTime ? '' : ' *'}`,
    row.binds,
    rate(row.single.perSecond),
    `${rate(row.batched.perSecond)} (${row.batched.binds})`,
  ]),
];

/** Returns the needed quotas as rows of text. */
const neededTable = ({ rows, parameters }: Simulation): Table => [
  [
    'subscribers',
    `posts/s for ${seconds(parameters.targetMs)}`,
    'workers at once',
    'read units a listing, by key',
    'without shards',
  ],
  ...rows
    .filter(({ subscribers }, index) => rows.findIndex((row) => row.subscribers === subscribers) === index)
    .map((row) => [
      count(row.subscribers),
      count(row.needed.postsPerSecond),
      count(row.needed.workers),
      count(row.listReadUnits),
      count(row.unshardedReadUnits),
    ]),
];

/** Returns the subscribe storms as rows of text. */
const stormTable = ({ storms }: Simulation): Table => [
  ['subscribers', 'new connections/s allowed', 'all are there after', 'waits for'],
  ...storms.map((storm) => [
    count(storm.subscribers),
    count(storm.connectionsPerSecond),
    seconds(storm.seconds * 1_000),
    storm.binds,
  ]),
];

/** Returns a table as Markdown, with numbers aligned to the right. */
function markdownOf([head = [], ...rows]: Table): string {
  const rule = head.map((_, column) => (isNumeric(rows, column) ? '---:' : '---'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const isNumeric = (rows: Table, column: number): boolean =>
  rows.every((row) => /^[\d.,]+( s)?( \*)?$/.test(row[column] ?? ''));

/** Returns the tables of docs/scaling.md; a test compares the two. */
export const scalingTables = (simulation: Simulation): readonly string[] =>
  [deliveryTable(simulation), neededTable(simulation), stormTable(simulation)].map(markdownOf);

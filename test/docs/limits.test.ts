import { BENCH_BOUNDS } from '../../bench/bounds.ts';
import { CLI_BOUNDS } from '../../cli/bounds.ts';
import { COST_BOUNDS } from '../../cli/cost/bounds.ts';
import * as BOUNDS from '../../client/src/bounds.ts';
import { DEFAULT_STREAM_RETENTION } from '../../local/engine/stream-trimmer.ts';
import { EDGE } from '../../local/gateway/edge-protocol.ts';
import { AWS_LIMITS } from '../../local/gateway/limits.ts';
import { KEPT_LOGS } from '../../local/kept-logs.ts';
import { DEFAULT_LAMBDA_LIMITS } from '../../local/lambda/lambda-limits.ts';
import { DEFAULT_POLL_TUNING } from '../../local/streams/poll-tuning.ts';
import { FANOUT_BOUNDS } from '../../shared/fanout/bounds.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';
import { STORE_BOUNDS } from '../../shared/store/bounds.ts';
import { readDocument, rowsOf, sectionsOf } from './markdown.ts';

/** By the file that the section of the table names first: two groups may have a bound of the same name. */
const GROUPS: Readonly<Record<string, object>> = {
  'shared/protocol/limits.ts': LIMITS,
  'shared/store/bounds.ts': STORE_BOUNDS,
  'shared/fanout/bounds.ts': FANOUT_BOUNDS,
  'local/engine/stream-trimmer.ts': DEFAULT_STREAM_RETENTION,
  'local/gateway/limits.ts': AWS_LIMITS,
  'local/gateway/edge-protocol.ts': EDGE,
  'local/kept-logs.ts': KEPT_LOGS,
  'local/lambda/lambda-limits.ts': DEFAULT_LAMBDA_LIMITS,
  'local/streams/poll-tuning.ts': DEFAULT_POLL_TUNING,
  'client/src/bounds.ts': BOUNDS,
  'cli/bounds.ts': CLI_BOUNDS,
  'bench/bounds.ts': BENCH_BOUNDS,
  'cli/cost/bounds.ts': COST_BOUNDS,
};

/** A bound and its value as `NAME=value`. */
type Bound = string;

/** What is grouped in the code has a row for each: `GROUP.name`. */
const boundsIn = (bounds: object, group = ''): Bound[] =>
  Object.entries(bounds).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? boundsIn(value, `${group}${name}.`)
      : [`${group}${name}=${String(value)}`],
  );

const sections = sectionsOf(readDocument('docs/limits.md'));

const rowsIn = (file: string) =>
  rowsOf(sections.filter(({ lines }) => lines.find((line) => line !== '')?.startsWith(`\`${file}\``)));

const documented = (file: string): Bound[] =>
  rowsIn(file).map(({ names, cells }) => `${names.join()}=${(cells[1] ?? '').replaceAll(/[`,]/g, '')}`);

describe('docs/limits.md', () => {
  it.each(Object.entries(GROUPS))(
    'has one row for each bound of %s, with its value, and no other row',
    (file, bounds) => {
      expect(documented(file).toSorted()).toEqual(boundsIn(bounds).toSorted());
    },
  );

  it.each(Object.keys(GROUPS))('says of each bound of %s what it bounds, and what happens at it', (file) => {
    const silent = rowsIn(file).filter(({ cells }) => cells.length !== 3 || (cells[2] ?? '').length < 10);

    expect(silent.map(({ names }) => names[0])).toEqual([]);
  });
});

import { parseArgs } from 'node:util';
import removeSynthesized from '../helpers/remove-synthesized.ts';
import { synthesizeWith } from '../helpers/synthesize-once.ts';
import type { Check } from './checks.ts';
import { measureFromTable } from './from-table.ts';
import { measureRenewals } from './renewals.ts';
import { measureReplay } from './replay-figure.ts';
import { areRight, linesOf, reportOf } from './report.ts';
import { runChaos } from './run-chaos.ts';
import { fullAuthScale, fullHttpScale, fullScale, type Scale, SHORT_AUTH_SCALE, SHORT_SCALE } from './scale.ts';

const HELP = `Runs faults against a whole backend, and says whether clients noticed. See docs/chaos.md.

  npm run chaos -- [options]

  --seed N          repeats what chance decided (default: another each time)
  --minutes M       how long messages and faults go on (default 5)
  --short           a small run, as in CI, in place of --minutes
  --auth            asks for tokens: they end every few seconds, and subjects are revoked
  --http            half of the clients go by HTTP; not with --auth
  --log             prints what the runtime printed, too
  --renewals N      in place of all that: N replacements of a connection under load, and the pauses
  --replay N        in place of all that: N records replayed to 100 subscribers, with an interrupt
  --from-table N    in place of all that: N records of an application's table become messages, under kills`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    minutes: { type: 'string', default: '5' },
    short: { type: 'boolean', default: false },
    auth: { type: 'boolean', default: false },
    http: { type: 'boolean', default: false },
    log: { type: 'boolean', default: false },
    renewals: { type: 'string' },
    replay: { type: 'string' },
    'from-table': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const SUBSCRIBERS = 100;

/** The HTTP door of a run: answers end often, so that clients often go on by the next request. */
const HTTP = { longPollSeconds: 5, eventsSeconds: 5 } as const;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function run(): Promise<boolean> {
  const { renewals, replay, 'from-table': fromTable } = values;
  if (renewals !== undefined) {
    return tell(await measureRenewals({ renewals: countOf(renewals), say }), `--renewals ${renewals}`);
  }
  if (replay !== undefined) {
    const options = { records: countOf(replay), subscribers: SUBSCRIBERS, say };
    return tell(await measureReplay(options), `--replay ${replay}`);
  }
  if (fromTable !== undefined) {
    return tell(await measureFromTable({ records: countOf(fromTable), say }), `--from-table ${fromTable}`);
  }
  return chaos();
}

async function chaos(): Promise<boolean> {
  const seed = values.seed ?? String(Date.now() % SEEDS);
  const scale = scaleOf();
  say(`seed ${seed}`);
  const result = await runChaos({ seed, scale, say });
  if (values.log) say(result.log);
  for (const line of [...reportOf(result), ...result.figures]) say(line);
  const length = values.short ? '--short' : `--minutes ${values.minutes}`;
  const more = values.auth ? ' --auth' : values.http ? ' --http' : '';
  return tell(result.checks, `--seed ${seed} ${length}${more}`);
}

function scaleOf(): Scale {
  return { ...sizeOf(), isHalfByHttp: values.http };
}

function sizeOf(): Scale {
  if (values.short) return values.auth ? SHORT_AUTH_SCALE : SHORT_SCALE;
  const minutes = countOf(values.minutes);
  if (values.auth) return fullAuthScale(minutes);
  return values.http ? fullHttpScale(minutes) : fullScale(minutes);
}

/** The number of values of a made-up seed: low enough for a seed to be typed again. */
const SEEDS = 1_000_000;

function tell(checks: readonly Check[], options: string): boolean {
  for (const line of linesOf(checks)) say(line);
  say(`${areRight(checks) ? 'passed' : 'FAILED'}; again: npm run chaos -- ${options}`);
  return areRight(checks);
}

function countOf(text: string): number {
  const count = Number(text);
  if (!(count > 0)) throw new TypeError(`${text} is no number above zero.`);
  return count;
}

if (values.help) say(HELP);
else {
  await synthesizeWith(values.http ? { http: HTTP } : {});
  let hasPassed = false;
  try {
    hasPassed = await run();
  } finally {
    await removeSynthesized();
  }
  // Not left to Node: with what hundreds of killed children leave behind, it was seen to wait for a handle for ever.
  process.exit(hasPassed ? 0 : 1);
}

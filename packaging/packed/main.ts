/**
 * Packs the packages, installs the tarballs in fresh folders outside the repository, and uses them there as an engineer
 * would: `npm run packed`. `--bundlers` tries two more bundlers, which take a while to install; `--only TEXT` runs the
 * trials alone whose name has this text.
 */
import { parseArgs } from 'node:util';
import { FreshFolder } from './fresh-folder.ts';
import { packAll } from './pack-all.ts';
import { findPageBrowser } from './page-browser.ts';
import { type Trial, trialsOf } from './trials.ts';

const { values } = parseArgs({
  options: { bundlers: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
});

const beganMs = performance.now();
const tarballs = await packAll();
process.stdout.write(`packed in ${secondsSince(beganMs)} s\n`);
const [shop, browser] = [new FreshFolder(), findPageBrowser()];
try {
  const settings = { hasAllBundlers: values.bundlers, shop, browser };
  const trials = trialsOf(tarballs.paths, settings).filter(({ name }) => name.includes(values.only));
  for (const trial of trials) await report(trial);
  process.stdout.write(`All of it took ${secondsSince(beganMs)} s\n`);
} finally {
  await browser?.close();
  shop.remove();
  tarballs.remove();
}

async function report({ name, run }: Trial): Promise<void> {
  const beganMs = performance.now();
  const say = (verdict: string, remark: string): void => {
    process.stdout.write(`${verdict} ${name} (${secondsSince(beganMs)} s)${remark}\n`);
  };
  try {
    const remark = await run();
    say('ok  ', typeof remark === 'string' ? `, ${remark}` : '');
  } catch (error) {
    say('FAIL', `\n${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

function secondsSince(beganMs: number): string {
  return ((performance.now() - beganMs) / 1_000).toFixed(1);
}

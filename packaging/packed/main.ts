/**
 * Packs the packages, installs the tarballs in fresh folders outside the repository, and uses them there as an engineer
 * would: `npm run packed`. `--bundlers` tries two more bundlers, which take a while to install.
 */
import { parseArgs } from 'node:util';
import { FreshFolder } from './fresh-folder.ts';
import { packAll } from './pack-all.ts';
import { type Trial, trialsOf } from './trials.ts';

const { values } = parseArgs({ options: { bundlers: { type: 'boolean', default: false } } });

const tarballs = await packAll();
const shop = new FreshFolder();
try {
  for (const trial of trialsOf(tarballs.paths, { hasAllBundlers: values.bundlers, shop })) await report(trial);
} finally {
  shop.remove();
  tarballs.remove();
}

async function report({ name, run }: Trial): Promise<void> {
  const beganMs = performance.now();
  const say = (verdict: string, remark: string): void => {
    const seconds = ((performance.now() - beganMs) / 1_000).toFixed(1);
    process.stdout.write(`${verdict} ${name} (${seconds} s)${remark}\n`);
  };
  try {
    const remark = await run();
    say('ok  ', typeof remark === 'string' ? `, ${remark}` : '');
  } catch (error) {
    say('FAIL', `\n${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

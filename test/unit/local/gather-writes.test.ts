import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { gatherWrites } from '../../../local/gather-writes.ts';

const MODULE = resolve(import.meta.dirname, '../../../local/gather-writes.ts');
const nextTurn = () => new Promise((done) => setImmediate(done));

describe('gathered writes', () => {
  it('are one for each turn of the event loop, in order', async () => {
    const written: string[] = [];
    const say = gatherWrites((text) => written.push(text));

    say('a');
    say('b');
    await nextTurn();
    say('c');
    await nextTurn();

    expect(written).toEqual(['ab', 'c']);
  });

  it('are not lost when the process exits', () => {
    const code = `import { gatherWrites } from '${MODULE}';
      gatherWrites((text) => process.stdout.write(text))('last words');
      process.exit();`;

    expect(execFileSync(process.execPath, ['--input-type=module', '--eval', code]).toString()).toBe('last words');
  });
});

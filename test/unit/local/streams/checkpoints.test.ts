import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RuntimeSetupError } from '../../../../local/model.ts';
import { openFileCheckpoints } from '../../../../local/streams/checkpoints.ts';
import { makeTerminal } from '../../../helpers/mapping-fixtures.ts';

const key = { uuid: 'u', streamArn: 'arn:one' };
const terminal = makeTerminal();
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoints-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('Checkpoints in a file', () => {
  it('are there again after a restart, and leave no other file behind', async () => {
    const file = join(folder, 'state', 'checkpoints.json');
    const before = await openFileCheckpoints(file, { terminal });
    before.save(key, 's1', { at: 'after', sequenceNumber: '000000000000000000012' });
    before.save(key, 's2', { at: 'finished' });
    await before.flush();

    const after = await openFileCheckpoints(file, { terminal });

    expect(after.load(key, 's1')).toEqual({ at: 'after', sequenceNumber: '000000000000000000012' });
    expect(after.load(key, 's2')).toEqual({ at: 'finished' });
    expect(await readdir(join(folder, 'state'))).toEqual(['checkpoints.json']);
  });

  it('do not hold for a stream that was made anew under the same shard names', async () => {
    const store = await openFileCheckpoints(join(folder, 'c.json'), { terminal });
    store.save(key, 's1', { at: 'finished' });

    const renewed = { ...key, streamArn: 'arn:two' };

    expect(store.knows(renewed)).toBe(false);
    expect(store.load(renewed, 's1')).toBeUndefined();
    await store.flush();
  });

  it('forget the shards that are not retained', async () => {
    const store = await openFileCheckpoints(join(folder, 'c.json'), { terminal });
    store.save(key, 'old', { at: 'finished' });
    store.save(key, 'new', { at: 'trim-horizon' });

    store.retain(key, ['new']);

    expect(store.load(key, 'old')).toBeUndefined();
    expect(store.load(key, 'new')).toEqual({ at: 'trim-horizon' });
    await store.flush();
  });

  it('write the last of many changes, also those that come during a write', async () => {
    const file = join(folder, 'c.json');
    const store = await openFileCheckpoints(file, { terminal });
    store.save(key, 's1', { at: 'after', sequenceNumber: '1' });
    const first = store.flush();
    store.save(key, 's1', { at: 'after', sequenceNumber: '2' });

    await Promise.all([first, store.flush()]);

    expect((await openFileCheckpoints(file, { terminal })).load(key, 's1')).toEqual({
      at: 'after',
      sequenceNumber: '2',
    });
  });

  it('reject a flush that cannot write, and write at the next one', async () => {
    const file = join(folder, 'gone', 'c.json');
    const store = await openFileCheckpoints(file, { terminal });
    await rm(join(folder, 'gone'), { recursive: true });
    store.save(key, 's1', { at: 'finished' });

    await expect(store.flush()).rejects.toThrow('ENOENT');
    await openFileCheckpoints(file, { terminal });
    await store.flush();

    expect((await openFileCheckpoints(file, { terminal })).load(key, 's1')).toEqual({ at: 'finished' });
  });

  it.each([
    '',
    '{"version":2,"mappings":{}}',
    '{"version":1,"mappings":{"u":{"streamArn":"a","shards":{"s":{"at":"after"}}}}}',
  ])('are refused in one line when the file holds %j', async (text) => {
    const file = join(folder, 'c.json');
    await writeFile(file, text);

    await expect(openFileCheckpoints(file, { terminal })).rejects.toThrow(RuntimeSetupError);
  });
});

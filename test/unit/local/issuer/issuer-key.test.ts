import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint } from 'jose';
import { openIssuerKey } from '../../../../local/issuer/issuer-key.ts';
import { RuntimeSetupError } from '../../../../local/model.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';

describe('the key of the local issuer', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let file: string;

  beforeEach(() => {
    directory = temporaryDirectory();
    file = join(directory.path, 'issuer-key.json');
  });

  afterEach(() => {
    directory.remove();
  });

  const modeOf = (path: string): number => statSync(path).mode & 0o777;

  it('is another one at each start, named by its thumbprint and without its private part', async () => {
    const [first, second] = [openIssuerKey(undefined), openIssuerKey(undefined)];

    expect(first.kid).not.toBe(second.kid);
    expect(first.kid).toBe(await calculateJwkThumbprint({ ...first.publicJwk }, 'sha256'));
    expect(Object.keys(first.publicJwk).toSorted()).toEqual(['crv', 'kty', 'x', 'y']);
  });

  it('is kept in the data directory, for its owner alone', () => {
    const first = openIssuerKey(directory.path);
    const second = openIssuerKey(directory.path);

    expect(second.publicJwk).toEqual(first.publicJwk);
    expect(modeOf(file)).toBe(0o600);
  });

  it('that others may read after a copy is closed to them', () => {
    openIssuerKey(directory.path);
    chmodSync(file, 0o644);

    openIssuerKey(directory.path);

    expect(modeOf(file)).toBe(0o600);
  });

  it.each([
    ['no JSON', () => 'key'],
    ['of another curve', (key: string) => key.replace('P-256', 'P-384')],
    ['public alone', (key: string) => JSON.stringify({ ...JSON.parse(key), d: undefined })],
  ])('that is %s is one clear error, and stays as it is', (_what, change) => {
    openIssuerKey(directory.path);
    const broken = change(readFileSync(file, 'utf8'));
    writeFileSync(file, broken);

    expect(() => openIssuerKey(directory.path)).toThrow(RuntimeSetupError);
    expect(() => openIssuerKey(directory.path)).toThrow(/issuer-key\.json cannot be used .*Delete it/);
    expect(readFileSync(file, 'utf8')).toBe(broken);
  });
});

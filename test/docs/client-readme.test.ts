import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

const ROOT = resolve(import.meta.dirname, '../..');
const CLIENT = join(ROOT, 'client');

const KILOBYTE = 1_024;

/** The upper bound of the library's size in a browser, in gzipped bytes. */
const LARGEST_BYTES = 14 * KILOBYTE;

const README = readFileSync(join(CLIENT, 'README.md'), 'utf8');

/** Each public interface: its file, and how a heading names a member of it. */
const INTERFACES = [
  ['types', 'ConnectOptions', (name: string) => `connect({ ${name} })`],
  ['realtime', 'Realtime', (name: string) => `rt.${name}`],
  ['realtime', 'RealtimeEvents', (name: string) => `rt.on('${name}')`],
  ['realtime', 'PublishOptions', (name: string) => `publish({ ${name} })`],
  ['subscription', 'Subscription', (name: string) => `subscription.${name}`],
  ['subscription', 'SubscribeOptions', (name: string) => `subscribe({ ${name} })`],
  ['subscription', 'HistoryOptions', (name: string) => `history({ ${name} })`],
  ['subscription', 'SubscriptionEvents', (name: string) => `subscription.on('${name}')`],
  ['topic-receiver', 'TopicEvents', (name: string) => `subscription.on('${name}')`],
  ['counter', 'Counter', (name: string) => `counter.${name}`],
  ['counter', 'CounterEvents', (name: string) => `counter.on('${name}')`],
  ['topic-receiver', 'TopicEvents', (name: string) => `counter.on('${name}')`],
  ['counter', 'CounterOptions', (name: string) => `counter({ ${name} })`],
  ['counter', 'CounterBounds', (name: string) => `increment({ ${name} })`],
] as const;

/** Returns the names of an interface's members, as its file has them. */
function membersOf(file: string, name: string): string[] {
  const source = readFileSync(join(CLIENT, `src/${file}.ts`), 'utf8');
  const [, body] =
    new RegExp(`^export interface ${name}\\b[^{]*(?:<[^>]*>[^{]*)?{\n([\\s\\S]*?)^}`, 'm').exec(source) ?? [];
  return [...(body ?? '').matchAll(/^ {2}(?:readonly )?(\w+)\??(?=[:<(])/gm)].map(([, member = '']) => member);
}

/** Returns the call in a heading, without its arguments. */
const subjectOf = (heading: string): string =>
  /^\w+\.\w+(?=\()/.test(heading) && !heading.includes("('") ? heading.replace(/\(.*/, '') : heading;

/** The headings that name no member of an interface. */
const OTHER_HEADINGS = ['connect(url, options?)', 'subscription[Symbol.asyncIterator]()'];

/** Bundles the library for browsers, and returns the gzipped bytes of the main file and of the chunk for HTTP. */
function bundledBytes(): { readonly main: number; readonly http: number } {
  const folder = mkdtempSync(join(tmpdir(), 'distributary-client-'));
  const args = ['src/index.ts', '--bundle', '--splitting', '--minify', '--format=esm', '--platform=browser'];
  execFileSync(join(ROOT, 'node_modules/.bin/esbuild'), [...args, '--target=es2022', `--outdir=${folder}`], {
    cwd: CLIENT,
    stdio: 'ignore',
  });
  const files = readdirSync(folder);
  const bytesOf = (file = '') => gzipSync(readFileSync(join(folder, file)), { level: 9 }).byteLength;
  const chunks = files.filter((file) => file !== 'index.js');
  const bytes = { main: bytesOf('index.js'), http: bytesOf(chunks[0]) };
  rmSync(folder, { recursive: true });
  // A part that both need would be a third file, which every client loads.
  expect(chunks).toEqual([expect.stringMatching(/^http-socket-/)]);
  return bytes;
}

const kilobytes = (bytes: number): string => `${(Math.ceil((bytes * 10) / KILOBYTE) / 10).toFixed(1)} KB`;

describe('the README of the client', () => {
  const headings = [...README.matchAll(/^### `(.*)`$/gm)].map(([, heading = '']) => heading);

  it('has a heading for every method, event and option, and none for what does not exist', () => {
    const members = INTERFACES.map(([file, name, headingOf]) => membersOf(file, name).map(headingOf));

    expect(members.filter((each) => each.length === 0)).toEqual([]);
    expect(headings.map(subjectOf).toSorted()).toEqual([...members.flat(), ...OTHER_HEADINGS].toSorted());
  });

  it('has every error of the library itself', () => {
    const source = readFileSync(join(CLIENT, 'src/types.ts'), 'utf8');
    const [, union = ''] = /RealtimeErrorCode =[\s|]*ErrorCode([^;]*);/.exec(source) ?? [];
    const codes = [...union.matchAll(/'([^']+)'/g)].map(([, code]) => code);
    const [, errors = ''] = README.split('\n## Errors\n');
    const [, ...rows] = [...errors.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, code]) => code);

    expect(rows).toEqual(codes);
  });

  it('states the sizes of the library in a browser, which are bounded', () => {
    const [, main, http] = /is (\d+\.\d KB) gzipped.*?(\d+\.\d KB)\s+are/s.exec(README) ?? [];

    const bytes = bundledBytes();

    expect(bytes.main).toBeLessThan(LARGEST_BYTES);
    expect([main, http]).toEqual([kilobytes(bytes.main), kilobytes(bytes.http)]);
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connect, type ConnectOptions, type Realtime } from '../../client/src/index.ts';
import { synthesize } from '../../local/assembly/synthesize.ts';
import { createTerminal } from '../../local/terminal.ts';
import { eventually } from '../helpers/eventually.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';
import { AUDIENCE, secondsFromNow, startTokenIssuer, type TokenIssuer } from '../helpers/token-issuer.ts';
import { REQUEST_TIMEOUT_MS } from '../helpers/patience.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** The life of the reader's tokens in seconds, and how many of them it has at least: 20 s of the test. */
const LIFE_SECONDS = 5;
const TOKENS = 6;

let directory: string;
let idp: TokenIssuer;
let bench: RuntimeBench;
const clients: Realtime[] = [];

/** Synthesizes the application with authentication by the issuer of this test. */
async function synthesizeWithAuth(): Promise<string> {
  const { context }: { context: object } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  const auth = { issuer: idp.issuer, audience: AUDIENCE, jwksUri: idp.jwksUri };
  const cdkJson = join(directory, 'cdk.json');
  const app = `"${process.execPath}" "${join(ROOT, 'infra/app.ts')}"`;
  writeFileSync(cdkJson, JSON.stringify({ app, context: { ...context, auth } }));
  const outputDirectory = join(directory, 'out');
  const terminal = createTerminal({ write: (text) => void process.stderr.write(text), color: false });
  await synthesize({ cdkJson, outputDirectory }, { terminal });
  return outputDirectory;
}

function open(options: ConnectOptions): Realtime {
  const rt = connect(bench.runtime.url, { requestTimeoutMs: REQUEST_TIMEOUT_MS, ...options });
  clients.push(rt);
  return rt;
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'distributary-tokens-'));
  idp = await startTokenIssuer();
  bench = await startBench({}, { assembly: await synthesizeWithAuth() });
});

afterEach(() => {
  for (const rt of clients.splice(0)) rt.close();
});

afterAll(async () => {
  await bench.stop();
  await idp.server.close();
  rmSync(directory, { recursive: true });
});

describe('a client of a backend that authenticates', () => {
  it('receives each message once and in order while its tokens are renewed, and none is a gap', async () => {
    const tokens: string[] = [];
    const shortLived = async (): Promise<string> => {
      const token = await idp.sign({ sub: 'reader', exp: secondsFromNow(LIFE_SECONDS) });
      tokens.push(token);
      return token;
    };
    const reader = open({ token: shortLived });
    const writer = open({ token: () => idp.sign({ sub: 'writer', publish: ['news/*'] }) });
    const events: string[] = [];
    const seqs: number[] = [];
    const senders = new Set<string | undefined>();
    reader.on('error', ({ code }) => events.push(code));
    const subscription = reader.subscribe('news/a');
    subscription.on('message', ({ seq, from }) => (seqs.push(seq), senders.add(from)));
    subscription.on('gap', () => events.push('gap'));
    await eventually(() => subscription.state === 'live', 'the subscription is live');

    while (tokens.length < TOKENS) {
      const { seq } = await writer.publish('news/a', seqs.length);
      await eventually(() => seqs.includes(seq), `message ${seq} arrives`);
    }

    expect(seqs).toEqual(Array.from(seqs, (_, index) => index + 1));
    expect([events, [...senders]]).toEqual([[], ['writer']]);
  });

  it('has failed subscriptions where its token does not permit them, and the others live', async () => {
    const rt = open({ token: () => idp.sign({ subscribe: ['news/*'] }), topics: ['news/b', 'secret/b'] });
    const [news, secret] = [rt.subscribe('news/b'), rt.subscribe('secret/b')];

    await eventually(() => news.state === 'live' && secret.state === 'failed', 'both are answered');

    expect(secret.error).toMatchObject({ code: 'forbidden', topics: ['secret/b'] });
    await expect(rt.publish('news/b', 1)).rejects.toMatchObject({ code: 'forbidden' });
  });
});

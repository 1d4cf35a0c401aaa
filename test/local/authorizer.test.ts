import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ClientOptions, WebSocket } from 'ws';
import { synthesize } from '../../local/assembly/synthesize.ts';
import { createTerminal } from '../../local/terminal.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';
import {
  AUDIENCE,
  createSigningKey,
  secondsFromNow,
  startTokenIssuer,
  type TokenIssuer,
} from '../helpers/token-issuer.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ORIGIN = 'https://app.example.com';

/** An Origin that the runtime lets in, so that the authorizer decides. */
const FOREIGN = 'https://evil.example';

let directory: string;
let idp: TokenIssuer;
let bench: RuntimeBench;

/** Synthesizes the application with this setting of authentication, as a cdk.json would name it. */
async function synthesizeWith(auth: object): Promise<string> {
  const { context }: { context: object } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  const cdkJson = join(directory, 'cdk.json');
  const app = `"${process.execPath}" "${join(ROOT, 'infra/app.ts')}"`;
  writeFileSync(cdkJson, JSON.stringify({ app, context: { ...context, auth, allowedOrigins: [ORIGIN] } }));
  const outputDirectory = join(directory, 'out');
  const terminal = createTerminal({ write: (text) => void process.stderr.write(text), color: false });
  await synthesize({ cdkJson, outputDirectory }, { terminal });
  return outputDirectory;
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'distributary-authorizer-'));
  idp = await startTokenIssuer();
  const assembly = await synthesizeWith({ issuer: idp.issuer, audience: AUDIENCE, jwksUri: idp.jwksUri });
  bench = await startBench({}, { assembly, origins: [ORIGIN, FOREIGN] });
});

afterAll(async () => {
  await bench.stop();
  await idp.server.close();
  rmSync(directory, { recursive: true });
});

const goodToken = () => idp.sign({ subscribe: ['*'], publish: ['*'], count: ['*'], presence: ['*'] });

/** Resolves to 101 and the chosen subprotocol of an accepted handshake, or to the status of a refused one. */
function handshake(protocols: readonly string[], options: ClientOptions = {}, query = ''): Promise<unknown> {
  const socket = new WebSocket(`${bench.runtime.url}?topics=news/a${query}`, [...protocols], options);
  socket.on('error', () => undefined);
  return new Promise((done) => {
    socket.on('open', () => {
      done([101, socket.protocol]);
      socket.close();
    });
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      done(response.statusCode);
    });
  });
}

describe('the application with authentication, in the local runtime', () => {
  it('lets a socket with a good token connect, however it is sent, and chooses the protocol, not the token', async () => {
    const token = await goodToken();

    expect(await handshake(['distributary.v1', `token.${token}`])).toEqual([101, 'distributary.v1']);
    expect(await handshake(['distributary.v1'], {}, `&token=${token}`)).toEqual([101, 'distributary.v1']);
    expect(await handshake([], { headers: { Authorization: `Bearer ${token}` } })).toEqual([101, '']);
  });

  it('lets the page of an allowed Origin connect, and answers a foreign one 403', async () => {
    const protocols = ['distributary.v1', `token.${await goodToken()}`];

    expect(await handshake(protocols, { origin: ORIGIN })).toEqual([101, 'distributary.v1']);
    expect(await handshake(protocols, { origin: FOREIGN })).toBe(403);
    expect(await handshake(protocols, { origin: 'null' })).toBe(403);
  });

  it('answers 401 without a token, and to one that is forged, expired or doubled', async () => {
    const forged = await idp.sign({}, await createSigningKey('key-1'));
    const expired = await idp.sign({ exp: secondsFromNow(-60) });
    const good = await goodToken();

    expect(await handshake(['distributary.v1'])).toBe(401);
    expect(await handshake(['distributary.v1', `token.${forged}`])).toBe(401);
    expect(await handshake(['distributary.v1', `token.${expired}`])).toBe(401);
    expect(await handshake(['distributary.v1', `token.${good}`], {}, `&token=${good}`)).toBe(401);
  });

  it('reads the keys once for each environment of the function, and logs no token', async () => {
    const token = await goodToken();
    await handshake(['distributary.v1', `token.${token}`]);

    expect(idp.server.requests.length).toBeLessThanOrEqual(bench.runtime.environments().length);
    expect(bench.log()).toContain('handshake allowed');
    for (const part of token.split('.')) expect(bench.log()).not.toContain(part);
  });
});

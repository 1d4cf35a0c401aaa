import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Stack } from 'aws-cdk-lib';
import { CfnAuthorizer, CfnRoute } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocket } from 'ws';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { synthesizeSample } from '../unit/local/assembly/sample-app.ts';
import { sendRaw } from '../unit/local/raw-request.ts';

const RUNTIME = join(import.meta.dirname, '..', '..', 'local', 'main.ts');

/** The text in the sample's template that the app replaces by the context value `auth`. */
const PLACEHOLDER = 'AUTH_SETTING';

/** An app that writes a prepared assembly, with the context value `auth` in the environment of its function. */
const APP = `
  import { cpSync, globSync, readFileSync, writeFileSync } from 'node:fs';
  const { CDK_OUTDIR, CDK_CONTEXT_JSON } = process.env;
  cpSync('prepared', CDK_OUTDIR, { recursive: true });
  const auth = JSON.stringify(JSON.stringify(JSON.parse(CDK_CONTEXT_JSON).auth)).slice(1, -1);
  for (const file of globSync(CDK_OUTDIR + '/*.template.json')) {
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('${PLACEHOLDER}', auth));
  }
`;

/** A function that verifies tokens as the authorizer, and returns the authorizer's context as any other route. */
const FUNCTION = `
  import { createPublicKey, verify } from 'node:crypto';
  const { issuer, audience, jwksUri } = JSON.parse(process.env.AUTH);
  const decode = (part) => JSON.parse(Buffer.from(part, 'base64url'));
  async function authorize(token, methodArn) {
    const [header, payload, signature] = token.split('.');
    const { keys } = await (await fetch(jwksUri)).json();
    const jwk = keys.find(({ kid }) => kid === decode(header).kid);
    const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
    const isSigned = verify('sha256', Buffer.from(header + '.' + payload), key, Buffer.from(signature, 'base64url'));
    const { iss, aud, sub } = decode(payload);
    const Effect = isSigned && iss === issuer && aud === audience ? 'Allow' : 'Deny';
    const Statement = [{ Action: 'execute-api:Invoke', Effect, Resource: methodArn }];
    return { principalId: sub, context: { sub }, policyDocument: { Version: '2012-10-17', Statement } };
  }
  export const handler = async ({ type, methodArn, queryStringParameters, requestContext }) =>
    type === 'REQUEST'
      ? authorize(queryStringParameters.token, methodArn)
      : { statusCode: 200, body: JSON.stringify(requestContext.authorizer) };
`;

describe('npm start -- --auth', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    directory = temporaryDirectory();
  });

  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode === null && child.kill('SIGINT')) await once(child, 'exit');
    }
    directory.remove();
  });

  /** Writes an app that reads the context value `auth`; without an authorizer, it does not use it. */
  function writeApp({ hasAuthorizer = true } = {}): void {
    const prepared = synthesizeSample(directory.path, ({ stack, handler }) => {
      handler.addEnvironment('AUTH', PLACEHOLDER);
      for (const node of stack.node.findAll()) {
        if (node instanceof CfnAuthorizer) node.addPropertyOverride('IdentitySource', []);
      }
      if (!hasAuthorizer) withoutAuthorizer(stack);
    });
    const [code = ''] = readdirSync(prepared).filter((name) => name.startsWith('asset.'));
    writeFileSync(join(prepared, code, 'index.mjs'), FUNCTION);
    cpSync(prepared, join(directory.path, 'prepared'), { recursive: true });
    writeFileSync(join(directory.path, 'app.mjs'), APP);
    writeFileSync(join(directory.path, 'cdk.json'), JSON.stringify({ app: `"${process.execPath}" app.mjs` }));
  }

  /** Starts the runtime in the app's directory. Resolves to its lines when it is ready or has ended. */
  async function start(): Promise<{ lines: readonly string[]; child: ChildProcess }> {
    const args = [RUNTIME, '--auth', '--port', '0', '--data', join(directory.path, 'data')];
    const child = spawn(process.execPath, args, { cwd: directory.path, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    const lines: string[] = [];
    const ready = Promise.withResolvers<void>();
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (line.startsWith('ready ')) ready.resolve();
      });
    }
    await Promise.race([ready.promise, once(child, 'close')]);
    return { lines, child };
  }

  test('names the issuer and a command, and the app’s authorizer takes its tokens and no others', async () => {
    writeApp();
    const { lines } = await start();
    const url = lines.at(-1)?.replace('ready ', '') ?? '';
    const { host, port } = new URL(url);

    const answer = await sendRaw(`http://${host}/_runtime/tokens`, { method: 'POST', body: '{"sub":"ann"}' });
    const { token, hasAuthorizer }: { token: string; hasAuthorizer: boolean } = JSON.parse(answer.text);
    const context = await contextOf(`${url}?token=${token}`);
    const changed = await statusOf(`${url}?token=${token.replace(/\.\w/, '.X')}`);

    expect(lines).toContain(`auth  issuer http://127.0.0.1:${port}/_runtime, audience distributary-local`);
    expect(lines).toContainEqual(expect.stringMatching(/^token npx distributary token --url \S+ --sub ann /));
    expect(hasAuthorizer).toBe(true);
    expect(context).toMatchObject({ sub: 'ann', principalId: 'ann' });
    expect(changed).not.toBe(101);
  });

  test('makes no token for a web page of another origin', async () => {
    writeApp();
    const { lines } = await start();
    const { host } = new URL(lines.at(-1)?.replace('ready ', '') ?? '');

    const answers = await Promise.all(
      ['https://example.com', 'null', 'http://localhost:5173'].map((origin) =>
        sendRaw(`http://${host}/_runtime/tokens`, { method: 'POST', headers: { origin }, body: '{"sub":"ann"}' }),
      ),
    );

    expect(answers.map(({ status, text }) => [status, text])).toEqual(
      Array.from({ length: 3 }, () => [403, '{"message":"Forbidden"}']),
    );
  });

  test('is one clear line and exit 1 for an app without an authorizer', async () => {
    writeApp({ hasAuthorizer: false });

    const { lines, child } = await start();

    expect(lines.at(-1)).toBe('--auth: the app has no authorizer on $connect; it must read the context value auth');
    expect(lines.filter((line) => line.startsWith('ready'))).toEqual([]);
    expect(child.exitCode).toBe(1);
  });
});

function withoutAuthorizer(stack: Stack): void {
  for (const node of stack.node.findAll()) {
    if (!(node instanceof CfnRoute) || node.routeKey !== '$connect') continue;
    node.addPropertyDeletionOverride('AuthorizerId');
    node.addPropertyOverride('AuthorizationType', 'NONE');
  }
}

/** Opens a connection, and returns the authorizer's context that its messages carry. */
async function contextOf(url: string): Promise<unknown> {
  const client = new WebSocket(url);
  await once(client, 'open');
  client.send('{"action":"publish"}');
  const [data]: unknown[] = await once(client, 'message');
  client.terminate();
  return JSON.parse(String(data));
}

/** Returns the status of a refused handshake; 101 if it was accepted. */
function statusOf(url: string): Promise<number | undefined> {
  const client = new WebSocket(url);
  client.on('error', () => undefined);
  return new Promise((resolve) => {
    client.on('unexpected-response', (_, response) => resolve(response.statusCode));
    client.on('open', () => resolve(101));
  });
}

import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createPage } from '../../../local/page.ts';

describe('the page that the runtime serves', () => {
  let folder: string;
  let directory: string;
  let server: Server;
  let port: number;
  let warnings: string[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'page-'));
    directory = join(folder, 'web');
    await mkdir(join(directory, 'img'), { recursive: true });
    await writeFile(join(folder, 'secret.txt'), 'secret');
    await writeFile(join(directory, 'index.html'), '<h1>River</h1>');
    await writeFile(join(directory, 'style.css'), 'p {}');
    await writeFile(join(directory, 'img', 'river.svg'), '<svg/>');
    await writeFile(join(directory, '.hidden.txt'), 'hidden');
    await writeFile(
      join(directory, 'page.ts'),
      "import { name } from './name.ts';\nconst text: string = name;\nglobalThis.name = text;",
    );
    await writeFile(join(directory, 'name.ts'), "export const name = 'first';");
    warnings = [];
    server = createServer(createPage(directory, (message) => warnings.push(message)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = address === null || typeof address === 'string' ? 0 : address.port;
  });

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  /** Sends a request with node:http, because fetch would normalize the path first. */
  const ask = async (path: string, method = 'GET') => {
    const sent = request({ host: '127.0.0.1', port, path, method }).end();
    const [response]: IncomingMessage[] = await once(sent, 'response');
    if (response === undefined) throw new Error('no response');
    const { statusCode: status, headers } = response;
    return { status, headers, body: await text(response) };
  };

  it.each([
    ['/', 'text/html; charset=utf-8', '<h1>River</h1>'],
    ['/?url=ws://elsewhere/live', 'text/html; charset=utf-8', '<h1>River</h1>'],
    ['/style.css', 'text/css; charset=utf-8', 'p {}'],
    ['/img/river.svg', 'image/svg+xml', '<svg/>'],
  ])('serves %s as %s', async (path, contentType, body) => {
    const answer = await ask(path);

    expect(answer).toMatchObject({ status: 200, body, headers: { 'content-type': contentType } });
  });

  it('lets the page load nothing from elsewhere, and connect to any WebSocket', async () => {
    const { headers } = await ask('/');

    expect(headers['content-security-policy']).toContain("default-src 'self'; connect-src 'self' ws: wss:");
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('answers HEAD like GET, without the body', async () => {
    const answer = await ask('/', 'HEAD');

    expect(answer).toMatchObject({ status: 200, body: '', headers: { 'content-length': '14' } });
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('does not allow %s', async (method) => {
    const answer = await ask('/', method);

    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' }, body: 'Method not allowed\n' });
  });

  it.each([
    '/absent.html',
    '/absent.js',
    '/img',
    '/img/',
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/img/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '//etc/passwd',
    '/%2fetc%2fpasswd',
    '/.hidden.txt',
    '/style.css%00.html',
    '/%zz',
    `/${'x'.repeat(5_000)}.txt`,
  ])('finds nothing at %s', async (path) => {
    const answer = await ask(path);

    expect(answer).toMatchObject({ status: 404, body: 'Not found\n' });
  });

  it('follows no link out of the directory', async () => {
    await symlink(join(folder, 'secret.txt'), join(directory, 'link.txt'));
    await symlink(folder, join(directory, 'up'));

    const answers = [await ask('/link.txt'), await ask('/up/secret.txt')];

    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  });

  it('bundles NAME.ts for NAME.js', async () => {
    const { status, headers, body } = await ask('/page.js');

    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/javascript; charset=utf-8' });
    expect(body).toContain('"first"');
    expect(body).not.toContain(': string =');
  });

  it('bundles anew when a source changed', async () => {
    await ask('/page.js');
    await writeFile(join(directory, 'name.ts'), "export const name = 'second';");
    await utimes(join(directory, 'name.ts'), new Date(), new Date(Date.now() + 5_000));

    const { body } = await ask('/page.js');

    expect(body).toContain('"second"');
  });

  it('says once, in the answer and on the terminal, why a script cannot be built', async () => {
    await writeFile(join(directory, 'page.ts'), 'const = 1;');

    const { status, body } = await ask('/page.js');

    expect(status).toBe(500);
    expect(body).toMatch(/cannot be built[^]*page\.ts:1:6/);
    expect(warnings).toEqual([body.trimEnd()]);
  });
});

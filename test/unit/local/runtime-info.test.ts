import { createServer } from 'node:http';
import { once } from 'node:events';
import { serveRuntimeInfo } from '../../../local/runtime-info.ts';

const INFO = {
  region: 'eu-central-1',
  endpoints: {
    dynamodb: 'http://127.0.0.1:1',
    s3: 'http://127.0.0.1:2',
    lambda: 'http://127.0.0.1:4',
    callback: 'http://127.0.0.1:3/live',
  },
  stages: [
    { api: 'Api', apiId: 'a', stage: 'live', url: 'ws://127.0.0.1:3/live', callback: 'http://127.0.0.1:3/live' },
  ],
  outputs: { TopicsTable: 'Topics' },
  issuer: { issuer: 'http://127.0.0.1:3/_runtime', audience: 'a', jwksUri: 'http://127.0.0.1:3/_runtime/jwks.json' },
};

describe('the runtime’s information for tools', () => {
  const closings: (() => void)[] = [];
  afterEach(() => {
    for (const close of closings.splice(0)) close();
  });

  async function serve(page: Parameters<typeof serveRuntimeInfo>[1]): Promise<string> {
    const server = createServer(serveRuntimeInfo(INFO, page)).listen(0, '127.0.0.1');
    closings.push(() => server.close().closeAllConnections());
    await once(server, 'listening');
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  it('is JSON at /_runtime, and nobody keeps it', async () => {
    const url = await serve(undefined);

    const response = await fetch(`${url}/_runtime?any=query`);

    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.json()).toEqual(INFO);
  });

  it('is read only', async () => {
    const url = await serve(undefined);

    const response = await fetch(`${url}/_runtime`, { method: 'POST' });

    expect(response.status).toBe(405);
  });

  it('leaves all else to the page, and forbids it where there is none, as API Gateway does', async () => {
    const [withPage, without] = [await serve((_, response) => response.end('the page')), await serve(undefined)];

    const page = await fetch(`${withPage}/_runtime/more`);
    const nothing = await fetch(`${without}/`);

    expect(await page.text()).toBe('the page');
    expect(nothing.status).toBe(403);
    expect(await nothing.json()).toEqual({ message: 'Forbidden' });
  });
});

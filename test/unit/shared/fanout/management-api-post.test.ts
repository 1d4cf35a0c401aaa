import type { ServerResponse } from 'node:http';
import { createManagementApiPost } from '../../../../shared/fanout/management-api-post.ts';
import { type HttpServer, startHttpServer } from '../../../helpers/http-server.ts';

const environment = { ...process.env };

describe('a post by the management API', () => {
  const servers: HttpServer[] = [];

  beforeAll(() => {
    Object.assign(process.env, {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
  });

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  afterAll(() => {
    process.env = environment;
  });

  async function open(answer: (response: ServerResponse) => unknown) {
    const server = await startHttpServer((_, response) => void answer(response));
    servers.push(server);
    const failures: string[] = [];
    const post = createManagementApiPost({
      callbackUrl: `${server.url}/live`,
      onFailure: (connectionId) => void failures.push(connectionId),
    });
    return { server, failures, post };
  }

  it('sends the frame as it is, to the connection whose id is encoded', async () => {
    const { server, post } = await open((response) => response.end());

    const outcome = await post('gTg3TG-5D_YK+/A==', '{"é":"🌊"}');

    expect(outcome).toBe('delivered');
    expect(server.requests).toMatchObject([
      { method: 'POST', path: '/live/@connections/gTg3TG-5D_YK%2B%2FA%3D%3D', body: '{"é":"🌊"}' },
    ]);
  });

  it.each([
    [410, 'GoneException', 'gone'],
    [429, 'LimitExceededException', 'throttled'],
    [413, 'PayloadTooLargeException', 'failed'],
    [403, 'ForbiddenException', 'failed'],
    [500, 'InternalServerException', 'failed'],
  ])('answers %i (%s) with %s, after one try', async (status, name, outcome) => {
    const { server, failures, post } = await open((response) =>
      response.writeHead(status, { 'x-amzn-ErrorType': name }).end(),
    );

    expect(await post('C1=', '1')).toBe(outcome);
    expect(server.requests).toHaveLength(1);
    expect(failures).toEqual(outcome === 'failed' ? ['C1='] : []);
  });

  it('takes a 410 without a name for gone', async () => {
    const { post } = await open((response) => response.writeHead(410).end());

    expect(await post('C1=', '1')).toBe('gone');
  });

  it.each<[string, (response: ServerResponse) => unknown]>([
    ['the connection is cut', (response) => response.destroy()],
    ['nothing is ever answered', () => undefined],
  ])('has failed when %s', async (_, answer) => {
    const { server, failures, post } = await open(answer);

    expect(await post('C1=', '1')).toBe('failed');
    expect(server.requests).toHaveLength(1);
    expect(failures).toEqual(['C1=']);
  });
});

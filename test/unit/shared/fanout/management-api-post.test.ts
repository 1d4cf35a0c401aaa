import type { ServerResponse } from 'node:http';
import { createManagementApiPost } from '../../../../shared/fanout/management-api-post.ts';
import { type HttpServer, startHttpServer } from '../../../helpers/http-server.ts';

/** Far longer than any answer takes here. */
const TIMEOUT_MS = 30_000;
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

    const outcome = await post('gTg3TG-5D_YK+/A==', '{"é":"🌊"}', TIMEOUT_MS);

    expect(outcome).toBe('delivered');
    expect(server.requests).toMatchObject([
      { method: 'POST', path: '/live/@connections/gTg3TG-5D_YK%2B%2FA%3D%3D', body: '{"é":"🌊"}' },
    ]);
  });

  it.each([
    [410, 'GoneException', 'gone'],
    [429, 'LimitExceededException', 'throttled'],
    [413, 'PayloadTooLargeException', 'refused'],
    [400, 'BadRequestException', 'refused'],
    [403, 'ForbiddenException', 'failed'],
    [500, 'InternalServerException', 'failed'],
  ])('answers %i (%s) with %s, after one try', async (status, name, outcome) => {
    const { server, failures, post } = await open((response) =>
      response.writeHead(status, { 'x-amzn-ErrorType': name }).end(),
    );

    expect(await post('C1=', '1', TIMEOUT_MS)).toBe(outcome);
    expect(server.requests).toHaveLength(1);
    expect(failures).toEqual(['failed', 'refused'].includes(outcome) ? ['C1='] : []);
  });

  it('takes a 410 without a name for gone', async () => {
    const { post } = await open((response) => response.writeHead(410).end());

    expect(await post('C1=', '1', TIMEOUT_MS)).toBe('gone');
  });

  it('has failed when the connection is cut', async () => {
    const { server, failures, post } = await open((response) => response.destroy());

    expect(await post('C1=', '1', TIMEOUT_MS)).toBe('failed');
    expect(server.requests).toHaveLength(1);
    expect(failures).toEqual(['C1=']);
  });

  it('has failed when nothing listens', async () => {
    const { server, post } = await open((response) => response.end());
    servers.splice(0);
    await server.close();

    expect(await post('C1=', '1', TIMEOUT_MS)).toBe('failed');
  });

  it('is unanswered when nothing comes before the deadline of this post', async () => {
    const { server, failures, post } = await open(() => undefined);

    // Past what a connection may take: the two are told apart.
    expect(await post('C1=', '1', 600)).toBe('unanswered');
    expect(server.requests).toHaveLength(1);
    expect(failures).toEqual(['C1=']);
  });
});

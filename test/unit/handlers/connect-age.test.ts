import { toContext } from '../../../shared/auth/authorizer-context.ts';
import { NO_PERMISSIONS } from '../../../shared/auth/permissions.ts';
import { ENVIRONMENT } from '../../../shared/config.ts';
import { type HttpServer, startHttpServer } from '../../helpers/http-server.ts';
import { setLambdaEnvironment } from '../../helpers/lambda-environment.ts';
import { authorized, connectEvent, lambdaContext } from '../../helpers/lambda-events.ts';

describe('$connect, with a database that answers late', () => {
  let database: HttpServer;
  let restore: () => void;
  let writeMs = 0;
  const realNow = Date.now;
  const startMs = realNow();
  let nowMs = startMs;

  beforeAll(async () => {
    database = await startHttpServer((_, response) => {
      nowMs += writeMs;
      response.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.0' }).end('{"UnprocessedItems":{}}');
    });
    restore = setLambdaEnvironment({ dynamodb: database.url });
    process.env[ENVIRONMENT.auth] = 'on';
    Date.now = () => nowMs;
  });

  afterAll(async () => {
    Date.now = realNow;
    restore();
    await database.close();
  });

  it.each([
    [4_000, 200],
    [6_000, 403],
  ])('answers a write of %p ms with %p, since sweeps of a revocation would miss a later record', async (ms, status) => {
    [writeMs, nowMs] = [ms, startMs];
    const { handler } = await import('../../../handlers/connect.ts');
    const principal = {
      subject: 'ann',
      tokenEnd: nowMs + 60_000,
      permissions: NO_PERMISSIONS,
      revoked: [],
      seen: 0,
      checkedAt: nowMs,
    };
    const event = authorized(connectEvent('A1='), toContext(principal));

    expect(await handler(event, lambdaContext)).toMatchObject({ statusCode: status });
  });
});

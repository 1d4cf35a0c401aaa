import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultyBuckets, faultyCallbacks, faultyGuard, faultyLambda } from '../../../../local/faults/apply-faults.ts';
import { createChooseFault } from '../../../../local/faults/choose-fault.ts';
import type { FaultPlan } from '../../../../local/faults/fault.ts';
import { readFaults } from '../../../../local/faults/read-faults.ts';
import { type EngineGuard, startEngineGuard } from '../../../../local/iam/engine-guard.ts';
import { type HttpServer, startHttpServer } from '../../../helpers/http-server.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';

const INVOKE = { action: 'lambda:InvokeFunction', resource: 'arn' };

/** Reads a plan as the option `--faults` does. */
function planOf(plan: object): FaultPlan {
  const directory = temporaryDirectory();
  try {
    const path = join(directory.path, 'faults.json');
    writeFileSync(path, JSON.stringify(plan));
    return readFaults(path);
  } finally {
    directory.remove();
  }
}

const call = (operation: string, table: string) =>
  ({ service: 'dynamodb', operation, resources: [`arn:aws:dynamodb:r:1:table/${table}`] }) as const;

describe('the choice of the calls that fail', () => {
  const THROTTLED = { service: 'dynamodb', error: 'ThrottlingException' };

  /** The numbers of the calls that fail of a hundred. */
  function failing(plan: object): number[] {
    const choose = createChooseFault(planOf(plan));
    return Array.from({ length: 100 }, (_, index) => index).filter(() => choose(call('PutItem', 'orders')));
  }

  it('is the same for the same seed, and another for another one', () => {
    const faults = [{ ...THROTTLED, share: 0.2 }];

    expect(failing({ seed: 7, faults })).toEqual(failing({ seed: 7, faults }));
    expect(failing({ seed: 8, faults })).not.toEqual(failing({ seed: 7, faults }));
    expect(failing({ seed: 7, faults }).length).toBeGreaterThan(5);
    expect(failing({ seed: 7, faults }).length).toBeLessThan(40);
  });

  it('begins after some calls, and ends after some failures', () => {
    expect(failing({ faults: [{ ...THROTTLED, after: 3, times: 2 }] })).toEqual([3, 4]);
  });

  it('is of the operation and the table that a rule names', () => {
    const choose = createChooseFault(planOf({ faults: [{ ...THROTTLED, operation: 'PutItem', on: 'orders' }] }));

    expect(choose(call('PutItem', 'orders'))).toBeDefined();
    expect(choose(call('GetItem', 'orders'))).toBeUndefined();
    expect(choose(call('PutItem', 'users'))).toBeUndefined();
    expect(choose({ ...call('PutItem', 'orders'), service: 's3' })).toBeUndefined();
  });
});

describe('the file of --faults', () => {
  it.each([
    [{ faults: [{ service: 'sqs', error: 'x' }] }, /service is sqs; known: dynamodb, s3, lambda, connections/],
    [{ faults: [{ service: 's3', error: 'Slow' }] }, /error is Slow; known of s3: InternalError/],
    [{ faults: [{ service: 's3' }] }, /has no effect: it needs an error, cut or delayMs/],
    [{ faults: [{ service: 's3', cut: true }] }, /cut: calls of s3 are not cut/],
    [{ faults: [{ service: 'connections', delayMs: 5 }] }, /calls of connections are not delayed/],
    [{ faults: [{ service: 'lambda', error: 'ServiceException', share: 2 }] }, /share is 2; allowed: 0 to 1/],
    [{ faults: [{ service: 'lambda', rate: 2 }] }, /rate is not known: service, operation/],
    [{ rules: [] }, /rules is not known: seed, faults/],
  ])('%j is refused with what it should be', (plan, words) => {
    expect(() => planOf(plan)).toThrow(words);
  });

  it('is refused when it cannot be read', () => {
    expect(() => readFaults('/nowhere/faults.json')).toThrow(
      /^--faults \/nowhere\/faults.json cannot be read: .*ENOENT/,
    );
  });
});

describe('a call that fails', () => {
  let engine: HttpServer | undefined;
  let guard: EngineGuard | undefined;

  afterEach(async () => {
    await guard?.close();
    await engine?.close();
    [guard, engine] = [undefined, undefined];
  });

  /** Sends one request to DynamoDB, and returns the status and body. */
  async function send(fault: object) {
    const choose = createChooseFault(planOf({ faults: [{ service: 'dynamodb', ...fault }] }));
    engine = await startHttpServer((_request, response) => response.end('done'));
    const read = () => ({ operation: 'PutItem', accesses: [] });
    guard = await startEngineGuard(
      engine.url,
      faultyGuard(() => undefined, choose, read),
    );
    const response = await fetch(guard.endpoint, { method: 'POST', body: '{}' });
    return { status: response.status, body: await response.text(), requests: engine.requests.length };
  }

  it('is answered with the error of DynamoDB and does not reach the engine', async () => {
    const { status, body, requests } = await send({ error: 'InternalServerError', message: 'broken' });

    expect({ status, requests }).toEqual({ status: 500, requests: 0 });
    expect(JSON.parse(body)).toEqual({ __type: 'com.amazon.coral.service#InternalServerError', message: 'broken' });
  });

  it('is late, and reaches the engine', async () => {
    expect(await send({ delayMs: 1 })).toEqual({ status: 200, body: 'done', requests: 1 });
  });

  it('loses its connection', async () => {
    await expect(send({ cut: true })).rejects.toThrow();
    expect(engine?.requests).toEqual([]);
  });

  it('has the form of each service', async () => {
    const choose = createChooseFault(
      planOf({
        faults: [
          { service: 'lambda', error: 'TooManyRequestsException', times: 1 },
          { service: 's3', error: 'SlowDown', times: 1, operation: 'PutObject' },
          { service: 'connections', error: 'GoneException', times: 1 },
          { service: 'connections', cut: true, times: 1 },
        ],
      }),
    );
    const invoke = faultyLambda(async () => undefined, choose);
    const bucket = faultyBuckets(() => undefined, choose);
    const callbacks = faultyCallbacks(choose);
    const put = { method: 'PUT', url: '/b/k', authorization: '' };
    const post = { method: 'POST', connectionId: 'c' };

    expect(await invoke('', INVOKE)).toEqual({ errorType: 'TooManyRequestsException', message: 'Rate Exceeded.' });
    expect(await invoke('', INVOKE)).toBeUndefined();
    expect(await bucket(put)).toMatchObject({ status: 503, code: 'SlowDown' });
    expect(await bucket(put)).toBeUndefined();
    expect(callbacks(post)).toEqual({ errorType: 'GoneException', statusCode: 410 });
    expect(callbacks(post)).toBe('hang');
    expect(callbacks(post)).toBeUndefined();
  });
});

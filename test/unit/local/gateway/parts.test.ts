import type { Invoke } from '../../../../local/model.ts';
import { CLOSED_NORMALLY } from '../../../../local/gateway/close-reason.ts';
import { createDisconnects } from '../../../../local/gateway/disconnects.ts';
import { FrameWatch } from '../../../../local/gateway/websocket-frames.ts';
import { createIdSource, isConnectionId } from '../../../../local/gateway/ids.ts';
import { createOriginGuard } from '../../../../local/origin-guard.ts';
import { AWS_LIMITS } from '../../../../local/gateway/limits.ts';
import { compileSelection } from '../../../../local/gateway/route-selection.ts';
import { createTokenBucket } from '../../../../local/gateway/gateway-context.ts';
import { randomBytes } from 'node:crypto';
import { gate } from './gateway-harness.ts';
import { clientFrame } from './raw-websocket.ts';

describe('a route selection expression', () => {
  it.each([
    ['$request.body.action', { action: 'go' }, 'go'],
    ['${request.body.action}', { action: 'go' }, 'go'],
    ['${request.body.service}/${request.body.action}', { service: 'chat', action: 'go' }, 'chat/go'],
    ['v1-${request.body.a.b[1]}', { a: { b: [1, 2] } }, 'v1-2'],
    ['$request.body.a.b', { a: {} }, ''],
    ['$request.body.constructor', {}, ''],
    ['$request.body.action', { action: null }, ''],
    ['$request.body.action', { action: true }, 'true'],
    [String.raw`\$default`, 'whatever', '$default'],
    ['static', 'whatever', 'static'],
  ])('%s of %j is %s', (expression, body, expected) => {
    const select = compileSelection(expression);

    expect(select(JSON.stringify(body))).toBe(expected);
  });

  it('with a variable that is not supported does not compile', () => {
    expect(() => compileSelection('$context.stage')).toThrow('not supported');
  });
});

describe('a frame watch', () => {
  const small = clientFrame(Buffer.alloc(10));
  const close = clientFrame(Buffer.alloc(2), { opcode: 8 });

  it.each([1, 2, 3, 7, 1000, 1_000_000])('finds the frame that is too large in chunks of %i bytes', (size) => {
    const part = clientFrame(Buffer.alloc(100), { fin: false });
    const end = clientFrame(Buffer.alloc(100), { opcode: 0 });
    const large = clientFrame(Buffer.alloc(70_000));
    const stream = Buffer.concat([small, part, close, end, large, small]);
    const watch = new FrameWatch(32 * 1024);

    let found = 0;
    for (let at = 0; at < stream.length; at += size) if (watch.see(stream.subarray(at, at + size))) found += 1;

    expect(found).toBe(1);
    expect(watch.messagesBefore).toBe(2);
  });

  it('lets a frame of exactly the limit pass', () => {
    const watch = new FrameWatch(1000);

    expect(watch.see(clientFrame(Buffer.alloc(1000)))).toBe(false);
    expect(watch.see(clientFrame(Buffer.alloc(1001)))).toBe(true);
  });
});

describe('ids', () => {
  it('are like those of AWS: padded, URL-safe, of more than one length, never the same', () => {
    const source = createIdSource(randomBytes);

    const ids = Array.from({ length: 2000 }, () => source.connectionId());

    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => isConnectionId(id))).toBe(true);
    expect(new Set(ids.map((id) => id.length))).toEqual(new Set([16, 20]));
  });
});

describe('a token bucket', () => {
  it('gives its burst at once and then its rate', () => {
    let now = 0;
    const take = createTokenBucket({ ratePerSecond: 10, burst: 3 }, () => now);

    const atOnce = [take(), take(), take(), take()];
    now = 100;
    const later = [take(), take()];
    now = 10_000;
    const full = [take(), take(), take(), take()];

    expect(atOnce).toEqual([true, true, true, false]);
    expect(later).toEqual([true, false]);
    expect(full).toEqual([true, true, true, false]);
  });
});

describe('`$disconnect`', () => {
  it('is invoked in order within a bound, waits within a bound, and past that is dropped with a warning', async () => {
    const open = gate();
    const [invoked, warnings]: [string[], string[]] = [[], []];
    const invoke: Invoke = async (_functionArn, event) => {
      invoked.push((event as { requestContext: { connectionId: string } }).requestContext.connectionId);
      await open.wait;
      return { outcome: 'success', requestId: 'r', payload: {} };
    };
    const disconnects = createDisconnects({
      api: { apiId: 'a', stage: 'live', domainName: 'd', connectMethodArn: 'm' },
      routes: [
        {
          routeKey: '$disconnect',
          functionArn: 'f',
          returnsResponse: false,
          integrationTimeoutMs: 29_000,
          permitted: true,
        },
      ],
      limits: { ...AWS_LIMITS, parallelDisconnects: 2, connections: 1 },
      invoke,
      terminal: { info: () => undefined, warn: (message) => warnings.push(message), lambdaLog: () => undefined },
      now: () => 0,
      ids: createIdSource(randomBytes),
      takeToken: () => true,
      guard: createOriginGuard({ ports: new Set() }),
    });

    for (const connectionId of ['1', '2', '3', '4']) {
      const facts = { connectionId, connectedAt: 0, client: { host: 'h', sourceIp: '127.0.0.1' } };
      disconnects.announce(facts, CLOSED_NORMALLY);
    }
    const invokedAtFirst = [...invoked];
    open.open();
    await disconnects.idle();

    expect(invokedAtFirst).toEqual(['1', '2']);
    expect(invoked).toEqual(['1', '2', '3']);
    expect(warnings).toEqual([expect.stringContaining('$disconnect of 4 dropped')]);
  });
});

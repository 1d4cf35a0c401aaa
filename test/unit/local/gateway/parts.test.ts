import { createBoundedRunner } from '../../../../local/gateway/bounded-runner.ts';
import { createFrameWatch } from '../../../../local/gateway/frame-watch.ts';
import { createIdSource, isConnectionId } from '../../../../local/gateway/ids.ts';
import { compileRouteSelection } from '../../../../local/gateway/route-selection.ts';
import { createTokenBucket } from '../../../../local/gateway/throttle.ts';
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
    const select = compileRouteSelection(expression);

    expect(select(JSON.stringify(body))).toBe(expected);
  });

  it('with a variable that is not supported does not compile', () => {
    expect(() => compileRouteSelection('$context.stage')).toThrow('not supported');
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
    const watch = createFrameWatch(32 * 1024);

    let found = 0;
    for (let at = 0; at < stream.length; at += size) if (watch.see(stream.subarray(at, at + size))) found += 1;

    expect(found).toBe(1);
    expect(watch.messagesBefore()).toBe(2);
  });

  it('lets a frame of exactly the limit pass', () => {
    const watch = createFrameWatch(1000);

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

describe('a bounded runner', () => {
  it('runs no more at once than it may, queues no more than it may, and tells when it is idle', async () => {
    const open = gate();
    const runner = createBoundedRunner({ parallel: 2, queue: 1 });
    let begun = 0;
    const task = async (): Promise<void> => {
      begun += 1;
      await open.wait;
    };

    const taken = [runner.run(task), runner.run(task), runner.run(task), runner.run(task)];
    const begunAtFirst = begun;
    open.open();
    await runner.idle();

    expect(taken).toEqual([true, true, true, false]);
    expect([begunAtFirst, begun]).toEqual([2, 3]);
  });
});

import { isDeepStrictEqual } from 'node:util';
import {
  authenticatedPort,
  authenticatedUrl,
  createTokenClients,
  EVERYTHING,
  runtimeAddress,
  tokenFor,
} from '../helpers/authenticated.ts';
import { unusedName } from '../helpers/contract-target.ts';
import type { Dialogue, Frame } from '../helpers/dialogue.ts';
import { type Victim, hostileFrames } from '../helpers/hostile-frames.ts';
import { attempt, hostileHandshakes } from '../helpers/hostile-handshakes.ts';

const FRAMES = 9_000;
const HANDSHAKES = 1_000;
const SEED = Number(process.env['HOSTILE_SEED'] ?? 20_261_129);

/** Number of the attackers' sockets. */
const ATTACKERS = 4;
/** Number of frames in flight on each of them: below the rate that the stage gives each route. */
const WINDOW = 10;
/** Number of handshakes in flight at once. */
const CONNECTING = 8;

/** The HTTP statuses of a refused handshake; 414 is the gateway's answer to a long URL. */
const REFUSED: ReadonlySet<number | undefined> = new Set([400, 401, 403, 414]);

const clients = createTokenClients();
afterAll(() => clients.cutAll());

/** Leaves out what a client has to drop: a frame that came again, with the same `seq`. */
const withoutRepeats = (frames: readonly Frame[]): readonly Frame[] => {
  const isRepeat = (frame: Frame, at: number): boolean =>
    frames.slice(0, at).some((earlier) => isDeepStrictEqual(earlier, frame));
  return frames.filter((frame, at) => !isRepeat(frame, at));
};

/** Opens a well-behaved client that has a topic and a counter to itself, and knows what it should have received. */
async function openBystander() {
  const [subject, topic, counter] = [unusedName('bystander'), unusedName('safe'), unusedName('safe')];
  const client = await clients.connectAs({ ...EVERYTHING, sub: subject }, [topic, `counter:${counter}`]);
  await client.hear({ type: 'subscribed', topic });
  await client.hear({ type: 'subscribed', topic: `counter:${counter}` });
  await client.ask({ action: 'subscribe', topic, presence: true });
  let rounds = 0;
  /** Publishes, counts and pings once, and waits for all that is due. */
  const live = async (): Promise<void> => {
    rounds += 1;
    const ack = await client.ask({ action: 'publish', topic, data: rounds, key: `key-${rounds}` });
    const counted = await client.ask({ action: 'plus', counter, key: `key-${rounds}` });
    await client.hear({ type: 'message', topic, seq: rounds });
    await client.hear({ type: 'state', counter, seq: rounds });
    await client.ask({ action: 'ping', positions: { [topic]: { epoch: ack['epoch'], seq: rounds } } });
    expect([ack, counted]).toMatchObject([
      { type: 'ack', seq: rounds },
      { type: 'ack', value: rounds },
    ]);
  };
  const expectUnharmed = (): void => {
    const isDue = ({ type }: { readonly type?: unknown }) => type === 'message' || type === 'state';
    const due = Array.from({ length: rounds }, (_, i) => i + 1);
    expect(client.heard.filter(({ type }) => type === 'error')).toEqual([]);
    const received = withoutRepeats(client.heard.filter(isDue));
    expect(received.filter(({ type }) => type === 'message').map(({ data, from }) => [data, from])).toEqual(
      due.map((round) => [round, subject]),
    );
    expect(received.filter(({ type }) => type === 'state').map(({ value }) => value)).toEqual(due);
    expect(received).toHaveLength(2 * rounds);
    for (const frame of client.heard.filter(({ type }) => type === 'presence')) {
      expect(JSON.stringify(frame)).not.toContain('mallory');
    }
  };
  const victim: Victim = { topic, counter, subject, connectionId: 'L0SM9cOFvHcCIhw=', key: 'key-1' };
  return { live, expectUnharmed, victim };
}

/** Reads the log lines of all functions since a time in epoch milliseconds. */
async function logsSince(sinceMs: number): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const text = await (await fetch(runtimeAddress(`/logs?since=${sinceMs}`))).text();
  const events: { readonly message: string }[] = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return events.flatMap(({ message }) => (message.startsWith('{') ? [JSON.parse(message)] : []));
}

/** Reads the public facts and the public key of the runtime's issuer. */
async function publicFacts() {
  const read = async (path: string) => JSON.parse(await (await fetch(runtimeAddress(path))).text());
  const { issuer }: { issuer: { issuer: string; audience: string } } = await read('');
  const { keys }: { keys: readonly Record<string, unknown>[] } = await read('/jwks.json');
  return { issuer: issuer.issuer, audience: issuer.audience, jwk: keys[0] ?? {} };
}

/** Sends frames, a few at a time, each of which has to be answered with one frame. */
async function sendAll(attacker: Dialogue, frames: readonly string[]): Promise<void> {
  for (let sent = 0; sent < frames.length; sent += WINDOW) {
    for (const text of frames.slice(sent, sent + WINDOW)) attacker.say(text);
    await attacker.count(Math.min(sent + WINDOW, frames.length));
  }
}

describe(`hostile clients (HOSTILE_SEED=${SEED})`, () => {
  test(`${FRAMES} frames get one error each, and a bystander sees only its own`, async () => {
    const startedAt = Date.now();
    const bystander = await openBystander();
    await bystander.live();
    const mine = ['mallory', 'mallory/*', 'mallory:*'];
    const claims = { sub: 'mallory', subscribe: mine, publish: mine, count: ['mallory'], presence: [] };
    const attackers = await Promise.all(Array.from({ length: ATTACKERS }, () => clients.connectAs(claims)));
    const frames = hostileFrames(FRAMES, SEED, bystander.victim);
    const share = Math.ceil(frames.length / ATTACKERS);

    const over = new AbortController();
    const attack = Promise.all(
      attackers.map((attacker, i) => sendAll(attacker, frames.slice(i * share, (i + 1) * share))),
    ).finally(() => over.abort());
    while (!over.signal.aborted) await bystander.live();
    await attack;
    await bystander.live();

    for (const [i, attacker] of attackers.entries()) {
      const own = frames.slice(i * share, (i + 1) * share);
      const others = attacker.heard.filter(({ type, code }) => type !== 'error' || code === 'unavailable');
      expect(others).toEqual([]);
      expect(attacker.heard).toHaveLength(own.length);
      expect(await attacker.ask({ action: 'ping' })).toMatchObject({ type: 'pong' });
    }
    bystander.expectUnharmed();
    const logs = await logsSince(startedAt);
    expect(logs.length).toBeGreaterThan(0);
    expect(logs.filter((line) => 'forged' in line || line['level'] === 'ERROR')).toEqual([]);
  });

  test(`${HANDSHAKES} handshakes are refused, none with a fault of the server, and a bystander notices nothing`, async () => {
    const startedAt = Date.now();
    const bystander = await openBystander();
    await bystander.live();
    const genuine = await tokenFor({ sub: 'mallory', subscribe: ['mallory/*'] });
    const spoils = { ...(await publicFacts()), genuine };
    const handshakes = hostileHandshakes(HANDSHAKES, { ...spoils, port: authenticatedPort(), seed: SEED });

    const passed: unknown[] = [];
    for (let sent = 0; sent < handshakes.length; sent += CONNECTING) {
      const few = handshakes.slice(sent, sent + CONNECTING);
      const statuses = await Promise.all(few.map((handshake) => attempt(authenticatedUrl(), handshake)));
      passed.push(...few.flatMap((handshake, i) => (REFUSED.has(statuses[i]) ? [] : [[statuses[i], handshake]])));
      if (sent % (CONNECTING * 10) === 0) await bystander.live();
    }

    expect(passed).toEqual([]);
    bystander.expectUnharmed();
    const logs = await logsSince(startedAt);
    expect(logs.some(({ message }) => message === 'handshake refused')).toBe(true);
    expect(logs.filter((line) => 'forged' in line || line['level'] === 'ERROR')).toEqual([]);
    expect(JSON.stringify(logs)).not.toContain(genuine.split('.')[1]);
  });
});

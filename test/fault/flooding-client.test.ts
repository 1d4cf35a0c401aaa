import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findHead } from '../../shared/store/topics.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { testAssembly } from '../helpers/runtime.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';

/** Publishes a second of a connection, and those that it may send at a stretch. */
const RATE = 10;
const BURST = 10 * RATE;

/** Number of frames that the flood sends, as fast as they are answered: at least 20 times its rate on any machine. */
const FLOOD = 1_500;
const IN_FLIGHT = 40;

/** Number of environments of a function that the local runtime starts at most. Each counts a quarter by itself. */
const ENVIRONMENTS = 10;

/** Returns a copy of the tests' assembly, whose routes hold a connection to `RATE` publishes a second. */
function limitedAssembly(): string {
  const directory = mkdtempSync(join(tmpdir(), 'distributary-limited-'));
  cpSync(testAssembly(), directory, { recursive: true });
  for (const file of globSync(join(directory, '*.template.json'))) {
    const text = readFileSync(file, 'utf8');
    const limited = text.replaceAll(
      String.raw`\"connectionPublishes\":100`,
      String.raw`\"connectionPublishes\":${RATE}`,
    );
    if (limited === text) throw new Error('The template has no rate limits.');
    writeFileSync(file, limited);
  }
  return directory;
}

/** Publishes again and again, with `IN_FLIGHT` frames unanswered. */
async function flood(client: Dialogue, topic: string): Promise<void> {
  for (let sent = 0; sent < FLOOD; sent += 1) {
    if (sent >= IN_FLIGHT) await client.count(sent - IN_FLIGHT + 1);
    client.say({ action: 'publish', topic, data: sent, id: `f${sent}` });
  }
  await client.count(FLOOD);
}

/** Publishes again and again, with `IN_FLIGHT` frames unanswered, until the server closes the connection. */
async function floodUntilClosed(client: Dialogue, topic: string): Promise<void> {
  const { socket } = client;
  for (let sent = 0; socket.readyState === socket.OPEN; sent += 1) {
    if (sent >= IN_FLIGHT) await Promise.race([client.count(sent - IN_FLIGHT + 1), client.closed()]);
    if (socket.readyState === socket.OPEN) client.say({ action: 'publish', topic, data: sent, id: `f${sent}` });
  }
}

describe('a connection that floods', () => {
  let bench: RuntimeBench;
  let assembly: string;

  beforeAll(async () => {
    assembly = limitedAssembly();
    bench = await startBench({}, { assembly });
  });

  afterAll(async () => {
    await bench.stop();
    rmSync(assembly, { recursive: true });
  });

  const seqOf = async (topic: string): Promise<number> =>
    (await findHead(bench.dynamodb, bench.output('TopicsTable'), topic))?.seq ?? 0;

  test('is refused with rate-limited, writes no more than its limit, and leaves a bystander alone', async () => {
    const [flooded, calm] = [unusedName('flooded'), unusedName('calm')];
    const flooder = await openDialogue(`${bench.runtime.url}?topics=`);
    const bystander = await openDialogue(`${bench.runtime.url}?topics=`);
    const beganMs = Date.now();

    const flooding = flood(flooder, flooded);
    const answers: unknown[] = [];
    for (let index = 0; index < BURST / 5; index++) {
      answers.push((await bystander.ask({ action: 'publish', topic: calm, data: index }))['type']);
    }
    await flooding;

    const seconds = (Date.now() - beganMs) / 1_000;
    const acks = flooder.heard.filter(({ type }) => type === 'ack').length;
    const refused = flooder.heard.filter(({ code }) => code === 'rate-limited');
    expect(refused.length).toBeGreaterThan(FLOOD / 2);
    expect(refused.every(({ retryAfterMs }) => Number(retryAfterMs) > 0)).toBe(true);
    expect(await seqOf(flooded)).toBe(acks);
    expect(acks).toBeGreaterThanOrEqual(BURST);
    // Frames that are spread evenly exceed the limit by the number of environments over four (`LOCAL_SHARE`).
    expect(acks).toBeLessThanOrEqual((BURST + RATE * (seconds + 1)) * (ENVIRONMENTS / 4));
    expect(new Set(answers)).toEqual(new Set(['ack']));
    expect(await seqOf(calm)).toBe(BURST / 5);
  });

  test('is told so and closed if it goes on, once, and may connect again', async () => {
    const [flooded, calm] = [unusedName('flooded'), unusedName('calm')];
    const flooder = await openDialogue(`${bench.runtime.url}?topics=`);
    const bystander = await openDialogue(`${bench.runtime.url}?topics=`);

    await floodUntilClosed(flooder, flooded);

    const told = flooder.heard.filter(({ closing }) => closing === true);
    expect(told).toEqual([
      { type: 'error', code: 'rate-limited', message: expect.any(String), closing: true, retryAfterMs: 10_000 },
    ]);
    const again = await openDialogue(`${bench.runtime.url}?topics=`);
    expect(await again.ask({ action: 'publish', topic: flooded, data: 'again' })).toMatchObject({ type: 'ack' });
    expect(await bystander.ask({ action: 'publish', topic: calm, data: 1 })).toMatchObject({ type: 'ack' });
  });
});

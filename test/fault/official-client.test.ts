import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../local/assembly/synthesize.ts';
import { createTerminal } from '../../local/terminal.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { openDialogue } from '../helpers/dialogue.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Synthesizes this application as `cdk synth -c poster=sdk` does. Returns the directory of its assembly. */
async function synthesizeWithOfficialClient(directory: string): Promise<string> {
  const config: { context: object } = JSON.parse(await readFile(join(ROOT, 'cdk.json'), 'utf8'));
  const cdkJson = join(directory, 'cdk.json');
  const context = { ...config.context, poster: 'sdk' };
  await writeFile(cdkJson, JSON.stringify({ app: `node ${JSON.stringify(join(ROOT, 'infra/app.ts'))}`, context }));
  const outputDirectory = join(directory, 'out');
  const terminal = createTerminal({ write: (text) => void process.stderr.write(text), color: false });
  await synthesize({ cdkJson, outputDirectory }, { terminal });
  return outputDirectory;
}

describe('a stack that posts by the official client', () => {
  let directory: string;
  let assembly: string;
  let bench: RuntimeBench | undefined;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'distributary-official-client-'));
    assembly = await synthesizeWithOfficialClient(directory);
  });
  afterEach(() => bench?.stop());
  afterAll(() => rm(directory, { recursive: true }));

  it('subscribes, delivers and repeats what was throttled, as with the fast poster', async () => {
    const throttled = new Set<string>();
    const posts: string[] = [];
    const throttleOnce = ({ connectionId }: { connectionId: string }) => {
      posts.push(connectionId);
      if (!throttled.delete(connectionId)) return undefined;
      return { statusCode: 429, errorType: 'LimitExceededException' };
    };
    bench = await startBench({ interceptCallback: throttleOnce }, { assembly });
    const topic = unusedName('official');
    const client = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    await client.hear({ type: 'subscribed', topic });
    const before = posts.length;
    throttled.add(posts[0] ?? '');

    await client.ask({ action: 'publish', topic, data: 'é🌊' });

    await client.hear({ type: 'message', topic, seq: 1, data: 'é🌊' });
    expect(posts.slice(before)).toEqual([posts[0], posts[0]]);
    expect(client.heard.filter(({ type }) => type === 'message')).toHaveLength(1);
    await client.close();
  });
});

import { FreshFolder } from './fresh-folder.ts';

const SCRIPT = `import { counter, createPublisher, defineTopics, mintToken } from '@distributary/server';
import * as z from 'zod';

const topics = defineTopics({ news: z.object({ title: z.string() }), 'counter:votes': counter({ min: 0 }) });
const publisher = createPublisher({ topicsTable: 'Topics', keysTable: 'Keys', topics });
const refused = await publisher.publish('news', { title: 1 }).catch(({ code, details }) => [code, details[0]?.path]);
const token = await mintToken({ secret: 'a secret of at least thirty-two bytes', sub: 'ann', subscribe: ['news'] });
publisher.close();
console.log(refused.join(' '), token.split('.').length);
`;

/** Runs a back end from the tarball: a publisher that refuses what does not fit, and a token. No AWS is needed. */
export async function runServer(tarballs: readonly string[]): Promise<void> {
  const folder = new FreshFolder();
  try {
    await folder.install([...tarballs, 'zod@4.6.7']);
    folder.write({ 'back-end.mjs': SCRIPT });
    const { stdout } = await folder.run(process.execPath, ['back-end.mjs']);
    if (stdout.trim() !== 'bad-data data.title 3') throw new Error(`The back end says: ${stdout}`);
  } finally {
    folder.remove();
  }
}

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  connect,
  type Counter,
  type CounterName,
  type Message,
  type Published,
  type Realtime,
  type Subscription,
  type TopicName,
} from '../../../client/src/index.ts';

interface Article {
  readonly title: string;
}

interface Topics {
  readonly news: Article;
  readonly 'counter:votes': number;
}

type Equal<A, B> = [A, B] extends [B, A] ? true : false;

/** Does not compile when the types differ. */
const same = <A, B>(isSame: Equal<A, B>): boolean => isSame;

/** Never called: the compiler alone reads it. */
export function typed(rt: Realtime<Topics>, untyped: Realtime) {
  const subscription = rt.subscribe('news');
  subscription.on('message', ({ data }) => same<typeof data, Article>(true));
  return [
    same<typeof subscription, Subscription<Article>>(true),
    same<TopicName<Topics>, 'news'>(true),
    same<CounterName<Topics>, 'votes'>(true),
    same<ReturnType<typeof rt.counter>, Counter>(true),
    same<Awaited<ReturnType<typeof rt.publish>>, Published>(true),
    same<ReturnType<typeof untyped.subscribe>, Subscription>(true),
    same<Message['data'], unknown>(true),
    same<TopicName<Record<string, unknown>>, string>(true),
    same<CounterName<Record<string, unknown>>, string>(true),
  ];
}

const ROOT = resolve(import.meta.dirname, '../../..');

const PROGRAM = `
import { connect, counter, defineTopics } from '${ROOT}/client/src/index.ts';
const rt = connect<{ news: { title: string }; 'counter:votes': number; [chat: \`chat/\${string}\`]: string }>('ws://host');
rt.publish('news', { title: 'right' });
rt.publish('chat/1', 'right');
rt.counter('votes');
for await (const { data } of rt.subscribe('news')) data.title.length;
const text = { '~standard': { version: 1, vendor: 't', validate: (value: unknown) => ({ value, issues: undefined }), types: undefined as
  { input: { text: string }; output: unknown } | undefined } } as const;
const topics = defineTopics({ 'room/*': text, 'counter:votes': counter({ min: 0 }) });
const defined = connect<typeof topics>('ws://host');
defined.publish('room/1', { text: 'right' });
defined.counter('votes');
`;

const MISTAKES = [
  "rt.publish('news', { titel: 'wrong' });",
  "rt.publish('nwes', { title: 'wrong' });",
  "rt.publish('chat/1', 2);",
  "rt.publish('counter:votes', 1);",
  "rt.subscribe('counter:votes');",
  "rt.subscribe('sports');",
  "rt.counter('vots');",
  "rt.subscribe('news').on('message', ({ data }) => data.body);",
  "defined.publish('room/1', { txt: 'wrong' });",
  "defined.publish('news', { text: 'wrong' });",
  "defined.counter('vots');",
  "defineTopics({ 'counter:votes': text });",
  "defineTopics({ 'a*': text });",
];

/** The lines that the compiler complains of. */
function complaints(program: string): number[] {
  const directory = mkdtempSync(join(tmpdir(), 'typed-topics-'));
  try {
    writeFileSync(join(directory, 'program.mts'), program);
    writeFileSync(
      join(directory, 'tsconfig.json'),
      JSON.stringify({
        extends: join(ROOT, 'client/tsconfig.json'),
        compilerOptions: { noUnusedLocals: false, typeRoots: [] },
        include: ['program.mts'],
      }),
    );
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', directory], { encoding: 'utf8' });
    return [...stdout.matchAll(/^\S*program\.mts\((\d+),/gm)].map(([, line]) => Number(line));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('a client that knows the types of its topics', () => {
  it('compiles what is right and refuses each mistake', () => {
    const lineOfFirst = PROGRAM.split('\n').length;

    const lines = complaints(PROGRAM + MISTAKES.join('\n'));

    expect([...new Set(lines)]).toEqual(MISTAKES.map((_, index) => lineOfFirst + index));
  });

  it('is the same client at run time', () => {
    const rt = connect<Topics>('ws://127.0.0.1:1/');

    const { topic } = rt.subscribe('news');
    rt.close();

    expect(topic).toBe('news');
  });
});

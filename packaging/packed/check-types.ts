import { FreshFolder } from './fresh-folder.ts';

/** The compilers, by the name that each is installed under. */
const COMPILERS = {
  'typescript-5': 'npm:typescript@5.9.3',
  'typescript-6': 'npm:typescript@6.0.3',
  'typescript-7': 'npm:typescript@7.0.2',
} as const;

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    module: 'nodenext',
    moduleResolution: 'nodenext',
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: [],
    jsx: 'react-jsx',
  },
  include: ['*.ts', '*.tsx'],
};

const CLIENT = `import { connect, type Message, RealtimeError } from '@distributary/client';

const rt = connect('wss://example.com/live', { token: async () => 'token' });
const news = rt.subscribe('news', { history: 10, presence: true });
news.on('message', (message: Message) => console.log(message.seq, message.data));
const published: Promise<{ readonly seq: number }> = rt.publish('news', { title: 'one' });
published.catch((error: unknown) => console.log(error instanceof RealtimeError ? error.code : error));
// @ts-expect-error -- a topic is a text
rt.subscribe(1);
`;

const PAGE = `import { connect } from '@distributary/client';
import { RealtimeProvider, useTopic } from '@distributary/react';

const client = () => connect('wss://example.com/live');

function News() {
  const { messages } = useTopic('news', { history: 20 });
  return <ul>{messages.map(({ seq, data }) => <li key={seq}>{String(data)}</li>)}</ul>;
}

const App = () => <RealtimeProvider client={client}><News /></RealtimeProvider>;
export default App;
`;

/** Checks a client and a React page by each compiler, under strict settings, declarations included. */
export async function checkTypes(tarballs: readonly string[]): Promise<void> {
  const folder = new FreshFolder();
  try {
    const compilers = Object.entries(COMPILERS).map(([name, version]) => `${name}@${version}`);
    await folder.install([...tarballs, 'react@19.3.1', '@types/react@19.3.3', ...compilers]);
    folder.write({ 'tsconfig.json': JSON.stringify(TSCONFIG), 'client.ts': CLIENT, 'page.tsx': PAGE });
    for (const compiler of Object.keys(COMPILERS)) {
      await folder.run(process.execPath, [`node_modules/${compiler}/bin/tsc`, '-p', '.']);
    }
  } finally {
    folder.remove();
  }
}

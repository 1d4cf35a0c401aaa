import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { FreshFolder } from './fresh-folder.ts';
import { NO_BROWSER, type PageBrowser } from './page-browser.ts';
import { SHOP_APP } from './shop-app.ts';
import { shows } from './shows.ts';
import { type StartedApp, startApp } from './start-app.ts';

const PAGE = `import { connect } from '@distributary/client';
import { RealtimeProvider, useConnection, useTopic } from '@distributary/react';
import { createRoot } from 'react-dom/client';

const client = () => connect('ws://' + location.host + '/live');

function News() {
  const { status } = useConnection();
  const news = useTopic('news');
  const orders = useTopic('order:ann');
  return (
    <ul>
      {news.state === 'live' && orders.state === 'live' && <li>{status}</li>}
      {news.messages.map(({ seq, data }) => <li key={seq}>{data}</li>)}
      {orders.messages.map(({ seq, data }) => <li key={seq}>{data.item.status}</li>)}
    </ul>
  );
}

createRoot(document.getElementById('root')).render(<RealtimeProvider client={client}><News /></RealtimeProvider>);
`;

/** A page that takes the client as it is in the package, without a bundler. */
const PLAIN_PAGE = `<!doctype html>
<link rel="icon" href="/icon.svg" />
<body><script type="module" src="/plain.js"></script></body>
`;

const PLAIN_SCRIPT = `import { connect } from '/client/index.js';
const news = connect('ws://' + location.host + '/live').subscribe('news', { history: 1 });
news.on('message', ({ data }) => document.body.append(data));
`;

const BACK_END = `import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { connect } from '@distributary/client';
import { createPublisher } from '@distributary/server';

const page = process.argv[2];
const { endpoints, outputs, region } = await (await fetch(page + '_runtime')).json();
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const client = new DynamoDBClient({ endpoint: endpoints.dynamodb, region, credentials });
const publisherOf = (instance) => {
  const [topicsTable, keysTable] = [outputs[instance + 'TopicsTable'], outputs[instance + 'KeysTable']];
  return createPublisher({ topicsTable, keysTable, client });
};
await publisherOf('Live').publish('news', 'Lock 4 is open');
await publisherOf('Chat').publish('news', 'In the other instance');
const Item = { orderId: { S: '7' }, customerId: { S: 'ann' }, status: { S: 'sent' }, card: { S: 'secret' } };
await client.send(new PutItemCommand({ TableName: outputs.OrdersTable, Item }));

const [live, chat] = [connect(outputs.LiveWebSocketUrl), connect(outputs.ChatWebSocketUrl)];
const next = (rt, topic) => new Promise((resolve) => rt.subscribe(topic, { history: 9 }).on('message', resolve));
const firsts = await Promise.all([next(live, 'news'), next(live, 'order:ann'), next(chat, 'news')]);
for (const { data } of firsts) console.log(JSON.stringify(data));
for (const rt of [live, chat]) rt.close();
client.destroy();
`;

const FILES = {
  'cdk.json': JSON.stringify({ app: 'node app.mjs' }),
  'app.mjs': SHOP_APP,
  'index.html':
    '<!doctype html><link rel="icon" href="/icon.svg" /><div id="root"></div><script type="module" src="/page.jsx"></script>',
  'public/icon.svg': '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" />',
  'page.jsx': PAGE,
  'public/plain.html': PLAIN_PAGE,
  'public/plain.js': PLAIN_SCRIPT,
  'back-end.mjs': BACK_END,
};

/**
 * The messages that the back end's script hears: what it published, the order with the attribute that the source names,
 * and what it published to the other instance.
 */
const HEARD = [
  '"Lock 4 is open"',
  '{"event":"insert","keys":{"orderId":"7"},"item":{"status":"sent"}}',
  '"In the other instance"',
];

/**
 * Runs a CDK app of two instances by `npx distributary start`, with a React page that vite has built and a page without
 * a bundler. A back end publishes to both and puts an item into the app's own table: clients in Node and the pages in
 * Chromium get what is theirs. The command line works on either instance. Returns a remark where there is no Chromium.
 */
export async function runApp(folder: FreshFolder, browser: PageBrowser | undefined): Promise<string | undefined> {
  folder.write(FILES);
  cpSync(join(folder.path, 'node_modules/@distributary/client'), join(folder.path, 'public/client'), {
    recursive: true,
  });
  await folder.run('npx', ['vite', 'build', '--logLevel', 'warn']);
  const app = await startApp(folder.path, ['npx', 'distributary', 'start', '--page', 'dist']);
  try {
    await meet(folder, app, browser);
    await askInstances(folder, app.page);
    await browser?.closePages();
  } finally {
    await app.stop();
  }
  return browser === undefined ? NO_BROWSER : undefined;
}

async function meet(folder: FreshFolder, app: StartedApp, browser: PageBrowser | undefined): Promise<void> {
  const stages = [app.url, ...app.others].map((url) => new URL(url).pathname);
  if (stages.join(' ') !== '/live /chat') throw new Error(`The stages are ${stages.join(' ')}`);
  const opened = await browser?.open(app.page);
  if (opened !== undefined) await shows(opened.tab, 'online');
  const { stdout } = await folder.run(process.execPath, ['back-end.mjs', app.page]);
  if (stdout.trim() !== HEARD.join('\n')) throw new Error(`The back end heard:\n${stdout}`);
  if (opened !== undefined) await shows(opened.tab, 'Lock 4 is open', 'sent');
  const plain = await browser?.open(`${app.page}plain.html`);
  if (plain !== undefined) await shows(plain.tab, 'Lock 4 is open');
}

/** Asks the command line about each instance: what wrote its message, by the functions' logs of this one alone. */
async function askInstances(folder: FreshFolder, url: string): Promise<void> {
  const cli = (...words: readonly string[]) => folder.run('npx', ['distributary', ...words, '--url', url]);
  for (const instance of ['Live', 'Chat']) {
    await cli('connections', 'list', '--instance', instance);
    const { stdout } = await cli('trace', 'news', '1', '--instance', instance, '--json');
    const { broadcasts = [] }: { readonly broadcasts?: readonly unknown[] } = JSON.parse(stdout);
    if (broadcasts.length !== 1) throw new Error(`The trace of ${instance} says: ${stdout}`);
  }
}

import type { FreshFolder } from './fresh-folder.ts';
import { startApp } from './start-app.ts';
import { watchPage } from './watch-page.ts';

const APP = `import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { AttributeType, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Distributary } from '@distributary/cdk';

const app = new App();
const stack = new Stack(app, 'Shop');
const live = new Distributary(stack, 'Live');
const orders = new TableV2(stack, 'Orders', {
  partitionKey: { name: 'orderId', type: AttributeType.STRING },
  dynamoStream: StreamViewType.NEW_IMAGE,
});
live.topicsFrom(orders, { topic: 'order:{customerId}', project: ['status'] });
new CfnOutput(stack, 'OrdersTable', { value: orders.tableName });
`;

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

const BACK_END = `import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { connect } from '@distributary/client';
import { createPublisher } from '@distributary/server';

const page = process.argv[2];
const { endpoints, outputs, region } = await (await fetch(page + '_runtime')).json();
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const client = new DynamoDBClient({ endpoint: endpoints.dynamodb, region, credentials });
const publisher = createPublisher({ topicsTable: outputs.LiveTopicsTable, keysTable: outputs.LiveKeysTable, client });
await publisher.publish('news', 'Lock 4 is open');
const Item = { orderId: { S: '7' }, customerId: { S: 'ann' }, status: { S: 'sent' }, card: { S: 'secret' } };
await client.send(new PutItemCommand({ TableName: outputs.OrdersTable, Item }));

const rt = connect(outputs.LiveWebSocketUrl);
const next = (topic) => new Promise((resolve) => rt.subscribe(topic, { history: 1 }).on('message', resolve));
for (const { data } of await Promise.all([next('news'), next('order:ann')])) console.log(JSON.stringify(data));
rt.close();
client.destroy();
`;

const FILES = {
  'cdk.json': JSON.stringify({ app: 'node app.mjs' }),
  'app.mjs': APP,
  'index.html': '<!doctype html><div id="root"></div><script type="module" src="/page.jsx"></script>',
  'page.jsx': PAGE,
  'back-end.mjs': BACK_END,
};

/**
 * The messages that the back end's script hears: what it published, and the order with the attribute that the source
 * names.
 */
const HEARD = ['"Lock 4 is open"', '{"event":"insert","keys":{"orderId":"7"},"item":{"status":"sent"}}'];

/**
 * Runs a CDK app by `npx distributary start`, with a React page that vite has built. A back end publishes and puts an
 * item into the app's own table: a client in Node and the page in Chromium get both, and the command line finds the one
 * instance. Returns a remark where there is no Chromium.
 */
export async function runApp(folder: FreshFolder): Promise<string | undefined> {
  folder.write(FILES);
  await folder.run('npx', ['vite', 'build', '--logLevel', 'warn']);
  const app = await startApp(folder.path, ['--page', 'dist']);
  try {
    return await meet(folder, app.page);
  } finally {
    await app.stop();
  }
}

async function meet(folder: FreshFolder, url: string): Promise<string | undefined> {
  const page = await watchPage(url, 'online');
  try {
    const { stdout } = await folder.run(process.execPath, ['back-end.mjs', url]);
    if (stdout.trim() !== HEARD.join('\n')) throw new Error(`The back end heard:\n${stdout}`);
    await page?.shows(['Lock 4 is open', 'sent']);
    // Fails unless the command line finds the stack's one instance.
    await folder.run('npx', ['distributary', 'connections', 'list', '--url', url]);
  } finally {
    await page?.close();
  }
  return page === undefined ? 'without the page: there is no chromium here (apt-get install chromium)' : undefined;
}

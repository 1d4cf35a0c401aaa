import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { findBrowser } from '../../packaging/packed/browser.ts';
import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { openPageScene, type PageScene } from '../helpers/page-scene.ts';
import { startBench } from '../helpers/runtime-in-process.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

const executablePath = findBrowser();

/** A queue whose function takes its time. */
const SHOP = `
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders: { Type: AWS::SQS::Queue, Properties: { QueueName: Orders } }
  Work:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs24.x
      Handler: index.handler
      Timeout: 20
      InlineCode: 'exports.handler = () => new Promise((done) => setTimeout(done, 15000));'
      Events: { Queue: { Type: SQS, Properties: { Queue: !GetAtt Orders.Arn } } }
`;
const SEND = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' };
const ORDER = JSON.stringify({ QueueUrl: 'http://127.0.0.1/000000000000/Orders', MessageBody: 'tea' });

if (executablePath === undefined) {
  describe('the local view', () => {
    it.skip('is not tested in a browser: there is no chromium here (apt-get install chromium)', () => undefined);
  });
} else {
  describe('the local view', () => {
    let scene: PageScene;
    let client: Dialogue;
    let view: Page;

    beforeAll(async () => {
      scene = await openPageScene(executablePath);
      client = await openDialogue(`${scene.runtime.url}?topics=`);
      client.say({ action: 'subscribe', topic: 'news/river' });
      await client.hear({ type: 'subscribed', topic: 'news/river' });
      view = await scene.browser.newPage();
      await view.goto(`${scene.runtime.page}_local`);
      await view.locator('#status[data-status="online"]').waitFor();
    });

    afterAll(async () => {
      client.cut();
      await scene.close();
    });

    it('is named when the runtime is ready', () => {
      expect(scene.runtime.output()).toContain(`view  ${scene.runtime.page}_local\n`);
    });

    it('shows a connection with its subscription', async () => {
      await view.locator('#connections .chips span', { hasText: 'news/river' }).waitFor();

      expect(await view.locator('#connection-count').textContent()).toBe('1');
    });

    it('shows how far each stream is read', async () => {
      await view.locator('#mappings li', { hasText: 'Subscriptions' }).getByText('caught up').first().waitFor();

      expect(await view.locator('#mappings li').count()).toBeGreaterThan(1);
    });

    it('shows the event, the result and the log of an invocation, and replays it', async () => {
      client.say({ action: 'publish', topic: 'news/river', data: 'Lock 4 is open', id: 'lock' });
      await client.hear({ type: 'message', data: 'Lock 4 is open' });

      await view.locator('#invocations button', { hasText: 'FunctionsPublishFunction' }).first().click();
      await view.locator('#detail', { hasText: 'Lock 4 is open' }).waitFor();
      const text = await view.locator('#detail').textContent();
      await view.getByRole('button', { name: 'Replay' }).click();
      await client.hear({ type: 'message', data: 'Lock 4 is open' });

      expect(text).toMatch(/Event.*Result.*statusCode.*Log/s);
    });

    it('says what went wrong with a click, until the next one', async () => {
      const notice = view.locator('#notice');
      await view.route('**/_local/replay', (route) =>
        route.fulfill({ status: 404, contentType: 'application/json', body: '{"message":"it is not kept any more"}' }),
      );
      await view.getByRole('button', { name: 'Replay' }).click();
      await view.getByText('it is not kept any more').waitFor();
      await view.unroute('**/_local/replay');
      await view.getByRole('button', { name: 'Replay' }).click();

      await client.hear({ type: 'message', data: 'Lock 4 is open' });
      expect(await notice.textContent()).toBe('');
    });

    it('drops a connection, which its client notices', async () => {
      await view.getByRole('button', { name: 'Drop' }).click();

      await view.getByText('Nobody is connected.').waitFor();
      await client.closed();
    });

    it('shows how many messages of a queue wait for its function', async () => {
      const directory = temporaryDirectory();
      writeFileSync(join(directory.path, 'template.yaml'), SHOP);
      const bench = await startBench({}, { assembly: join(directory.path, 'template.yaml') });
      const page = await scene.browser.newPage();
      await page.goto(`http://127.0.0.1:${bench.runtime.port}/_local`);
      const row = page.locator('#mappings li', { hasText: 'Orders' });
      await row.getByText('caught up').waitFor();
      await fetch(bench.runtime.endpoints.sqs, { method: 'POST', headers: SEND, body: ORDER });
      await row.getByText('1 waits').or(row.getByText('1 waiting')).first().waitFor();
      const text = await row.textContent();
      await page.close();
      await bench.stop();
      directory.remove();

      expect(text).toContain('Work');
    });

    it('does nothing for a request that is not JSON, or of another page', async () => {
      const url = `${scene.runtime.page}_local/drop`;
      const plain = await fetch(url, { method: 'POST', body: '{"id":"x"}' });
      const foreign = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'https://evil.example' },
        body: '{"id":"x"}',
      });

      expect([plain.status, foreign.status]).toEqual([415, 403]);
    });
  });
}

import { once } from 'node:events';
import { WebSocket } from 'ws';
import { startBench } from '../helpers/runtime-in-process.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { inlineFunction, type Resources, webSocketApi, writeApp } from '../helpers/written-app.ts';

const ANSWER = `exports.handler = async () => ({ statusCode: 200, body: 'here' });`;

/** Returns an API with a stage that has neither AutoDeploy nor a deployment. */
function withoutDeployment(id: string): Resources {
  const resources = webSocketApi(id, { routes: { ask: 'Answer' }, stages: ['live'] });
  const stage = { ApiId: { Ref: id }, StageName: 'live' };
  return { ...resources, [`${id}Stagelive`]: { Type: 'AWS::ApiGatewayV2::Stage', Properties: stage } };
}

/** Resolves to the status that answers a handshake. */
async function statusOf(url: string): Promise<number | undefined> {
  const socket = new WebSocket(url);
  const opened = once(socket, 'open').then(() => 101);
  const refused = once(socket, 'unexpected-response').then(([, response]) => response.statusCode);
  const status = await Promise.race([opened, refused]);
  socket.on('error', () => undefined).terminate();
  return status;
}

test('an API without a stage, and a stage without a deployment, run beside others, are named and refuse all', async () => {
  const directory = temporaryDirectory();
  const assembly = writeApp(directory.path, {
    App: {
      Resources: {
        ...inlineFunction('Answer', ANSWER),
        ...webSocketApi('Bare', { routes: { ask: 'Answer' }, stages: [] }),
        ...withoutDeployment('Idle'),
        ...webSocketApi('Live', { routes: { ask: 'Answer' }, stages: ['live'] }),
      },
    },
  });
  const { runtime, log, stop } = await startBench({}, { assembly });

  const statuses = await Promise.all(
    runtime.application.webSocketApis.map(({ port }) => statusOf(`ws://127.0.0.1:${port}/live`)),
  );

  expect(statuses).toEqual([403, 403, 101]);
  expect(runtime.stages.map(({ api }) => api)).toEqual(['Live']);
  expect(log()).toContain('the WebSocket API Bare has no stage: no client can connect to it');
  expect(log()).toContain('the stage IdleStagelive has neither AutoDeploy nor a deployment');
  await stop();
  directory.remove();
});

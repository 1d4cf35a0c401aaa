import { once } from 'node:events';
import { WebSocket } from 'ws';
import { startBench } from '../helpers/runtime-in-process.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { inlineFunction, webSocketApi, writeApp } from '../helpers/written-app.ts';

/** Answers a message with the API and the stage that it came by. */
const WHERE = `exports.handler = async ({ requestContext: { apiId, stage } }) => ({
  statusCode: 200,
  body: JSON.stringify({ apiId, stage }),
});`;

async function ask(url: string): Promise<unknown> {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  socket.send(JSON.stringify({ action: 'where' }));
  const [data] = await once(socket, 'message');
  socket.terminate();
  return JSON.parse(String(data));
}

test('every stage of every API of an assembly can be connected to, and /_runtime on each port names all', async () => {
  const directory = temporaryDirectory();
  const api = (id: string, stages: readonly string[]) => webSocketApi(id, { routes: { where: 'Where' }, stages });
  const assembly = writeApp(directory.path, {
    One: { Resources: { ...inlineFunction('Where', WHERE), ...api('News', ['live', 'test']) } },
    Two: { Resources: { ...inlineFunction('Where', WHERE), ...api('Chat', ['live']) } },
  });
  const { runtime, stop } = await startBench({}, { assembly });

  const answers = await Promise.all(runtime.stages.map(({ url }) => ask(url)));
  const infos = await Promise.all(
    runtime.stages.map(async ({ url }) => (await fetch(new URL('/_runtime', url.replace('ws:', 'http:')))).json()),
  );

  expect(runtime.stages.map((each) => [each.api, each.stage])).toEqual([
    ['News', 'live'],
    ['News', 'test'],
    ['Chat', 'live'],
  ]);
  expect(answers).toEqual(runtime.stages.map(({ apiId, stage }) => ({ apiId, stage })));
  expect(new Set(runtime.stages.map(({ url }) => new URL(url).port)).size).toBe(2);
  expect(infos).toEqual(runtime.stages.map(() => expect.objectContaining({ stages: runtime.stages })));
  await stop();
  directory.remove();
});

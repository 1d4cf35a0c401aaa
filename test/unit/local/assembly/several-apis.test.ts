import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAssembly } from '../../../../local/assembly/load-assembly.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';
import { inlineFunction, webSocketApi, writeApp } from '../../../helpers/written-app.ts';

const CODE = 'exports.handler = async () => ({ statusCode: 200 });';
const PORT = 4_000;

describe('an assembly of several stacks', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => directory.remove());

  const PRODUCER = {
    Resources: {
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        },
      },
    },
    Outputs: { Shared: { Value: { Ref: 'Table' }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}:Table' } } } },
  };
  const consumer = {
    Resources: inlineFunction('Fn', CODE, {
      Environment: { Variables: { TABLE: { 'Fn::ImportValue': 'Data:Table' } } },
    }),
    Outputs: { Shared: { Value: 'of the consumer' } },
  };

  test('is one application, in which a stack imports what another exports', () => {
    const { functions, tables, outputs } = loadAssembly(writeApp(directory.path, { Data: PRODUCER, Web: consumer }), {
      port: PORT,
    });

    expect(functions[0]?.environment).toEqual({ TABLE: 'Data-Table' });
    expect(tables.map(({ name }) => name)).toEqual(['Data-Table']);
    expect(outputs).toEqual({ Shared: 'Data-Table', 'Web.Shared': 'of the consumer' });
  });

  test('runs the stacks that are chosen, and names one that is not there', () => {
    const assembly = writeApp(directory.path, { Data: PRODUCER, Web: consumer });

    const chosen = loadAssembly(assembly, { port: PORT, stacks: ['Data'] });
    const unknown = (): unknown => loadAssembly(assembly, { port: PORT, stacks: ['Date'] });

    expect(chosen.functions).toEqual([]);
    expect(unknown).toThrow(/--stack: .* has no Date; it has Data, Web/);
  });

  test('without a WebSocket API has none', () => {
    const { webSocketApis } = loadAssembly(writeApp(directory.path, { Data: PRODUCER }), { port: PORT });

    expect(webSocketApis).toEqual([]);
  });

  test('has each API on its own port, with its own routes and stages, and addresses that lead there', () => {
    const resources = {
      ...inlineFunction('Fn', CODE, {
        Environment: { Variables: { CHAT: { 'Fn::Sub': 'wss://${Chat}.execute-api.eu-west-3.amazonaws.com/live' } } },
      }),
      ...webSocketApi('News', { routes: { read: 'Fn' }, stages: ['live', 'test'] }),
      ...webSocketApi('Chat', { routes: { say: 'Fn', $default: 'Fn' }, stages: ['live'] }),
    };

    const { webSocketApis, functions } = loadAssembly(writeApp(directory.path, { App: { Resources: resources } }), {
      port: PORT,
    });

    expect(
      webSocketApis.map(({ logicalId, port, stages }) => ({
        logicalId,
        port,
        stages: stages.map(({ name, routes }) => [name, ...routes.map(({ routeKey }) => routeKey)]),
      })),
    ).toEqual([
      {
        logicalId: 'News',
        port: PORT,
        stages: [
          ['live', 'read'],
          ['test', 'read'],
        ],
      },
      { logicalId: 'Chat', port: PORT + 1, stages: [['live', 'say', '$default']] },
    ]);
    expect(functions[0]?.environment['CHAT']).toBe(`ws://127.0.0.1:${PORT + 1}/live`);
  });

  test('has inline code as a file index.js', () => {
    const { functions } = loadAssembly(writeApp(directory.path, { App: { Resources: inlineFunction('Fn', CODE) } }), {
      port: PORT,
    });

    expect(readFileSync(join(functions[0]?.codeDirectory ?? '', 'index.js'), 'utf8')).toBe(CODE);
  });
});

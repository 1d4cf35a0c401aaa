import { CfnCondition, CfnResource, Fn } from 'aws-cdk-lib';
import { CfnAuthorizer, CfnRoute } from 'aws-cdk-lib/aws-apigatewayv2';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { statSync } from 'node:fs';
import { join } from 'node:path';

import { loadAssembly } from '../../../../local/assembly/load-assembly.ts';
import type { ApplicationModel, RouteModel } from '../../../../local/model.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';
import { type SampleParts, synthesizeSample } from './sample-app.ts';

const PORT = 4321;
const STREAM = 'stream/2026-01-01T00:00:00.000';

describe('loadAssembly', () => {
  let directory: ReturnType<typeof temporaryDirectory>;

  beforeEach(() => {
    directory = temporaryDirectory();
  });

  afterEach(() => {
    directory.remove();
  });

  function load(change?: (parts: SampleParts) => void): ApplicationModel {
    return loadAssembly(synthesizeSample(directory.path, change), { port: PORT });
  }

  it('reads tables with their keys, indexes, streams and TTL', () => {
    const { tables } = load();

    expect(
      tables.map(({ definition, streamViewType, ttlAttribute }) => ({ definition, streamViewType, ttlAttribute })),
    ).toEqual([
      {
        definition: {
          attributes: [{ name: 'topic', type: 'S' }],
          keys: [{ name: 'topic', type: 'HASH' }],
          indexes: [],
        },
        streamViewType: 'NEW_IMAGE',
        ttlAttribute: undefined,
      },
      {
        definition: {
          attributes: ['connectionId', 'topic', 'topicShard'].map((name) => ({ name, type: 'S' })),
          keys: [
            { name: 'connectionId', type: 'HASH' },
            { name: 'topic', type: 'RANGE' },
          ],
          indexes: [
            {
              name: 'byTopic',
              keys: [
                { name: 'topicShard', type: 'HASH' },
                { name: 'connectionId', type: 'RANGE' },
              ],
              projection: 'INCLUDE',
              nonKeyAttributes: ['flags'],
            },
          ],
        },
        streamViewType: 'NEW_AND_OLD_IMAGES',
        ttlAttribute: 'expiresAt',
      },
    ]);
  });

  it('gives functions their bundle on disk and their settings', () => {
    const { functions } = load();

    expect(functions).toHaveLength(1);
    expect(functions[0]).toMatchObject({
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      memoryMb: 256,
      timeoutSeconds: 10,
    });
    expect(functions[0]?.logGroupName).toBe(`/aws/lambda/${functions[0]?.name}`);
    expect(statSync(join(functions[0]?.codeDirectory ?? '', 'index.mjs')).isFile()).toBe(true);
  });

  it('leads public addresses in environments and outputs to the local gateway', () => {
    const { functions, outputs, tables } = load();

    expect(functions[0]?.environment).toEqual({
      CALLBACK_URL: `http://127.0.0.1:${PORT}/live`,
      TOPICS: tables[0]?.name,
    });
    expect(outputs).toEqual({ Url: `ws://127.0.0.1:${PORT}/live` });
  });

  it('leaves the addresses of other APIs alone', () => {
    const other = 'https://otherapi01.execute-api.us-east-1.amazonaws.com/live';

    const { functions } = load(({ handler }) => handler.addEnvironment('OTHER', other));

    expect(functions[0]?.environment['OTHER']).toBe(other);
  });

  it('reads a mapping with all its parameters', () => {
    const { mappings, functions, tables, buckets } = load();

    expect(mappings[0]).toEqual({
      logicalId: expect.any(String),
      uuid: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      functionArn: functions[0]?.arn,
      streamArn: `${tables[0]?.arn}/${STREAM}`,
      startingPosition: 'TRIM_HORIZON',
      batchSize: 50,
      maximumBatchingWindowSeconds: 1,
      parallelizationFactor: 4,
      maximumRetryAttempts: 5,
      maximumRecordAgeSeconds: 3600,
      bisectBatchOnFunctionError: true,
      reportBatchItemFailures: true,
      filters: [{ eventName: ['INSERT'] }],
      failureBucket: buckets[0]?.name,
      enabled: true,
    });
  });

  it('fills in what Lambda takes when a mapping says nothing', () => {
    const { mappings } = load();

    expect(mappings[1]).toMatchObject({
      startingPosition: 'LATEST',
      batchSize: 100,
      maximumBatchingWindowSeconds: 0,
      parallelizationFactor: 1,
      maximumRetryAttempts: -1,
      maximumRecordAgeSeconds: -1,
      bisectBatchOnFunctionError: false,
      reportBatchItemFailures: false,
      filters: [],
    });
    expect(mappings[1]).not.toHaveProperty('failureBucket');
  });

  it('reads the API with routes, authorizer and throttle', () => {
    const { webSocketApis, functions } = load();

    const [api] = webSocketApis;
    const functionArn = functions[0]?.arn;
    const route = { functionArn, returnsResponse: false, integrationTimeoutMs: 29_000, permitted: true };
    expect(api).toMatchObject({
      port: PORT,
      routeSelectionExpression: '$request.body.action',
      connectAuthorizer: { functionArn, identitySources: ['route.request.querystring.token'], permitted: true },
      stages: [{ name: 'live', throttle: { ratePerSecond: 100, burst: 50 } }],
    });
    expect(api?.apiId).toMatch(/^[a-z0-9]{10}$/);
    expect(new Map(api?.stages[0]?.routes.map((each) => [each.routeKey, each]))).toEqual(
      new Map([
        ['$connect', { ...route, routeKey: '$connect' }],
        ['publish', { ...route, routeKey: 'publish', returnsResponse: true, integrationTimeoutMs: 5_000 }],
        ['$default', { ...route, routeKey: '$default' }],
      ]),
    );
  });

  it.each<[string, (authorizer: CfnAuthorizer) => void]>([
    ['an empty list of identity sources', (authorizer) => authorizer.addPropertyOverride('IdentitySource', [])],
    ['no identity sources', (authorizer) => authorizer.addPropertyDeletionOverride('IdentitySource')],
  ])('accepts an authorizer with %s', (_what, change) => {
    const { webSocketApis } = load(({ stack }) => {
      for (const node of stack.node.findAll()) if (node instanceof CfnAuthorizer) change(node);
    });

    expect(webSocketApis[0]?.connectAuthorizer).toMatchObject({ identitySources: [], permitted: true });
  });

  it('does not return a response where the route only has one half of it', () => {
    const { webSocketApis } = load(({ stack }) => {
      const route = stack.node.findAll().find((node) => node instanceof CfnRoute && node.routeKey === 'publish');
      if (route instanceof CfnRoute) route.addPropertyDeletionOverride('RouteResponseSelectionExpression');
    });

    expect(routesOf(webSocketApis).find(({ routeKey }) => routeKey === 'publish')?.returnsResponse).toBe(false);
  });

  it('sees a route whose permission is missing', () => {
    const { webSocketApis } = load(({ stack }) => {
      for (const node of stack.node.findAll()) {
        if (node instanceof CfnPermission && JSON.stringify(stack.resolve(node.sourceArn)).includes('*publish')) {
          node.sourceArn = 'arn:aws:execute-api:us-east-1:000000000000:someotherapi/*publish';
        }
      }
    });

    expect(
      routesOf(webSocketApis)
        .filter(({ permitted }) => !permitted)
        .map(({ routeKey }) => routeKey),
    ).toEqual(['publish']);
  });

  it('gives the same names on each load', () => {
    const assembly = synthesizeSample(directory.path);

    const first = loadAssembly(assembly, { port: PORT });
    const second = loadAssembly(assembly, { port: PORT });

    expect(second).toEqual(first);
    expect(first.buckets[0]?.name).toMatch(/^[a-z0-9.-]{3,63}$/);
  });

  it('leaves out a resource whose condition is false', () => {
    const { buckets } = load(({ stack }) => {
      const never = new CfnCondition(stack, 'Never', {
        expression: Fn.conditionEquals(Fn.ref('AWS::Region'), 'nowhere'),
      });
      const extra = new CfnResource(stack, 'Extra', { type: 'AWS::S3::Bucket' });
      extra.cfnOptions.condition = never;
    });

    expect(buckets.map(({ logicalId }) => logicalId)).toEqual([expect.stringMatching(/^Failures/)]);
  });
});

function routesOf([api]: ApplicationModel['webSocketApis']): readonly RouteModel[] {
  return api?.stages[0]?.routes ?? [];
}

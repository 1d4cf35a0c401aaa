import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** An application that is small enough to be written without CDK. */
export interface SmallApplication {
  readonly name: string;
  /** The CloudFormation resources in addition to the API and its stage, by logical id. */
  readonly tables: Readonly<Record<string, object>>;
  readonly functions: readonly SmallFunction[];
}

interface SmallFunction {
  readonly logicalId: string;
  /** The path of a module that exports `handler`. */
  readonly file: string;
  readonly routeKey: string;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly memoryMb: number;
}

/** The stage's callback URL, for a function's environment. */
export const CALLBACK_URL = {
  'Fn::Sub': 'https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/live',
} as const;

const TEMPLATE = 'application.template.json';
const ASSETS = 'application.assets.json';

/** Writes a cloud assembly as `cdk synth` would: one WebSocket API, its bundled functions and its tables. */
export async function writeAssembly(directory: string, application: SmallApplication): Promise<string> {
  await mkdir(directory, { recursive: true });
  await Promise.all(application.functions.map((each) => bundle(directory, each)));
  const write = (name: string, content: object) => writeFile(join(directory, name), JSON.stringify(content, null, 2));
  await write(TEMPLATE, { Resources: resourcesOf(application) });
  await write(ASSETS, { version: '1.0.0', files: Object.fromEntries(application.functions.map(assetOf)) });
  await write('manifest.json', {
    version: '1.0.0',
    artifacts: {
      assets: { type: 'cdk:asset-manifest', properties: { file: ASSETS } },
      [application.name]: {
        type: 'aws:cloudformation:stack',
        environment: 'aws://unknown-account/unknown-region',
        properties: { templateFile: TEMPLATE },
      },
    },
  });
  return directory;
}

async function bundle(directory: string, { file, logicalId }: SmallFunction): Promise<void> {
  await build({
    entryPoints: [resolve(file)],
    outfile: join(directory, logicalId, 'index.mjs'),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // CommonJS code in a bundle loads Node's own modules with `require`.
    banner: { js: "import{createRequire as requireFrom}from'node:module';const require=requireFrom(import.meta.url);" },
    logLevel: 'error',
  });
}

const assetOf = ({ logicalId }: SmallFunction) => [
  logicalId,
  { source: { path: logicalId, packaging: 'zip' }, destinations: { here: { objectKey: `${logicalId}.zip` } } },
];

const resourcesOf = ({ name, tables, functions }: SmallApplication) => ({
  ...tables,
  Api: {
    Type: 'AWS::ApiGatewayV2::Api',
    Properties: { Name: name, ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' },
  },
  Stage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: { ApiId: { Ref: 'Api' }, StageName: 'live', AutoDeploy: true },
  },
  ...Object.assign({}, ...functions.map(routed)),
});

/** Returns the resources of a function and its route. */
const routed = ({ logicalId, routeKey, environment, memoryMb }: SmallFunction) => ({
  [logicalId]: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { S3Bucket: 'assets', S3Key: `${logicalId}.zip` },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      MemorySize: memoryMb,
      Timeout: 30,
      Environment: { Variables: environment },
      Role: 'arn:aws:iam::000000000000:role/bench',
    },
  },
  [`${logicalId}Permission`]: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: { Ref: logicalId },
      Principal: 'apigateway.amazonaws.com',
    },
  },
  [`${logicalId}Integration`]: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ApiId: { Ref: 'Api' },
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: {
        'Fn::Sub': `arn:aws:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${${logicalId}.Arn}/invocations`,
      },
    },
  },
  [`${logicalId}Route`]: {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: { Ref: 'Api' },
      RouteKey: routeKey,
      Target: { 'Fn::Sub': `integrations/\${${logicalId}Integration}` },
    },
  },
});

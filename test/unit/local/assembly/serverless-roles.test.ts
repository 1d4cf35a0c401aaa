import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAssembly } from '../../../../local/assembly/load-assembly.ts';
import type { ApplicationModel } from '../../../../local/model.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';

describe('a function of SAM', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => directory.remove());

  function load(text: string): ApplicationModel {
    const file = join(directory.path, 'template.yaml');
    writeFileSync(file, text);
    return loadAssembly(file, { port: 4_000 });
  }

  test('bounds and trusts the role of a function as its properties say', () => {
    const { roles } = load(`
Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: 'exports.handler = async () => 1;'
      Handler: index.handler
      Runtime: nodejs24.x
      PermissionsBoundary: arn:aws:iam::aws:policy/AmazonS3FullAccess
      AssumeRolePolicyDocument: { Statement: { Effect: Allow, Action: sts:AssumeRole, Principal: { Service: ec2.amazonaws.com } } }
`);

    expect(roles).toMatchObject([
      { boundary: { arn: 'arn:aws:iam::aws:policy/AmazonS3FullAccess' }, trustedServices: ['ec2.amazonaws.com'] },
    ]);
  });

  test('gives a function the URL that other resources name, and everyone the permission to call it', () => {
    const { functions, functionUrls, outputs } = load(`
Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: 'exports.handler = async () => 1;'
      Handler: index.handler
      Runtime: nodejs24.x
      FunctionUrlConfig: { AuthType: NONE, InvokeMode: RESPONSE_STREAM }
      Environment: { Variables: { OTHER: https://other1.lambda-url.us-east-1.on.aws/ } }
Outputs:
  Own: { Value: !GetAtt FnUrl.FunctionUrl }
`);

    expect(functionUrls).toMatchObject([{ functionArn: functions[0]?.arn, permitted: true, isSigned: false }]);
    expect(outputs).toEqual({ Own: expect.stringMatching(/^http:..127.0.0.1:\d+.$/) });
    expect(functions[0]?.environment).toEqual({ OTHER: 'https://other1.lambda-url.us-east-1.on.aws/' });
  });
});

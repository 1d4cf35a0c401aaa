import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { describeTemplates, loadTemplates } from '../../twin/load-templates.ts';

const API = `
Parameters: { Stage: { Type: String } }
Resources:
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: { Name: chat, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Live: { Type: AWS::ApiGatewayV2::Stage, Properties: { ApiId: !Ref Api, StageName: !Ref Stage, AutoDeploy: true } }
`;

describe('a folder of templates', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(() => {
    directory = temporaryDirectory();
    const write = (name: string, text: string): void => {
      mkdirSync(join(directory.path, name), { recursive: true });
      writeFileSync(join(directory.path, name, 'template.yaml'), text);
    };
    write('chat', API);
    write('flow', `${API.replace('!Ref Stage', 'live')}  Flow: { Type: AWS::StepFunctions::StateMachine }\n`);
    write('broken', 'Resources: {Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: "WEBSOCKET"}}, : [');
    write('page', 'Resources: { Page: { Type: AWS::S3::Bucket } }');
    write('node_modules/chat', API);
  });
  afterEach(() => directory.remove());

  it('is told with one line for each template of this kind, and counts', () => {
    expect(describeTemplates(loadTemplates(directory.path, ['Stage=live']))).toEqual([
      'loads    chat/template.yaml',
      expect.stringMatching(
        /^partly   flow\/template\.yaml: template\.yaml: Flow: the resource type AWS::StepFunctions::StateMachine is not/,
      ),
      '2 templates: 1 load, 1 load without what cannot run (--partial), 0 are refused',
    ]);
  });

  it('is told with the reason of a template that lacks the value of a parameter', () => {
    const [chat] = loadTemplates(directory.path);

    expect(chat?.result).toBe('partly');
    expect(chat?.reasons).toContainEqual(expect.stringContaining('--parameter Stage=VALUE'));
  });
});

import { loadAssembly } from '../../../../local/assembly/load-assembly.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';
import { inlineFunction, webSocketApi, writeApp } from '../../../helpers/written-app.ts';

/** Loads an API whose integration has a URI. Returns the function behind its route, or the words of the refusal. */
function functionBehind(IntegrationUri: unknown): string | undefined {
  const directory = temporaryDirectory();
  const Integration = {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: { ApiId: { Ref: 'Api' }, IntegrationType: 'AWS_PROXY', IntegrationUri },
  };
  const api = webSocketApi('Api', { routes: { ask: 'Work' }, stages: ['live'] });
  const Resources = { ...inlineFunction('Work', ''), ...api, ApiaskIntegration: Integration };
  try {
    const [first] = loadAssembly(writeApp(directory.path, { App: { Resources } }), { port: 4000 }).webSocketApis;
    return first?.stages[0]?.routes[0]?.functionArn;
  } catch (error) {
    return String(error);
  } finally {
    directory.remove();
  }
}

describe('the URI of a Lambda proxy', () => {
  const functions = 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions';

  it.each([
    ['the path of an invocation', { 'Fn::Sub': `${functions}/\${Work.Arn}/invocations` }],
    ['the ARN of the function', { 'Fn::GetAtt': ['Work', 'Arn'] }],
  ])('may be %s', (_what, uri) => {
    expect(functionBehind(uri)).toMatch(/^arn:aws:lambda:us-east-1:000000000000:function:App-Work/);
  });

  it.each([
    ['arn:aws:lambda:us-east-1:000000000000:function:other', 'is not a function of this template'],
    [`${functions}/arn:aws:lambda:us-east-1:000000000000:function:other/invocations`, 'is not a function of this'],
    ['https://example.org', 'is not a Lambda function and is not supported by the local runtime'],
  ])('may not be %s', (uri, words) => {
    expect(functionBehind(uri)).toContain(words);
  });
});

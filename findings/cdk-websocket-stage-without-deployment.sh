#!/usr/bin/env bash
# Packages: aws-cdk-lib 2.276.0, constructs 10.8.1.
#
# Behaviour: a WebSocketStage without `autoDeploy: true` synthesizes a stage that names no deployment, and the stack has
# no AWS::ApiGatewayV2::Deployment at all. The stack deploys, and no route of the API is live: every handshake is
# refused. HttpApi's default stage is deployed by itself; the L2 for WebSocket APIs neither does so nor warns.
#
# Output seen: {"autoDeploy":null,"deploymentId":null,"deployments":0,"routes":1,"warnings":0}
#
# Exits 0 while it is so, 1 when it has changed, 2 when it could not be tried.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts aws-cdk-lib@2.276.0 constructs@10.8.1 >/dev/null || exit 2
cat > try.mjs <<'JS'
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketMockIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
const stack = new Stack(new App(), 'Finding');
const webSocketApi = new WebSocketApi(stack, 'Api');
webSocketApi.addRoute('$default', { integration: new WebSocketMockIntegration('Mock') });
new WebSocketStage(stack, 'Stage', { webSocketApi, stageName: 'live' });
const template = Template.fromStack(stack);
const of = (type) => Object.values(template.findResources(type));
const [{ Properties }] = of('AWS::ApiGatewayV2::Stage');
console.log(JSON.stringify({
  autoDeploy: Properties.AutoDeploy ?? null,
  deploymentId: Properties.DeploymentId ?? null,
  deployments: of('AWS::ApiGatewayV2::Deployment').length,
  routes: of('AWS::ApiGatewayV2::Route').length,
  warnings: Annotations.fromStack(stack).findWarning('*', Match.anyValue()).length,
}));
JS
seen=$(node try.mjs) || exit 2
echo "$seen"
[ "$seen" = '{"autoDeploy":null,"deploymentId":null,"deployments":0,"routes":1,"warnings":0}' ]

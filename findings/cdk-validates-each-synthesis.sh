#!/usr/bin/env bash
# Packages: aws-cdk-lib 2.276.0, constructs 10.8.1.
#
# Behaviour: `app.synth()` validates every template against rules that aws-cdk-lib brings along, without any plugin and
# without being asked. For a small stack this is most of the CPU of a synthesis, in each test that makes a template
# (`Template.fromStack` too). CDK_VALIDATION=false switches it off; the template is the same.
#
# Output seen: CPU of ten syntheses in ms: 799 with validation, 139 without; templates equal
#
# Exits 0 while it takes at least 1.5 times the CPU, 1 when it does not, 2 when it could not be tried.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts aws-cdk-lib@2.276.0 constructs@10.8.1 >/dev/null || exit 2
cat > try.mjs <<'JS'
import { createHash } from 'node:crypto';
import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
const once = () => {
  const stack = new Stack(new App(), 'Finding');
  new Bucket(stack, 'Bucket');
  new Queue(stack, 'Queue');
  return stack.node.root.synth().getStackByName('Finding').template;
};
once();
const before = process.cpuUsage();
let template;
for (let i = 0; i < 10; i += 1) template = once();
const { user, system } = process.cpuUsage(before);
console.log(Math.round((user + system) / 1_000), createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 8));
JS
read -r with first < <(node try.mjs 2>/dev/null) || exit 2
read -r without second < <(CDK_VALIDATION=false node try.mjs 2>/dev/null) || exit 2
echo "CPU of ten syntheses in ms: $with with validation, $without without; templates $([ "$first" = "$second" ] && echo equal || echo differ)"
[ "$first" = "$second" ] && [ "$((with * 2))" -ge "$((without * 3))" ]

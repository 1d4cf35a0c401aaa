#!/usr/bin/env bash
# Package: @aws-lambda-powertools/logger 2.36.0, on the Node that runs this script.
#
# Behaviour: an attribute whose value is an empty string or null is left out of the log line. 0, false and an empty list
# are kept. A reader of the log cannot tell an empty value from a missing one: API Gateway's `disconnectReason` is '' for
# a close without a reason, and such lines seem to have no such field.
#
# Output seen: {"empty":false,"blank":true,"zero":true,"no":true,"nothing":false,"list":true,"missing":false}
#
# Exits 0 while it is so, 1 when it has changed, 2 when it could not be tried.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @aws-lambda-powertools/logger@2.36.0 >/dev/null || exit 2
cat > try.mjs <<'JS'
import { Logger } from '@aws-lambda-powertools/logger';
const lines = [];
console.info = (text) => void lines.push(text);
const values = { empty: '', blank: ' ', zero: 0, no: false, nothing: null, list: [], missing: undefined };
new Logger({ serviceName: 'finding' }).info('line', values);
const line = JSON.parse(lines[0]);
const kept = Object.fromEntries(Object.keys(values).map((name) => [name, name in line]));
process.stdout.write(`${JSON.stringify(kept)}\n`);
JS
seen=$(POWERTOOLS_DEV=true node try.mjs) || exit 2
echo "$seen"
[ "$seen" = '{"empty":false,"blank":true,"zero":true,"no":true,"nothing":false,"list":true,"missing":false}' ]

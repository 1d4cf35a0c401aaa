#!/usr/bin/env bash
# Packages: @durable-streams/server-conformance-tests 0.3.6, vitest 4.1.12.
#
# Behaviour: the suite's own command, `durable-streams-server-conformance --run URL`, runs no test when it is installed
# from npm: it hands vitest a file below node_modules, which vitest's default `exclude` leaves out. The server at the
# address is never asked. A test file of one's own that calls the exported `runConformanceTests` runs them all.
#
# Output seen: No test files found, exiting with code 1
#
# Exits 0 while it is so, 1 when it has changed, 2 when it could not be tried.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  @durable-streams/server-conformance-tests@0.3.6 vitest@4.1.12 >/dev/null || exit 2
cat > try.mjs <<'JS'
import { createServer } from 'node:http';
import { spawn } from 'node:child_process';
let asked = 0;
const server = createServer((_request, response) => {
  asked += 1;
  response.writeHead(404).end();
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const address = `http://127.0.0.1:${server.address().port}`;
const suite = spawn('npx', ['--no-install', 'durable-streams-server-conformance', '--run', address], { timeout: 60_000 });
let output = '';
for (const stream of [suite.stdout, suite.stderr]) stream.on('data', (text) => (output += text));
suite.on('close', () => {
  console.log(/No test files found[^\n\x1b]*/.exec(output)?.[0] ?? 'tests were found', `(${asked} requests)`);
  server.close();
});
JS
seen=$(node try.mjs) || exit 2
echo "$seen"
[ "$seen" = 'No test files found, exiting with code 1 (0 requests)' ]

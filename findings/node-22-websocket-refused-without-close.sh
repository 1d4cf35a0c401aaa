#!/usr/bin/env bash
# Packages: node 22.18.0 and node 24.21.0 (the npm packages with the executables), their global WebSocket (undici).
#
# Behaviour: when a server refuses the opening handshake with an HTTP status, Node 22 fires `error` and never `close`,
# and readyState stays 0 (CONNECTING). Node 24 fires `error` and then `close` with code 1006, as browsers do. A client
# that reconnects on `close` alone tries once on Node 22, and then never again.
#
# Output seen: 22: error, readyState 0
#              24: error close(1006), readyState 3
#
# Exits 0 while it is so, 1 when it has changed, 2 when it could not be tried.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm init -y >/dev/null
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=linux-x64 ;;
  Linux-aarch64) platform=linux-arm64 ;;
  Darwin-arm64) platform=darwin-arm64 ;;
  *) echo "no executable for this platform"; exit 2 ;;
esac
npm install --silent --no-audit --no-fund --ignore-scripts \
  "node22@npm:node-$platform@22.18.0" "node24@npm:node-$platform@24.21.0" >/dev/null || exit 2
cat > try.mjs <<'JS'
import { createServer } from 'node:http';
const server = createServer();
server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'));
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const fired = [];
const socket = new WebSocket(`ws://127.0.0.1:${server.address().port}/`);
socket.addEventListener('open', () => fired.push('open'));
socket.addEventListener('error', () => fired.push('error'));
socket.addEventListener('close', ({ code }) => fired.push(`close(${code})`));
setTimeout(() => {
  console.log(`${process.version.slice(1, 3)}: ${fired.join(' ')}, readyState ${socket.readyState}`);
  process.exit();
}, 3_000);
JS
seen=$(for version in node22 node24; do "node_modules/$version/bin/node" --no-warnings try.mjs; done) || exit 2
echo "$seen"
[ "$seen" = '22: error, readyState 0
24: error close(1006), readyState 3' ]

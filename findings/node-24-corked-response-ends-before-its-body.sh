#!/usr/bin/env bash
# Packages: node 24.21.0 (and 26.10.0, to compare).
#
# Behaviour: an HTTP response that is corked, written to twice and ended by `end(text)` sends its terminating chunk in
# front of what is still held back, so that a client has the first write only, and then bytes that belong to nothing.
# The documentation of `cork` says that `end` sends what is held back. Node 22.23.3 does the same; 20 and 26 send all.
#
# Output seen: v24.21.0 "1\r\na\r\n0\r\n\r\n2\r\nbc\r\n"
#              v26.10.0 "3\r\nabc\r\n0\r\n\r\n"
#
# Exits 0 while it is so, 1 when it has changed, 2 when it could not be tried.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
cat > try.mjs <<'JS'
import { createServer } from 'node:http';
import { connect } from 'node:net';
const server = createServer((_request, response) => {
  response.cork();
  response.write('a');
  response.write('b');
  response.end('c');
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const socket = connect(server.address().port, '127.0.0.1');
socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
let text = '';
for await (const bytes of socket) text += bytes;
console.log(process.version, JSON.stringify(text.slice(text.indexOf('\r\n\r\n') + 4)));
server.close();
JS
seen=''
for version in 24.21.0 26.10.0; do
  mkdir "$version"
  (cd "$version" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund "node@$version" >/dev/null) || exit 2
  seen+="$("$version/node_modules/.bin/node" try.mjs)"$'\n' || exit 2
done
printf '%s' "$seen"
expected=$(cat <<'SEEN'
v24.21.0 "1\r\na\r\n0\r\n\r\n2\r\nbc\r\n"
v26.10.0 "3\r\nabc\r\n0\r\n\r\n"
SEEN
)
[ "$seen" = "$expected"$'\n' ]

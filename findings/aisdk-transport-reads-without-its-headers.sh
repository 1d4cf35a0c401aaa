#!/usr/bin/env bash
# Package: @durable-streams/aisdk-transport 0.0.7, with @durable-streams/client 0.2.6, on the Node that runs this script.
#
# Behaviour: `createDurableChatTransport` takes `headers` and `fetchClient`. Both are used for the request to the
# application's API, which answers with the address of a stream. The stream itself is then read by the global `fetch` and
# without these headers. So a stream that wants a token cannot be read by this transport directly, in the browser's first
# read and after a reload alike: the application has to hand the reads on and add the token itself.
#
# Output seen: {"api":{"authorization":"Bearer t","byFetchClient":true},"stream":{"authorization":null,"byFetchClient":false}}
#
# Exits 0 while it is so, 1 when it has changed, 2 when it could not be tried.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @durable-streams/aisdk-transport@0.0.7 @durable-streams/client@0.2.6 >/dev/null || exit 2
cat > try.mjs <<'JS'
import { createServer } from 'node:http';
import { createDurableChatTransport } from '@durable-streams/aisdk-transport';

const seen = {};
const server = createServer((request, response) => {
  const { authorization = null, 'x-client': client } = request.headers;
  const { pathname } = new URL(request.url, 'http://localhost');
  seen[pathname.slice(1)] ??= { authorization, byFetchClient: client === 'mine' };
  if (pathname === '/api') return void response.writeHead(200, { Location: '/stream' }).end();
  // The end of an empty JSON stream, as server-sent events of the protocol.
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Stream-Next-Offset': '1', 'Stream-Closed': 'true' });
  response.end('event: control\ndata: {"streamNextOffset":"1","upToDate":true,"streamClosed":true}\n\n');
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const transport = createDurableChatTransport({
  api: `http://127.0.0.1:${server.address().port}/api`,
  headers: { Authorization: 'Bearer t' },
  fetchClient: (url, options) => fetch(url, { ...options, headers: { ...options.headers, 'X-Client': 'mine' } }),
});
const stream = await transport.sendMessages({ trigger: 'submit-message', chatId: 'c', messages: [] });
await stream.getReader().read();
process.stdout.write(`${JSON.stringify({ api: seen.api, stream: seen.stream })}\n`);
server.closeAllConnections();
server.close();
JS
seen=$(timeout 60 node try.mjs) || exit 2
echo "$seen"
[ "$seen" = '{"api":{"authorization":"Bearer t","byFetchClient":true},"stream":{"authorization":null,"byFetchClient":false}}' ]

#!/usr/bin/env bash
# Packages: @durable-streams/client 0.2.6, @durable-streams/server 0.3.7.
#
# Behaviour: `closed` of a stream's response, which resolves when the session is complete, resolves before the callback of
# `subscribeText` has the last piece of text. A reader that waits for `closed` and then leaves has lost that piece, with
# no error. The piece itself says that it is the last one, by `streamClosed`.
#
# Output seen: closed, text of 27 (streamClosed true)
#
# Exits 0 while it is so, 1 when it has changed, 2 when it could not be tried.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  @durable-streams/client@0.2.6 @durable-streams/server@0.3.7 >/dev/null || exit 2
cat > try.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { DurableStream, stream } from '@durable-streams/client';
import { DurableStreamTestServer } from '@durable-streams/server';
const server = new DurableStreamTestServer({ port: 0, host: '127.0.0.1' });
const url = `${await server.start()}/v1/stream/text`;
const writer = await DurableStream.create({ url, contentType: 'text/plain' });
await writer.append('the first half');
await writer.close({ body: ' and the last' });
const seen = [];
const response = await stream({ url, offset: '-1', live: 'long-poll' });
response.subscribeText(({ text, streamClosed }) => {
  seen.push(`text of ${text.length} (streamClosed ${streamClosed})`);
});
await response.closed;
seen.push('closed');
await sleep(500);
console.log(seen.join(', '));
process.exit();
JS
seen=$(node try.mjs) || exit 2
echo "$seen"
[ "$seen" = 'closed, text of 27 (streamClosed true)' ]

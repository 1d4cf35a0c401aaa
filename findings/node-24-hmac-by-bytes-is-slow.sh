#!/usr/bin/env bash
# Packages: node 24.21.0 (and 26.10.0, to compare).
#
# Behaviour: `createHmac` with a key of bytes takes some seven times as long as with the same key as a KeyObject, 11.7 µs
# beside 1.7 µs for a short text. In Node 20, 22 and 26 both take the same time. Who signs requests by Signature
# Version 4 with a kept signing key pays it for each of them, unless the key is kept by `createSecretKey`.
#
# Output seen: v24.21.0 slow (5.8)
#              v26.10.0 alike (1.1)
# The numbers in brackets are the ratio of the medians of 15 rounds. More than 3 is slow, less than 2 is alike.
#
# Exits 0 while it is so, 1 when it has changed, 2 when it could not be tried.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
cat > try.mjs <<'JS'
import { createHmac, createSecretKey } from 'node:crypto';
const bytes = Buffer.alloc(32, 7);
const keys = [bytes, createSecretKey(bytes)];
const times = [[], []];
for (let round = 0; round < 16; round += 1) {
  for (const [side, key] of keys.entries()) {
    const began = process.hrtime.bigint();
    for (let i = 0; i < 5_000; i += 1) createHmac('sha256', key).update('text').digest();
    if (round > 0) times[side].push(Number(process.hrtime.bigint() - began));
  }
}
const [byBytes, byKeyObject] = times.map((all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)]);
const ratio = byBytes / byKeyObject;
const verdict = ratio > 3 ? 'slow' : ratio < 2 ? 'alike' : 'between';
console.log(`${process.version} ${verdict} (${ratio.toFixed(1)})`);
JS
seen=''
for version in 24.21.0 26.10.0; do
  mkdir "$version"
  (cd "$version" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund "node@$version" >/dev/null) || exit 2
  seen+="$("$version/node_modules/.bin/node" try.mjs)"$'\n' || exit 2
done
printf '%s' "$seen"
[ "$(sed 's/ (.*//' <<<"$seen")" = "$(printf 'v24.21.0 slow\nv26.10.0 alike\n')" ]

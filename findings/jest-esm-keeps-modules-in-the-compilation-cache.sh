#!/usr/bin/env bash
# Packages: jest 30.5.2 in ESM mode (--experimental-vm-modules), node 24.21.0 (npm package).
#
# Behaviour: each test file evaluates its modules anew, and V8's compilation cache keeps what earlier files evaluated
# alive. The heap of one worker grows with every test file, though each file's modules are done with. With the V8 option
# --no-compilation-cache the heap stays flat. No setting of jest names this; the usual remedy, restarting workers by
# workerIdleMemoryLimit, loads everything again each time.
#
# Output seen (MB after the last of 40 files, each importing one module of 1 MB): with the cache 288, without it 24
#
# Exits 0 while the heap with the cache is at least 1.5 times that without, 1 when it is not, 2 when it could not be
# tried.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm init -y >/dev/null
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=linux-x64 ;;
  Linux-aarch64) platform=linux-arm64 ;;
  Darwin-arm64) platform=darwin-arm64 ;;
  *) echo "no executable for this platform"; exit 2 ;;
esac
npm install --silent --no-audit --no-fund --ignore-scripts jest@30.5.2 "node24@npm:node-$platform@24.21.0" >/dev/null || exit 2
cat > package.json <<'JSON'
{ "type": "module", "jest": { "transform": {}, "testMatch": ["**/*.test.js"] } }
JSON
node -e '
  const fs = require("node:fs");
  const rows = Array.from({ length: 12000 }, (_, i) => `export const f${i} = (a) => a + ${i} + "text of function ${i}, some filling";`);
  fs.writeFileSync("large.js", rows.join("\n"));
  for (let i = 0; i < 40; i += 1)
    fs.writeFileSync(`t${i}.test.js`, `import { f1 } from "./large.js"; test("adds", () => { expect(f1(1)).toContain("2"); });`);
'
heap() {
  "node_modules/node24/bin/node" --no-warnings --expose-gc --experimental-vm-modules "$@" node_modules/jest/bin/jest.js -i --logHeapUsage 2>&1 |
    sed -n 's/.*(\([0-9]*\) MB heap size).*/\1/p' | tail -1
}
with=$(heap) || exit 2
without=$(heap --no-compilation-cache) || exit 2
echo "MB after the last of 40 files: with the cache $with, without it $without"
[ "$((with * 2))" -ge "$((without * 3))" ]

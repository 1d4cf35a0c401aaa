#!/usr/bin/env bash
# Package: zod 4.6.7, on the Node that runs this script.
#
# Behaviour: both builds of the package implement Standard Schema, and both can write JSON Schema by `toJSONSchema`. But
# only the schemas of `zod` offer it by the Standard JSON Schema interface (`~standard.jsonSchema`); those of `zod/mini`
# do not. A tool that asks a schema for its JSON Schema by that interface finds none for an application that has
# chosen the small build, although the package could write it.
#
# Output seen: {"classic":{"validate":true,"jsonSchema":true,"byFunction":"string"},"mini":{"validate":true,"jsonSchema":false,"byFunction":"string"}}
#
# Exits 0 while it is so, 1 when it has changed, 2 when it could not be tried.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts zod@4.6.7 >/dev/null || exit 2
cat > try.mjs <<'JS'
import * as classic from 'zod';
import * as mini from 'zod/mini';
const offered = (z) => {
  const { validate, jsonSchema } = z.string()['~standard'];
  return {
    validate: typeof validate === 'function',
    jsonSchema: jsonSchema !== undefined,
    byFunction: z.toJSONSchema(z.string()).type,
  };
};
process.stdout.write(`${JSON.stringify({ classic: offered(classic), mini: offered(mini) })}\n`);
JS
seen=$(node try.mjs) || exit 2
echo "$seen"
[ "$seen" = '{"classic":{"validate":true,"jsonSchema":true,"byFunction":"string"},"mini":{"validate":true,"jsonSchema":false,"byFunction":"string"}}' ]

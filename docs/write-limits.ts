import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LimitAudience, type Limit, listLimits } from './limit-tags.ts';

const TITLES: Readonly<Record<LimitAudience, string>> = { client: 'what happens at it', operator: 'what it bounds' };

const rowOf = ({ name, value, text, file }: Limit): string => `| [\`${name}\`](../${file}) | ${value} | ${text} |`;

function tableOf(limits: readonly Limit[], audience: LimitAudience): string {
  const rows = limits.filter((limit) => limit.audience === audience).map(rowOf);
  return [`| limit | value | ${TITLES[audience]} |`, '|---|---|---|', ...rows].join('\n');
}

/** Replaces the part of the page between the markers of an audience. */
function withTable(page: string, limits: readonly Limit[], audience: LimitAudience): string {
  const [begin, end] = [`<!-- limits:${audience}:begin -->`, `<!-- limits:${audience}:end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`The page lacks the markers ${begin} and ${end}.`);
  return `${page.slice(0, from + begin.length)}\n${tableOf(limits, audience)}\n${page.slice(to)}`;
}

const SOURCE = join(import.meta.dirname, 'limits.md');
const [path = SOURCE] = process.argv.slice(2);
const limits = listLimits();
writeFileSync(path, withTable(withTable(readFileSync(SOURCE, 'utf8'), limits, 'client'), limits, 'operator'));

import type { Command, ExitCode, Invocation } from '../command.ts';
import { ASSUMED } from '../cost/assumptions.ts';
import { type Bill, billOf } from '../cost/bill.ts';
import { type Load, readLoad } from '../cost/load.ts';
import { peerBills } from '../cost/peers.ts';
import { AWS_PRICES, PRICE_LIST } from '../cost/prices.ts';
import { quotasOf } from '../cost/quotas.ts';
import { alignRight, percent, rounded, usd } from '../cost/render.ts';
import { trafficOf } from '../cost/traffic.ts';
import { UsageError } from '../operator-error.ts';
import { textOption } from '../options.ts';
import { figure, type Output } from '../output.ts';

/** The command `cost`: a month’s bill for a load. */
export const COST: Command = {
  name: 'cost',
  summary: 'Estimate what a load costs a month, here and elsewhere, and which quota it reaches first.',
  help: `  distributary cost --connections N --publishes RATE --fanout N
    --connections N    concurrent connections
    --publishes RATE   publishes of all clients: 20/s, 1200/min, 5000/h or 90000/day
    --fanout N         subscribers that one publish reaches
    --size SIZE        size of a message's data: 200b or 1kb (default 1kb)
    --batch [N]        clients ask for batches: N messages a frame, or as many as gather without waiting
    --long-poll N      readers beside them that follow a topic by HTTP, each by an execution of a Lambda
    --hours-online H   hours a day with this load (default 24)
    --retention H      hours for which messages are kept (default 24), by the setting of the stack or of its topics
    --last-value-only  the topics keep their last value only: no message is archived

  By list prices of ${PRICE_LIST.region}, reviewed on ${PRICE_LIST.checked}, each with its source. No price is fetched: check before you rely on it.

  distributary cost --connections 50000 --publishes 20/s --fanout 300 --size 1kb
  distributary cost --connections 50000 --publishes 20/s --fanout 300 --batch 4 --json | jq .bill.usd`,
  options: {
    connections: { type: 'string' },
    publishes: { type: 'string' },
    fanout: { type: 'string' },
    size: { type: 'string' },
    batch: { type: 'boolean' },
    'long-poll': { type: 'string' },
    'hours-online': { type: 'string' },
    retention: { type: 'string' },
    'last-value-only': { type: 'boolean' },
  },
  run: tell,
};

function tell({ positionals, values, output }: Invocation): Promise<ExitCode> {
  const region = textOption(values, 'region') ?? PRICE_LIST.region;
  if (region !== PRICE_LIST.region) {
    throw new UsageError(`--region ${region}: prices are known for ${PRICE_LIST.region} only.`);
  }
  const load = readLoad(values, positionals);
  const bill = billOf(load);
  output.data({
    load,
    messagesPerFrame: trafficOf(load).messagesPerFrame,
    bill,
    peers: peerBills(load),
    quotas: quotasOf(load),
    assumptions: ASSUMED,
    priceList: { ...PRICE_LIST, prices: AWS_PRICES },
  });
  if (!output.json) print(output, load, bill);
  return Promise.resolve(0);
}

function print(output: Output, load: Load, bill: Bill): void {
  const { messagesPerFrame, deliveries } = trafficOf(load);
  output.line(
    `${figure(load.connections)} connections, ${load.hoursOnline} hours a day; ${rounded(load.publishesPerSecond)} publishes/s of ${figure(load.messageBytes)} bytes, each to ${figure(load.fanout)}: ${rounded(deliveries)} deliveries/s, ${rounded(messagesPerFrame)} a frame`,
  );
  printBill(output, bill);
  printPeers(output, load, bill);
  printQuotas(output, load);
  output.line('\nAssumed');
  for (const sentence of ASSUMED) output.line(`  ${sentence}`);
  output.line(`\nPrices of ${PRICE_LIST.region}, list as of ${PRICE_LIST.checked}, each seen in the month named`);
  printPrices(output);
}

function printBill({ line, table }: Output, { lines, usd: total, usdPerMillionDeliveries }: Bill): void {
  line('\nA month');
  const rows = lines.map(({ service, item, quantity, unit, usd: cost }) => [
    service,
    item,
    rounded(quantity),
    unit,
    usd(cost),
  ]);
  const [head, ...body] = alignRight(
    [['service', 'for', 'how many', 'of', 'USD'], ...rows, ['in all', '', '', '', usd(total)]],
    [2, 4],
  );
  table(head ?? [], body);
  if (usdPerMillionDeliveries !== undefined) line(`${usd(usdPerMillionDeliveries)} USD per million deliveries`);
}

function printPeers({ line, table }: Output, load: Load, bill: Bill): void {
  line('\nThe same load elsewhere');
  const ours = ['this stack', usd(bill.usd), '', 'Stored, in order, recovered after a gap.'];
  const rows = peerBills(load).map((peer) => [
    peer.name,
    peer.usd === undefined ? '-' : usd(peer.usd),
    `${peer.certainty} ${peer.seen}`,
    `${peer.remark} ${peer.source}`,
  ]);
  const [head, ...body] = alignRight([['', 'USD', 'price', 'remark'], ours, ...rows], [1]);
  table(head ?? [], body);
}

function printQuotas({ line, table }: Output, load: Load): void {
  line('\nThe default quotas of an account, the first one reached first; those of a topic: if all is published to one');
  const rows = quotasOf(load).map(({ name, of, used, allowed, share, remedy }) => [
    name,
    of,
    rounded(used),
    figure(allowed),
    percent(share),
    remedy,
  ]);
  const [head, ...body] = alignRight([['limit', 'of a', 'used', 'allowed', 'share', 'remedy'], ...rows], [2, 3, 4]);
  table(head ?? [], body);
  line('Fixed: 32 KB a frame, 10 minutes without one, 2 hours a connection. The client library keeps within them.');
}

function printPrices({ table }: Output): void {
  const rows = Object.values(AWS_PRICES).map(({ tiers, per, unit, seen, certainty, source }) => [
    tiers.map((tier) => tier.usd).join(' / '),
    rounded(per),
    unit,
    `${certainty} ${seen}`,
    source,
  ]);
  const [head, ...body] = alignRight([['USD', 'for', 'of', 'seen', 'source'], ...rows], [0, 1]);
  table(head ?? [], body);
}

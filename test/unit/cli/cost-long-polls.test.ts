import { ASSUMPTIONS } from '../../../cli/cost/assumptions.ts';
import { type Bill, billOf } from '../../../cli/cost/bill.ts';
import { LOAD } from '../../helpers/sample-load.ts';

const lineOf = ({ lines }: Bill, service: string, item: string) => {
  const line = lines.find((each) => each.service === service && each.item === item);
  if (line === undefined) throw new Error(`no line ${service} ${item}`);
  return line;
};

describe('readers by long polls', () => {
  it('cost an execution of a Lambda each all the time, and half a read for each look', () => {
    const bill = billOf({ ...LOAD, messageBytes: 1_024, longPolls: 1, hoursOnline: 24 });
    const seconds = ASSUMPTIONS.HOURS_PER_MONTH * 3_600;

    expect(lineOf(bill, 'Lambda', 'long polls').quantity).toBeCloseTo(seconds / 2, 6);
    expect(lineOf(bill, 'DynamoDB', 'looks of long polls').quantity).toBeCloseTo(seconds * 5, 6);
    // An hour of one costs 0.026 USD, as docs/durable-streams.md says.
    expect(
      (bill.usd - billOf({ ...LOAD, messageBytes: 1_024, hoursOnline: 24 }).usd) / ASSUMPTIONS.HOURS_PER_MONTH,
    ).toBeCloseTo(0.026, 3);
  });
});

import { figure } from '../output.ts';

/** Dollars: cents where they count. */
export const usd = (amount: number): string =>
  amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** A number as a person reads it: whole when large, three figures when small. */
export const rounded = (value: number): string =>
  value >= 100 ? figure(Math.round(value)) : value.toLocaleString('en-US', { maximumSignificantDigits: 3 });

/** `42 %`, and `under 1 %` for what is hardly there. */
export const percent = (share: number): string =>
  share > 0 && share < 0.01 ? 'under 1 %' : `${figure(Math.round(share * 100))} %`;

/** Pads the cells of these columns on their left, so that numbers stand under one another. */
export function alignRight(rows: readonly (readonly string[])[], columns: readonly number[]): string[][] {
  const widths = new Map(
    columns.map((column) => [column, Math.max(...rows.map((row) => row[column]?.length ?? 0))] as const),
  );
  return rows.map((row) => row.map((cell, column) => cell.padStart(widths.get(column) ?? 0)));
}

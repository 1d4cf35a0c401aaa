import { figure } from '../output.ts';

/** Formats dollars with cents. */
export const usd = (amount: number): string =>
  amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Formats a number: whole when large, three digits when small, `under 0.001` when it is next to nothing. */
export function rounded(value: number): string {
  if (value > 0 && value < 0.001) return 'under 0.001';
  return value >= 100 ? figure(Math.round(value)) : value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

/** Formats a share: `42 %`, or `under 1 %`. */
export const percent = (share: number): string =>
  share > 0 && share < 0.01 ? 'under 1 %' : `${figure(Math.round(share * 100))} %`;

/** Pads the cells of these columns on the left, so that their numbers align. */
export function alignRight(rows: readonly (readonly string[])[], columns: readonly number[]): string[][] {
  const widths = new Map(
    columns.map((column) => [column, Math.max(...rows.map((row) => row[column]?.length ?? 0))] as const),
  );
  return rows.map((row) => row.map((cell, column) => cell.padStart(widths.get(column) ?? 0)));
}

/** A row of a table: its cells, each a text or a bar, and the status by which it is colored. */
export interface Row {
  readonly cells: readonly (string | { readonly share: number })[];
  readonly status?: string;
}

const EUROS = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' });

/** Returns an amount as people read it. */
export const inEuros = (cents: number): string => EUROS.format(cents / 100);

/** Fills a table with rows, in place of those before. Texts of messages become text, never HTML. */
export function fillTable(table: HTMLElement, rows: readonly Row[]): void {
  table.replaceChildren(...rows.map(rowOf));
}

function rowOf({ cells, status = '' }: Row): HTMLElement {
  const row = document.createElement('tr');
  row.dataset['status'] = status;
  row.append(...cells.map(cellOf));
  return row;
}

function cellOf(content: Row['cells'][number]): HTMLElement {
  const cell = document.createElement('td');
  if (typeof content === 'string') cell.textContent = content;
  else {
    const bar = document.createElement('div');
    bar.className = 'bar';
    bar.style.width = `${100 * content.share}%`;
    cell.append(bar);
  }
  return cell;
}

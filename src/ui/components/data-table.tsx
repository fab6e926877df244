import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './data-table.module.css';

export interface Column<R> {
  readonly header: string;
  /** What stands in the header instead of the words. */
  readonly head?: ReactNode;
  readonly cell: (row: R) => ReactNode;
  /** Numbers stand at the right, in digits of one width. */
  readonly numeric?: boolean;
  /** The cell that names the row. */
  readonly rowHeader?: boolean;
  readonly className?: string | undefined;
}

interface Props<R> {
  /** What the table shows, for people who cannot see where it stands. */
  readonly caption: string;
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  readonly keyOf: (row: R) => string;
  /** Cells of a row of totals, one for each column. */
  readonly totals?: readonly ReactNode[];
  /** The rows are those of the question before, while the answer to a new one is on its way. */
  readonly isStale?: boolean;
}

/** A dense table with a caption and headers; scrolls sideways where the window is narrow. */
export function DataTable<R>({ caption, columns, rows, keyOf, totals, isStale = false }: Props<R>) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={styles.scroller} aria-label={caption} tabIndex={0} aria-busy={isStale}>
      <Table className={styles.table} highlightOnHover>
        <caption className={styles.caption}>{caption}</caption>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ header, head, numeric }) => (
              <Table.Th key={header} scope="col" data-numeric={numeric || undefined}>
                {head ?? header}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={keyOf(row)}>
              {columns.map((column) => (
                <Cell key={column.header} column={column} row={row} />
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
        {totals !== undefined && <Totals columns={columns} cells={totals} />}
      </Table>
    </section>
  );
}

function Cell<R>({ column, row }: { column: Column<R>; row: R }) {
  const { cell, numeric, rowHeader, className } = column;
  const props = { className, 'data-numeric': numeric || undefined };
  if (rowHeader !== true) return <Table.Td {...props}>{cell(row)}</Table.Td>;
  return (
    <Table.Th scope="row" {...props}>
      {cell(row)}
    </Table.Th>
  );
}

function Totals<R>({ columns, cells }: { columns: readonly Column<R>[]; cells: readonly ReactNode[] }) {
  return (
    <Table.Tfoot>
      <Table.Tr>
        {columns.map(({ header, numeric }, i) => (
          <Table.Td key={header} data-numeric={numeric || undefined}>
            {cells[i]}
          </Table.Td>
        ))}
      </Table.Tr>
    </Table.Tfoot>
  );
}

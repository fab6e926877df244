import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { csvLine } from '../../engine/encoding.js';
import type { Window } from '../../flow/ports.js';
import { decodeCursor, encodeCursor, isCount, isTime } from './paging.js';
import { windowOf } from './window.js';

/** Where in a list that is made anew for each question a page begins, and the window that the list is of. */
export interface ListPlace {
  readonly window: Window;
  readonly skip: number;
}

interface ListCursor {
  readonly skip: number;
  readonly from: string;
  readonly to: string;
}

/** The place that a request asks for; a window that moves stays where it was on the first page. */
export function listPlace(
  { cursor, from, to }: { cursor?: string | undefined; from?: string | undefined; to?: string | undefined },
  window: (from: string | undefined, to: string | undefined) => Window = windowOf,
): ListPlace {
  const after = decodeCursor<ListCursor>(cursor, { skip: isCount, from: isTime, to: isTime });
  return { window: window(after?.from ?? from, after?.to ?? to), skip: after?.skip ?? 0 };
}

/** A page of a list. */
export function listPage<Row>(rows: readonly Row[], { window, skip }: ListPlace, limit: number) {
  return { data: rows.slice(skip, skip + limit), next_cursor: nextCursor(rows.length, { window, skip }, limit) };
}

/** @param length of the whole list, or one more than the page where only that is known */
export function nextCursor(length: number, { window, skip }: ListPlace, limit: number): string | null {
  const next = { skip: skip + limit, from: window.from.toISOString(), to: window.to.toISOString() };
  return length > skip + limit ? encodeCursor(next) : null;
}

/** Columns of a list as CSV, in their order. */
export type CsvColumns<Row> = readonly (readonly [string, (row: Row) => string | number | null])[];

/** Sends a list as CSV. */
export async function sendCsv<Row>(
  reply: FastifyReply,
  file: string,
  columns: CsvColumns<Row>,
  rows: readonly Row[],
): Promise<void> {
  await csvReply(reply, file).send(headOf(columns) + linesOf(columns, rows));
}

/** Sends a list as CSV that comes some rows at a time. */
export async function streamCsv<Row>(
  reply: FastifyReply,
  file: string,
  columns: CsvColumns<Row>,
  pages: AsyncIterable<readonly Row[]>,
): Promise<void> {
  async function* lines(): AsyncGenerator<string> {
    yield headOf(columns);
    for await (const rows of pages) yield linesOf(columns, rows);
  }
  await csvReply(reply, file).send(Readable.from(lines()));
}

/** Sends a list as JSON lines that come some rows at a time. */
export async function streamJsonLines<Row>(
  reply: FastifyReply,
  file: string,
  pages: AsyncIterable<readonly Row[]>,
): Promise<void> {
  async function* lines(): AsyncGenerator<string> {
    for await (const rows of pages) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  }
  reply.header('content-disposition', `attachment; filename="${file}"`).header('x-content-type-options', 'nosniff');
  await reply.type('application/jsonl; charset=utf-8').send(Readable.from(lines()));
}

function csvReply(reply: FastifyReply, file: string): FastifyReply {
  reply.header('content-disposition', `attachment; filename="${file}"`).header('x-content-type-options', 'nosniff');
  return reply.type('text/csv; charset=utf-8');
}

function headOf<Row>(columns: CsvColumns<Row>): string {
  return csvLine(columns.map(([name]) => name));
}

function linesOf<Row>(columns: CsvColumns<Row>, rows: readonly Row[]): string {
  return rows.map((row) => csvLine(columns.map(([, value]) => value(row)))).join('');
}

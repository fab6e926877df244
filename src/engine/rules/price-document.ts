import { BYTE_UNITS, type ByteUnit, type PriceModel } from '../model/price-model.js';
import { type Problem, problem } from '../problem.js';
import { DocumentReader } from './document-reader.js';

const FIELDS = [
  'id',
  'name',
  'vendor',
  'currency',
  'as_of',
  'confirmed',
  'source',
  'unit',
  'meters',
  'marginal_price_per_unit',
  'notes',
  'examples',
];

/** Checks the parsed document of a price file. */
export function readPriceModel(file: string, content: unknown): { model: PriceModel; problems: Problem[] } {
  const problems: Problem[] = [];
  const r = new DocumentReader(file, content, problems);
  r.only(FIELDS);
  const model: PriceModel = {
    id: r.text('id', /^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'lower-case words joined by dashes'),
    name: r.text('name'),
    vendor: r.text('vendor'),
    currency: r.text('currency', /^[A-Z]{3}$/, 'an ISO 4217 code'),
    asOf: r.text('as_of', /^\d{4}-\d{2}-\d{2}$/, 'a day as YYYY-MM-DD'),
    confirmed: r.flag('confirmed', false),
    source: r.text('source', /^https:\/\//, 'an https address'),
    unit: r.oneOf('unit', Object.keys(BYTE_UNITS) as ByteUnit[], 'GB'),
    meters: r.list('meters', (meter) => ({
      id: meter.text('id'),
      measures: meter.oneOf('measures', ['ingested_bytes'], 'ingested_bytes'),
      pricePerUnit: meter.number('price_per_unit', 0, 1e6),
    })),
    marginalPricePerUnit: r.number('marginal_price_per_unit', 0, 1e6),
    examples: r.list('examples', (example) => ({
      ingestedBytes: example.number('ingested_bytes', 0, Number.MAX_SAFE_INTEGER),
      cost: example.number('cost', 0, 1e12),
    })),
  };
  if (model.meters.length === 0) problems.push(problem('rule', `${file}: meters`, 'empty', 'at least one meter'));
  return { model, problems };
}

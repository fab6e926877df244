import { MEASURE_UNITS, type Measure, type PriceMeter, type PriceModel, type Unit } from '../model/price-model.js';
import { type Problem, problem } from '../problem.js';
import { DocumentReader } from './document-reader.js';

const FIELDS = [
  ...['id', 'name', 'vendor', 'currency', 'as_of', 'confirmed', 'source'],
  ...['meters', 'notes', 'examples'],
];
const METER_FIELDS = [
  ...['id', 'measures', 'unit', 'price_per_unit', 'marginal_price_per_unit', 'share', 'included', 'days'],
  ...['base_days', 'compression', 'replicas', 'count'],
];
const EXAMPLE_FIELDS = ['ingested_bytes', 'spans', 'days', 'cost', 'saving_per_gb'];
const MEASURES = Object.keys(MEASURE_UNITS) as Measure[];
const MAX_METERS = 20;

/** Checks the parsed document of a price file; all problems at once. */
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
    notes: r.has('notes') ? r.text('notes') : '',
    meters: r.list('meters', readMeter),
    examples: r.list('examples', (example) => {
      example.only(EXAMPLE_FIELDS);
      return {
        ingestedBytes: example.number('ingested_bytes', 0, Number.MAX_SAFE_INTEGER),
        spans: example.number('spans', 0, Number.MAX_SAFE_INTEGER),
        days: example.has('days') ? example.number('days', 0, 400) : 30,
        cost: example.number('cost', 0, 1e12),
        savingPerGb: example.number('saving_per_gb', 0, 1e12),
      };
    }),
  };
  const count = model.meters.length;
  if (count === 0 || count > MAX_METERS) {
    const what = count === 0 ? 'empty' : 'too many';
    problems.push(problem('rule', `${file}: meters`, what, `1 to ${MAX_METERS} meters`));
  }
  return { model, problems };
}

function readMeter(meter: DocumentReader): PriceMeter {
  meter.only(METER_FIELDS);
  const measures = meter.oneOf('measures', MEASURES, 'ingested_bytes');
  const isFixed = measures === 'hosts' || measures === 'flat';
  const number = (field: string, least: number, most: number, otherwise: number): number =>
    meter.has(field) ? meter.number(field, least, most) : otherwise;
  const price = (field: string): number | null => (meter.value(field) === null ? null : meter.number(field, 0, 1e6));
  if (!meter.has('price_per_unit')) meter.report('price_per_unit', 'missing', 'a number from 0, or null to fill it in');
  const pricePerUnit = meter.has('price_per_unit') ? price('price_per_unit') : null;
  const units: readonly Unit[] = MEASURE_UNITS[measures];
  if (isFixed && meter.has('marginal_price_per_unit')) {
    meter.report('marginal_price_per_unit', 'not for this measure', 'nothing: what is dropped saves nothing here');
  }
  return {
    id: meter.text('id'),
    measures,
    unit: meter.oneOf('unit', units, units[0]!),
    pricePerUnit,
    marginalPricePerUnit: isFixed
      ? 0
      : meter.has('marginal_price_per_unit')
        ? price('marginal_price_per_unit')
        : pricePerUnit,
    share: number('share', 0, 100, 1),
    included: number('included', 0, 1e12, 0),
    days: number('days', 0, 4000, 0),
    baseDays: number('base_days', 0, 4000, 0),
    compression: number('compression', 0.001, 1, 1),
    replicas: number('replicas', 1, 10, 1),
    count: number('count', 0, 1e6, 1),
  };
}

/** The FinOps Open Cost and Usage Specification, https://focus.finops.org; the versions that can be asked for. */
export const FOCUS_PROFILES = ['1.2', '1.3'] as const;
export type FocusProfile = (typeof FOCUS_PROFILES)[number];

/** What a service in an environment is to be charged for a day, or for the part of a day that a window holds. */
export interface FocusCharge {
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
  readonly account: string;
  readonly vendor: string;
  readonly currency: string;
  /** Empty for charges that do not follow the spans. */
  readonly service: string;
  readonly environment: string;
  readonly team: string;
  /** Estimated. */
  readonly bytes: number;
  readonly spans: number;
  readonly cost: number;
  /** Of 95 %; null where nothing is known of the error. */
  readonly low: number | null;
  readonly high: number | null;
}

type Column = readonly [string, (charge: FocusCharge) => string | number | null];

const GB = 1e9;
const NAME = 'Trace telemetry';
const LABEL = 'Showback estimate, not an invoice';

const COLUMNS: readonly Column[] = [
  // An estimate was never billed, and the column cannot be empty.
  ['BilledCost', () => 0],
  ['BillingAccountId', (c) => c.account],
  ['BillingAccountName', (c) => c.account],
  ['BillingCurrency', (c) => c.currency],
  ['BillingPeriodStart', (c) => monthStart(c.start, 0)],
  ['BillingPeriodEnd', (c) => monthStart(c.start, 1)],
  ['ChargeCategory', () => 'Usage'],
  ['ChargeClass', () => null],
  ['ChargeDescription', (c) => `${LABEL}: ${c.service === '' ? 'fixed charges' : `traces of ${c.service}`}`],
  ['ChargePeriodStart', (c) => timeOf(c.start)],
  ['ChargePeriodEnd', (c) => timeOf(c.end)],
  ['ConsumedQuantity', (c) => c.bytes / GB],
  ['ConsumedUnit', () => 'GB'],
  ['ContractedCost', (c) => c.cost],
  ['EffectiveCost', (c) => c.cost],
  ['InvoiceIssuerName', (c) => c.vendor],
  ['ListCost', (c) => c.cost],
  ['PricingQuantity', (c) => c.bytes / GB],
  ['PricingUnit', () => 'GB'],
  ['ProviderName', (c) => c.vendor],
  ['PublisherName', (c) => c.vendor],
  ['ServiceCategory', () => 'Management and Governance'],
  ['ServiceName', () => NAME],
  ['ServiceSubcategory', () => 'Observability'],
  ['SubAccountId', (c) => c.team],
  ['SubAccountName', (c) => c.team],
  ['Tags', tagsOf],
  ['x_CostLow', (c) => c.low],
  ['x_CostHigh', (c) => c.high],
  ['x_Spans', (c) => c.spans],
  ['x_Label', () => LABEL],
];

/** Columns of 1.3 on who provides, and on how a cost that is shared was split. */
const SPLIT_COLUMNS: readonly Column[] = [
  ['HostProviderName', (c) => c.vendor],
  ['ServiceProviderName', (c) => c.vendor],
  ['AllocatedMethodId', (c) => (c.service === '' ? null : 'bytes-weighted-v1')],
  ['AllocatedMethodDetails', (c) => (c.service === '' ? null : detailsOf(c))],
  ['AllocatedResourceId', (c) => (c.service === '' ? null : `${c.service}/${c.environment}`)],
  ['AllocatedResourceName', (c) => (c.service === '' ? null : c.service)],
  ['AllocatedTags', (c) => (c.service === '' ? null : tagsOf(c))],
  ['ContractApplied', () => null],
];

/** Columns of a profile, in their order. */
export function focusColumns(profile: FocusProfile): readonly Column[] {
  return profile === '1.2' ? COLUMNS : [...COLUMNS, ...SPLIT_COLUMNS];
}

function tagsOf({ service, environment }: FocusCharge): string {
  return JSON.stringify(service === '' ? {} : { 'service.name': service, 'deployment.environment.name': environment });
}

function detailsOf({ bytes }: FocusCharge): string {
  return JSON.stringify({ Elements: [{ AllocatedRatio: 1, UsageUnit: 'GB', UsageQuantity: bytes / GB }] });
}

/** FOCUS wants UTC to the second. */
function timeOf(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

function monthStart(time: number, later: number): string {
  const date = new Date(time);
  return timeOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + later));
}

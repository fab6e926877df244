import type { Report } from '../../engine/model/report.js';
import { buildReport } from '../../engine/report/build.js';
import { NO_RULE_CHANGE } from '../../engine/report/rule-change.js';
import type { SubscriptionRow } from '../store/entities/index.js';

const FREE = { perByte: 0, perSpan: 0 };
const NO_AMOUNT = { amount: 0, interval: null };
const NOTHING = {
  ...{ prices: FREE, receivedSpans: 0, teams: [], fixed: 0 },
  total: { spans: 0, bytes: 0, cost: 0, costInterval: null },
};

/** What a test delivery carries: a report of no time, which says that there is nothing in it. */
export function testReport({
  audience,
  team,
  timeZone,
}: Pick<SubscriptionRow, 'audience' | 'team' | 'timeZone'>): Report {
  const never = new Date(0).toISOString();
  const report = buildReport({
    ...{ edition: 'on-demand', audience, team: team === '' ? null : team, timeZone },
    ...{ period: { start: never, end: never }, before: { start: never, end: never } },
    days: { first: '1970-01-01', last: '1970-01-01' },
    ...{ dataFrom: null, dataTo: null, services: [], unowned: '' },
    costs: { now: NOTHING, before: NOTHING, basis: 'no spans were received' },
    price: { currency: '', marginal: FREE, name: 'no prices', isConfirmed: true },
    ...{ savings: [], ruleChange: NO_RULE_CHANGE },
    ...{ saving: NO_AMOUNT, duplicates: { cost: NO_AMOUNT, saving: NO_AMOUNT, rows: [] } },
    findings: { counts: [], openByTeam: new Map(), list: [], total: 0 },
    ...{ actions: [], waivers: [], naming: [], attributes: [], newAttributes: 0, prune: [], buckets: [] },
    policies: { suggested: 0, approved: 0 },
    basis: { generator: 'spanwarden', rules: 'no rules', link: '' },
    limits: [],
  });
  return { ...report, title: 'Test delivery of spanwarden', limits: ['This is a test: reports will come this way.'] };
}

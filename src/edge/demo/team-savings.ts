import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '../../engine/model/report.js';
import type { DemoApi } from './api.js';

/** What a team's own report says of its money: of the hours that the run was in. */
export interface TeamSaving {
  readonly team: string;
  readonly cost: number;
  /** Attributes that are sent beside those that replaced them, and what they cost. */
  readonly stored_twice: number;
  readonly stored_twice_cost: number;
  /** What goes when all suggestions for the team are done. */
  readonly suggestions_save: number;
  readonly currency: string;
  /** Address of the report. */
  readonly report: string;
}

const READY_MS = 60_000;

/** Has the reports of teams made, as their leads would get them, and reads what they say. */
export async function teamSavings(
  api: DemoApi,
  teams: readonly string[],
  from: Date,
  http: string,
  signal: AbortSignal,
): Promise<TeamSaving[]> {
  const to = new Date(Math.ceil((Date.now() + 1) / 3_600_000) * 3_600_000);
  const made = await Promise.all(teams.map((team) => api.makeReport(team, from, to)));
  const savings: TeamSaving[] = [];
  for (const [i, { id }] of made.entries()) {
    for (const deadline = Date.now() + READY_MS; (await api.reportState(id)) !== 'ready'; ) {
      if (Date.now() > deadline) throw new Error(`the report of team ${teams[i]} is not ready after a minute`);
      await sleep(250, undefined, { signal });
    }
    savings.push(savingOf(teams[i]!, await api.report(id), `${http}/api/v1/reports/${id}.html`));
  }
  return savings;
}

function savingOf(team: string, { cost, duplicates, saving }: Report, report: string): TeamSaving {
  return {
    ...{ team, cost: cost.amount.now, stored_twice: duplicates.total, stored_twice_cost: duplicates.cost.amount },
    ...{ suggestions_save: saving.amount, currency: cost.currency, report },
  };
}

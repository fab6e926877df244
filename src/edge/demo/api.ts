import type { Report } from '../../engine/model/report.js';
import type {
  AttributeCard,
  ConventionFinding,
  CostReport,
  Finding,
  OwnerList,
  Policy,
  PolicySet,
  QualityIndicator,
  Simulation,
  SpanName,
  Status,
} from '../serve/contract.js';

/** The first hundreds of rows are all there are: a small shop finds little. */
const MAX_PAGES = 10;

/** What the demo asks of the API, as admin. */
export class DemoApi {
  constructor(
    private readonly http: string,
    private readonly token: string,
    private readonly signal: AbortSignal,
  ) {}

  status(): Promise<Status> {
    return this.ask('GET', 'status');
  }

  /** Findings of an environment, those that were seen at or after `since`. */
  async findings(environment: string, since: Date): Promise<Finding[]> {
    const findings = await this.all<Finding>(`findings?limit=200&environment=${encodeURIComponent(environment)}`);
    return findings.filter((finding) => Date.parse(finding.last_seen) >= since.getTime());
  }

  policies(): Promise<Policy[]> {
    return this.all('policies?limit=200');
  }

  policy(id: string): Promise<Policy> {
    return this.ask('GET', `policies/${id}`);
  }

  approve({ id, etag }: Policy): Promise<Policy> {
    return this.ask('POST', `policies/${id}/approve`, {}, { 'if-match': etag });
  }

  simulate(policy: string, bounds: { duration_seconds: number; max_spans: number }): Promise<Simulation> {
    return this.ask('POST', `policies/${policy}/simulations`, bounds);
  }

  simulation(id: string): Promise<Simulation> {
    return this.ask('GET', `simulations/${id}`);
  }

  finding(id: string): Promise<Finding> {
    return this.ask('GET', `findings/${id}`);
  }

  policySet(name: string): Promise<PolicySet> {
    return this.ask('GET', `policy-sets/${name}`);
  }

  async setSoak(policySet: string, seconds: number): Promise<void> {
    await this.ask('PUT', `policy-sets/${policySet}`, { soak_seconds: seconds });
  }

  /** What one attribute of a service holds, since an hour that began at `from`; undefined before there is any. */
  async attribute(service: string, location: string, key: string, from: Date): Promise<AttributeCard | undefined> {
    const query = new URLSearchParams({ service, location, key, from: from.toISOString() });
    if ((await this.all(`attributes?${query}`)).length === 0) return undefined;
    const path = [service, key].map(encodeURIComponent).join('/');
    return this.ask('GET', `attributes/${path}?${new URLSearchParams({ location, from: from.toISOString() })}`);
  }

  /** Span names, since an hour that began at `from`. */
  spanNames(from: Date): Promise<SpanName[]> {
    return this.all(`span-names?limit=200&${new URLSearchParams({ from: from.toISOString() })}`);
  }

  /** What is wrong with names, since an hour that began at `from`. */
  names(environment: string, from: Date): Promise<ConventionFinding[]> {
    const query = new URLSearchParams({ limit: '200', environment, from: from.toISOString() });
    return this.all(`conventions/findings?${query}`);
  }

  /** Trace quality by service, since an hour that began at `from`. */
  quality(from: Date): Promise<QualityIndicator[]> {
    return this.all(`quality?${new URLSearchParams({ group_by: 'service', limit: '200', from: from.toISOString() })}`);
  }

  costsByService(from: Date): Promise<CostReport> {
    return this.ask('GET', `costs?${new URLSearchParams({ group_by: 'service', from: from.toISOString() })}`);
  }

  /** Has the report of a team's lead made of a window. */
  makeReport(team: string, from: Date, to: Date): Promise<{ id: string }> {
    const window = { from: from.toISOString(), to: to.toISOString() };
    return this.ask('POST', 'reports', { edition: 'on-demand', audience: 'team-lead', team, ...window });
  }

  async reportState(id: string): Promise<string> {
    return (await this.ask<{ state: string }>('GET', `reports/${id}`)).state;
  }

  async report(id: string): Promise<Report> {
    return (await this.ask<{ report: Report }>('GET', `reports/${id}.json`)).report;
  }

  async owners(): Promise<OwnerList['data']> {
    return (await this.ask<OwnerList>('GET', 'owners')).data;
  }

  setOwner(service: string, team: string): Promise<unknown> {
    return this.ask('PUT', `owners/${encodeURIComponent(service)}`, { team });
  }

  private async all<T>(path: string): Promise<T[]> {
    const rows: T[] = [];
    let next: string | null = '';
    for (let page = 0; next !== null && page < MAX_PAGES; page++) {
      const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
      const answer = await this.ask<{ data: T[]; next_cursor: string | null }>('GET', `${path}${cursor}`);
      rows.push(...answer.data);
      next = answer.next_cursor;
    }
    return rows;
  }

  private async ask<T>(
    method: string,
    path: string,
    body?: unknown,
    more: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    const response = await fetch(`${this.http}/api/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...more,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: this.signal,
    }).catch((error) => {
      throw this.signal.aborted ? error : new Error(`spanwarden at ${this.http} does not answer`);
    });
    if (response.ok) return (await response.json()) as T;
    const why = response.status === 401 ? '; is the admin token that of this spanwarden?' : '';
    throw new Error(`spanwarden at ${this.http} answered ${response.status} to ${method} ${path.split('?')[0]}${why}`);
  }
}

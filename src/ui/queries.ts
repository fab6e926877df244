import { keepPreviousData, type QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type {
  AccessTokenPage,
  AttributeCard,
  AttributePage,
  AuditCheckpoint,
  AuditPage,
  CostReport,
  ExclusionPage,
  Finding,
  FindingDetail,
  FindingEventPage,
  FindingPage,
  OwnerList,
  Policy,
  PolicyPage,
  QualityPage,
  ReportPage,
  RuleList,
  RuleVersionPage,
  SavingList,
  ScorePage,
  Session,
  SpanNamePage,
  Status,
} from '../edge/serve/contract.js';
import { get, getTagged, getText, type Query } from './api.js';

export type Severity = Finding['severity'];
export type CostGroup = CostReport['group_by'];
export type PolicyState = Policy['state'];

/** Rows of a list that is only a glance. */
const FEW_ROWS = 8;
const POLL_MS = 2000;
const WAIT_FOR_SPANS_MS = 5000;
const REFRESH_MS = 30_000;
const ROLLOUT_MS = 5_000;

export function useSession() {
  return useQuery({
    queryKey: ['session'],
    queryFn: () => get<Session>('/session'),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What has come in; asked again and again, more often until the first spans do. */
export function useStatus() {
  return useQuery({
    queryKey: ['status'],
    queryFn: () => get<Status>('/status'),
    refetchInterval: ({ state }) => (state.data?.last_span_at === null ? WAIT_FOR_SPANS_MS : REFRESH_MS),
  });
}

export function useFindings(filter: Query) {
  return usePages<FindingPage>('findings', '/findings', filter);
}

export function useFinding(id: string) {
  return useQuery({ queryKey: ['finding', id], queryFn: () => get<FindingDetail>(`/findings/${id}`) });
}

/** What happened to a finding, latest first. */
export function useFindingEvents(id: string) {
  return usePages<FindingEventPage>(`finding events ${id}`, `/findings/${id}/events`, { limit: 20 });
}

/** The few findings that the overview shows. */
export function useMostSevereFindings() {
  return useQuery({
    queryKey: ['findings', 'most severe'],
    queryFn: () => get<FindingPage>('/findings', { state: 'unresolved', sort: 'severity', limit: FEW_ROWS }),
    refetchInterval: REFRESH_MS,
  });
}

export function useAttributes(filter: Query) {
  return usePages<AttributePage>('attributes', '/attributes', filter);
}

export function useSpanNames(filter: Query) {
  return usePages<SpanNamePage>('span names', '/span-names', filter);
}

/** Everything that is known of one attribute of a service. */
export function useAttributeCard(service: string, key: string, filter: Query) {
  return useQuery({
    queryKey: ['attribute', service, key, filter],
    queryFn: () => get<AttributeCard>(`/attributes/${encodeURIComponent(service)}/${encodeURIComponent(key)}`, filter),
  });
}

/** Indicators of trace quality; all of them are few. */
export function useQuality(filter: Query) {
  return usePages<QualityPage>('quality', '/quality', { ...filter, limit: 200 });
}

export function useScores() {
  return usePages<ScorePage>('scores', '/scores', {});
}

export function useCosts(group: CostGroup) {
  return useQuery({
    queryKey: ['costs', group],
    queryFn: () => get<CostReport>('/costs', { group_by: group }),
    placeholderData: keepPreviousData,
  });
}

export function useSavings() {
  return useQuery({ queryKey: ['savings'], queryFn: () => get<SavingList>('/costs/savings') });
}

export function useOwners() {
  return useQuery({ queryKey: ['owners'], queryFn: () => get<OwnerList>('/owners') });
}

export function usePolicies(state: PolicyState) {
  const isMoving = (page: PolicyPage): boolean => page.data.some(({ rollout }) => rollout?.status === 'running');
  return usePages<PolicyPage>('policies', '/policies', { state }, isMoving, ROLLOUT_MS);
}

/** The few suggested policies that the overview shows. */
export function useSuggestions() {
  return useQuery({
    queryKey: ['policies', 'suggestions'],
    queryFn: () => get<PolicyPage>('/policies', { state: 'suggested', limit: FEW_ROWS }),
    refetchInterval: REFRESH_MS,
  });
}

/** Address that collectors pull a policy set from, below `/api/v1`. */
export function collectorYaml(set: string): string {
  return `/policy-sets/${encodeURIComponent(set)}/collector.yaml`;
}

/** What collectors without labels pull of a set now. */
export function useCollectorYaml(set: string, enabled: boolean) {
  return useQuery({ queryKey: ['policies', 'yaml', set], queryFn: () => getText(collectorYaml(set)), enabled });
}

/** Reports; asked again and again while one is being made. */
export function useReports() {
  return usePages<ReportPage>('reports', '/reports', {}, ({ data }) => data.some(({ state }) => state === 'pending'));
}

/** All detectors; asked again and again, since one can be switched off at any time. */
export function useRules() {
  return useQuery({
    queryKey: ['rules', 'all'],
    queryFn: () => get<RuleList>('/rules'),
    refetchInterval: REFRESH_MS,
  });
}

/** The document with detectors of one's own, a version of it or the latest; read anew only when asked to. */
export function useRuleDocument(version?: number) {
  const path = version === undefined ? '/rules/custom' : `/rules/custom?version=${version}`;
  return useQuery({
    queryKey: ['rules', 'document', version ?? 'latest'],
    queryFn: () => getTagged(path),
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

export function useRuleVersions() {
  return usePages<RuleVersionPage>('rule versions', '/rules/custom/versions', {});
}

export function useExclusions() {
  return usePages<ExclusionPage>('exclusions', '/exclusions', {});
}

/** Tokens of people and programs, newest first. */
export function useTokens() {
  return usePages<AccessTokenPage>('tokens', '/tokens', {});
}

/** Who did what, latest first. */
export function useAudit(filter: Query) {
  return usePages<AuditPage>('audit', '/audit', filter);
}

/** The last event of the audit log, and when it was verified. */
export function useAuditCheckpoint() {
  return useQuery({ queryKey: ['audit checkpoint'], queryFn: () => get<AuditCheckpoint>('/audit/checkpoint') });
}

/** Everything that shows detectors or exclusions. */
export async function rulesChanged(client: QueryClient): Promise<void> {
  const keys = ['rules', 'rule versions', 'exclusions'];
  await Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })));
}

/** Everything that the owner of a service shows up in. */
export async function ownersChanged(client: QueryClient): Promise<void> {
  const keys = ['owners', 'costs', 'findings', 'finding', 'attributes', 'span names'];
  await Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })));
}

/** Puts a finding that was changed here into view at once, so that the next change is one of this version. */
export function showFinding(client: QueryClient, finding: Finding): void {
  client.setQueryData<FindingDetail>(['finding', finding.id], (shown) => shown && { ...shown, ...finding });
}

/** Everything that a decision on findings shows up in. */
export async function findingsChanged(client: QueryClient): Promise<void> {
  const isTouched = ({ queryKey: [name] }: { queryKey: readonly unknown[] }): boolean =>
    typeof name === 'string' && /^(?:finding|status|policies)/.test(name);
  await client.invalidateQueries({ predicate: isTouched });
}

interface Page {
  readonly data: readonly unknown[];
  readonly next_cursor: string | null;
}

/** A list that is read page by page; asked again and again while a page is pending. */
export function usePages<P extends Page>(
  name: string,
  path: string,
  query: Query,
  isPending: (page: P) => boolean = () => false,
  everyMs = POLL_MS,
) {
  return useInfiniteQuery({
    queryKey: [name, query],
    queryFn: ({ pageParam }) => get<P>(path, { ...query, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: P) => last.next_cursor ?? undefined,
    select: ({ pages }) => pages.flatMap((page) => page.data as P['data'][number][]),
    refetchInterval: ({ state }) => (state.data?.pages.some(isPending) ? everyMs : false),
    placeholderData: keepPreviousData,
  });
}

import { readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import type { PolicyVersion } from '../../engine/model/policy.js';
import { readPolicies } from '../../engine/policy/policy-document.js';
import { type Problem, problem } from '../../engine/problem.js';
import { asObject } from '../../engine/rules/document-reader.js';

const MAX_BYTES = 16 << 20;
const PAGE = 200;
const MAX_PAGES = 5;
const TIMEOUT_MS = 30_000;

/** Where policies come from. */
export type PolicySource =
  | { readonly files: readonly string[] }
  | { readonly url: string; readonly token: string | null; readonly policySet: string };

export interface LoadedPolicies {
  readonly policies: readonly PolicyVersion[];
  readonly problems: readonly Problem[];
  /** Whether the server could not be read, which is no mistake of the policies. */
  readonly isUnreadable: boolean;
}

export async function loadPolicies(source: PolicySource): Promise<LoadedPolicies> {
  if ('url' in source) return fromServer(source);
  const policies: PolicyVersion[] = [];
  const problems: Problem[] = [];
  for (const file of source.files) {
    const read = fromFile(file, policies.length);
    policies.push(...read.policies);
    problems.push(...read.problems);
  }
  const twice = policies.filter(({ id }, i) => policies.findIndex((other) => other.id === id) !== i);
  if (twice.length > 0 && source.files.length > 1) {
    problems.push(problem('policy', '--policy', 'policies of the same id in two files', 'an id of its own in each'));
  }
  return { policies, problems, isUnreadable: false };
}

function fromFile(file: string, before: number): { policies: readonly PolicyVersion[]; problems: readonly Problem[] } {
  const failed = (what: string, allowed: string) => ({
    policies: [],
    problems: [problem('policy', file, what, allowed)],
  });
  let content: unknown;
  try {
    if (statSync(file).size > MAX_BYTES) return failed('too large', `at most ${MAX_BYTES} bytes`);
    content = parse(readFileSync(file, 'utf8'), { logLevel: 'error', maxAliasCount: 100 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isSystem = typeof code === 'string' && code.startsWith('E');
    return failed(isSystem ? `cannot be read (${code})` : 'not valid YAML or JSON', 'a file of policies');
  }
  return readPolicies(file, content, before);
}

/** All pages of the policies that are suggested or approved, at most 1,000 of them. */
async function fromServer({ url, token, policySet }: Extract<PolicySource, { url: string }>): Promise<LoadedPolicies> {
  const items: unknown[] = [];
  const failed = (what: string, isUnreadable = true): LoadedPolicies => {
    const allowed = 'an address of spanwarden, and the token of an administrator';
    return { policies: [], problems: [problem('option', '--from-server', what, allowed)], isUnreadable };
  };
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor !== null && { cursor }) });
    const answer = await get(new URL(`api/v1/policies?${query}`, url), token);
    if (typeof answer === 'string') return failed(answer);
    if (answer.status === 401 || answer.status === 403) return failed('the token is missing or wrong', false);
    if (answer.status !== 200) return failed(`the server answered ${answer.status}`);
    const body = asObject(answer.body);
    if (!Array.isArray(body?.data)) return failed('the answer is no page of policies');
    items.push(...body.data.filter((item) => asObject(item)?.policy_set === policySet));
    cursor = typeof body.next_cursor === 'string' ? body.next_cursor : null;
    if (cursor === null) break;
  }
  if (cursor !== null) return failed(`more than ${PAGE * MAX_PAGES} policies`, false);
  if (items.length === 0) return failed('no policies in this set are suggested or approved', false);
  return { ...readPolicies('--from-server', items), isUnreadable: false };
}

async function get(url: URL, token: string | null): Promise<{ status: number; body: unknown } | string> {
  try {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
    const text = await response.text();
    return { status: response.status, body: response.status === 200 ? JSON.parse(text) : null };
  } catch {
    return 'cannot be reached, or gives no JSON';
  }
}

import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Policy } from '../../engine/model/policy.js';
import { readPolicies } from '../../engine/policy/policy-document.js';
import { type Problem, problem } from '../../engine/problem.js';
import { asObject } from '../../engine/rules/document-reader.js';
import { patternCompiler } from '../regex/index.js';
import { TextGuard } from '../rules/text-guard.js';
import { PolicyBody } from './contract.js';
import { invalid, problemsOf } from './problems.js';
import { TENANT } from './tenant.js';

/** Reads policies that people write, before they become drafts. */
@Injectable()
export class PolicyDrafts {
  constructor(private readonly guard: TextGuard) {}

  /** @throws 400 with all that is wrong, without values */
  read(body: unknown): { readonly policySet: string; readonly policy: Policy } {
    const parsed = PolicyBody.safeParse(body ?? {});
    if (!parsed.success) throw invalid(allProblems(problemsOf(parsed.error, 'body'), body));
    const fields = parsed.data;
    const problems: Problem[] = [];
    const policy = policyOf(fields, problems);
    if (problems.length === 0) problems.push(...this.secrets(fields), ...patterns(policy));
    if (problems.length > 0) throw invalid(problems);
    return { policySet: fields.policy_set, policy };
  }

  /** What people write is stored and served: it must not hold what the policy is to keep out. */
  private secrets({ title, reason, key, services, environments, action }: z.infer<typeof PolicyBody>): Problem[] {
    const texts: readonly (readonly [string, string])[] = [
      ...([
        ['title', title],
        ['reason', reason],
        ['key', key ?? ''],
      ] as const),
      ...services.map((service, i) => [`services.${i}`, service] as const),
      ...environments.map((name, i) => [`environments.${i}`, name] as const),
      ...textsIn(action, 'action'),
    ];
    return texts
      .filter(([, text]) => this.guard.findsIn(TENANT, text))
      .map(([field]) => problem('secret', `body.${field}`, 'holds what a detector finds', 'text without it'));
  }
}

/** Texts of an action with their places; patterns say what is looked for, and are not what is found. */
function textsIn(value: unknown, place: string): (readonly [string, string])[] {
  if (typeof value === 'string') return [[place, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([name]) => name !== 'pattern')
    .flatMap(([name, inner]) => textsIn(inner, `${place}.${name}`));
}

/** What is wrong with the form of a body, and with what the policy says in fields of the right form. */
function allProblems(known: readonly Problem[], body: unknown): Problem[] {
  const { location, key, services, environments, action } = asObject(body) ?? {};
  const { problems } = readPolicies('body', { location, key, services, environments, action, id: randomUUID() });
  const named = new Set(known.map(({ where }) => fieldOf(where)));
  return [...known, ...problems.filter(({ where }) => !named.has(fieldOf(where)))];
}

/** The field of the body that a place is in: `key` of `body.key` and of `body: key`. */
function fieldOf(where: string): string {
  return /^body(?:\.|: )(\w+)/.exec(where)?.[1] ?? '';
}

function policyOf(fields: z.infer<typeof PolicyBody>, problems: Problem[]): Policy {
  const { location, key, services, environments, action } = fields;
  const result = readPolicies('body', { location, key, services, environments, action, id: randomUUID() });
  problems.push(...result.problems);
  return { ...(result.policies[0]?.policy as Policy), title: fields.title, reason: fields.reason };
}

function patterns(policy: Policy): Problem[] {
  const { action } = policy;
  if (action.kind !== 'mask') return [];
  const { compiler } = patternCompiler();
  return action.patterns.flatMap(({ pattern }, i) => {
    const compiled = compiler.compile(pattern);
    const place = `body.action.patterns.${i}.pattern`;
    if ('error' in compiled) return [problem('pattern', place, compiled.error, 'a pattern of RE2')];
    return compiled.matchesEmpty
      ? [problem('pattern', place, 'matches the empty text', 'a pattern that does not')]
      : [];
  });
}

import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { FindingChange } from '../../engine/model/finding-state.js';
import { type Problem, problem } from '../../engine/problem.js';
import { checkChange } from '../../engine/triage/change.js';
import { TextGuard } from '../rules/text-guard.js';
import type { FindingBulkBody, FindingChangeBody } from './contract.js';
import { invalid, problemsOf } from './problems.js';
import { TENANT } from './tenant.js';

const PART = 'body';
const DAY_MS = 86_400_000;

type ChangeBody = typeof FindingChangeBody | typeof FindingBulkBody;

/** Reads what people decide on findings. Their comments pass the detectors, as all does that is kept. */
@Injectable()
export class FindingChangeReader {
  constructor(private readonly guard: TextGuard) {}

  /** All problems at once: of the fields, of what must hold between them, and of what stands in the comment. */
  read<T extends ChangeBody>(schema: T, body: unknown): { fields: z.infer<T>; change: FindingChange } {
    const result = schema.safeParse(body ?? {});
    const problems = result.success ? [] : problemsOf(result.error, PART);
    const given = validFields(schema, body);
    const known = new Set(problems.map((p) => p.where));
    // A comment that is refused is not a missing one.
    const comment = known.has(`${PART}.comment`) ? '' : given.comment;
    const change: FindingChange = {
      state: given.state,
      resolution: given.resolution,
      expires: given.expires === undefined ? undefined : endOf(given.expires),
      comment,
    };
    // Without the state nothing can be said of the rest.
    const between = known.has(`${PART}.state`) ? [] : checkChange(change, PART, Date.now());
    problems.push(...between.filter((p) => !known.has(p.where)), ...this.checkComment(comment ?? ''));
    if (!result.success || problems.length > 0) throw invalid(problems);
    return { fields: result.data as z.infer<T>, change };
  }

  /** Says which detectors found something, and nothing of what they found. */
  private checkComment(comment: string): Problem[] {
    const where = `${PART}.comment`;
    if (/(?![\n\r\t])\p{Cc}/u.test(comment)) {
      return [problem('invalid', where, 'holds control characters', 'plain text, in lines')];
    }
    const detectors = this.guard.detectorsIn(TENANT, comment);
    if (detectors.length === 0) return [];
    const allowed = 'text without secrets and personal data; name the place where it stands instead';
    return [problem('secret', where, `holds what is a finding itself (${detectors.join(', ')})`, allowed)];
  }
}

type ChangeFields = z.infer<typeof FindingChangeBody>;

/** The fields of a body that are valid by themselves. */
function validFields(schema: ChangeBody, body: unknown): Partial<ChangeFields> {
  if (typeof body !== 'object' || body === null) return {};
  const fields = Object.entries(schema.shape).flatMap(([name, type]) => {
    const value = (type as z.ZodType).safeParse((body as Record<string, unknown>)[name]);
    return value.success ? [[name, value.data]] : [];
  });
  return Object.fromEntries(fields) as Partial<ChangeFields>;
}

/** A day counts until it is over. */
function endOf(expires: string): number {
  return Date.parse(expires) + (expires.length === 'YYYY-MM-DD'.length ? DAY_MS : 0);
}

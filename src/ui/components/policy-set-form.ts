import type { PolicySet } from '../../edge/serve/contract.js';
import { labelsOf } from './labels.js';
import type { PolicySetFields } from './policy-set-queries.js';

export interface StageDraft {
  readonly name: string;
  /** Each as `name=value`. */
  readonly labels: readonly string[];
}

export interface PolicySetDraft {
  readonly name: string;
  readonly description: string;
  readonly labels: readonly string[];
  readonly stages: readonly StageDraft[];
  readonly soak: string;
  readonly twoPersons: boolean;
  readonly simulateFirst: boolean;
  readonly advances: boolean;
  readonly marks: boolean;
}

const NEW: PolicySetDraft = {
  ...{ name: '', description: '', labels: [], stages: [{ name: 'all', labels: [] }], soak: '300' },
  ...{ twoPersons: true, simulateFirst: false, advances: true, marks: true },
};

export function setDraftOf(set: PolicySet | null): PolicySetDraft {
  if (set === null) return NEW;
  return {
    ...{ name: set.name, description: set.description, labels: labelsOf(set.labels), soak: String(set.soak_seconds) },
    stages: set.stages.map(({ name, labels }) => ({ name, labels: labelsOf(labels) })),
    ...{ twoPersons: set.two_persons, simulateFirst: set.simulate_first },
    ...{ advances: set.advance === 'auto', marks: set.mark_revision },
  };
}

/** The set as the API takes it. */
export function setBodyOf(draft: PolicySetDraft): PolicySetFields {
  return {
    ...{ description: draft.description, labels: labelMap(draft.labels) },
    stages: draft.stages.map(({ name, labels }) => ({ name, labels: labelMap(labels) })),
    ...{ soak_seconds: Number(draft.soak), two_persons: draft.twoPersons, simulate_first: draft.simulateFirst },
    ...{ advance: draft.advances ? 'auto' : 'manual', mark_revision: draft.marks },
  };
}

/** Fields that a draft shows, as the API names them. */
export function setFieldNames({ stages }: PolicySetDraft): ReadonlySet<string> {
  const ofStages = stages.flatMap((_, i) => [`stages.${i}.name`, `stages.${i}.labels`]);
  return new Set(['description', 'labels', 'stages', 'soak_seconds', ...ofStages]);
}

/** What is wrong with labels as they are written, if anything. */
export function labelProblem(labels: readonly string[]): string | undefined {
  return labels.every((label) => /^[^=]+=/.test(label)) ? undefined : 'name=value, such as region=eu';
}

function labelMap(labels: readonly string[]): Record<string, string> {
  return Object.fromEntries(labels.map((label) => [label.split('=')[0]!, label.split(/=(.*)/s)[1] ?? '']));
}

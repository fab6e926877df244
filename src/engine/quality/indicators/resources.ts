import type { ServiceCounts } from '../../model/quality.js';
import { type Indicator, judgeShare } from '../judgement.js';

const lacking = (id: string, key: string, count: (c: ServiceCounts) => number, most: number | null = 0): Indicator => ({
  ...{ id, title: `Resources without ${key}`, unit: 'ratio', of: 'resources' },
  limit: most === null ? null : { most },
  judge: (e, limit) =>
    judgeShare({ with: count(e.all.counts), of: e.all.counts.resources, traces: null, none: 'no resources' }, limit),
});

/** What resources lack, counted per resource of a request and not per span. */
export const RESOURCES: readonly Indicator[] = [
  lacking('missing_service_version', 'service.version', (c) => c.withoutVersion),
  lacking('missing_environment', 'deployment.environment.name', (c) => c.withoutEnvironment),
  lacking('missing_instance_id', 'service.instance.id', (c) => c.withoutInstance),
  lacking('missing_sdk_version', 'telemetry.sdk.version', (c) => c.withoutSdkVersion),
  lacking('missing_revision', 'vcs.ref.head.revision', (c) => c.withoutRevision, null),
  {
    ...lacking('unknown_service', 'a name of their own', (c) => c.withoutName + c.unknownName),
    title: 'Resources with an empty service.name, or unknown_service',
    judge: (e, limit) => {
      const { resources, unknownName } = e.all.counts;
      return judgeShare({ with: unknownName, of: resources, traces: null, none: 'no resources' }, limit);
    },
  },
];

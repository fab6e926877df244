import { hash } from 'node:crypto';
import type { ConfigStatus, Labels } from '../../engine/model/collector.js';
import type { AgentMessage } from '../../engine/opamp/messages.js';
import type { TextGuard } from '../rules/text-guard.js';
import type { RawMessage } from './protocol.js';

const MAX_LABELS = 64;
const MAX_LABEL = 256;
export const MAX_ERROR = 1_000;
const MAX_COMPONENTS = 1_000;
const COMPONENT = /^[a-z]+\/[A-Za-z][\w.-]{0,62}$/;
const STATUSES: readonly ConfigStatus[] = ['unset', 'applied', 'applying', 'failed'];
const MAX_KNOWN = 5_000;
const KNOWN_MS = 60_000;

/** Makes what collectors say storable: names and texts of theirs may hold anything. */
export class StorableMessages {
  /** Most collectors of a fleet say the same, again and again. */
  private known = new Map<string, string>();
  private knownSince = 0;

  constructor(
    private readonly guard: TextGuard,
    private readonly tenant: string,
  ) {}

  message(raw: RawMessage, now: number): AgentMessage {
    const { sequence, capabilities, attributes, health, report, components, disconnects } = raw;
    return {
      ...{ sequence, capabilities, disconnects },
      description:
        attributes === null
          ? null
          : { labels: this.labels(attributes, now), version: this.version(Object.fromEntries(attributes), now) },
      health:
        health === null
          ? null
          : {
              healthy: health.healthy,
              status: this.text('status', health.status, 100, now),
              error: this.text('error', health.error, MAX_ERROR, now),
              at: now,
            },
      report:
        report === null
          ? null
          : {
              hash: hashText(report.hash),
              status: STATUSES[report.status] ?? 'unset',
              error: this.text('error', report.error, MAX_ERROR, now),
              at: now,
            },
      components: components === null || components.length === 0 ? null : this.components(components, now),
      hasMoreComponents: components !== null,
    };
  }

  /** Attributes as labels; what is not a short text is left out. */
  labels(attributes: Iterable<readonly [string, string]>, now: number): Labels {
    const labels: [string, string][] = [];
    for (const [key, value] of attributes) {
      if (labels.length === MAX_LABELS) break;
      if (key === '' || key.length > MAX_LABEL || value.length > MAX_LABEL) continue;
      const name = this.text('text', key, MAX_LABEL, now);
      labels.push([name, this.text(key, value, MAX_LABEL, now)]);
    }
    return Object.fromEntries(labels);
  }

  text(key: string, text: string, most: number, now: number): string {
    if (text === '') return '';
    if (now - this.knownSince > KNOWN_MS || this.known.size >= MAX_KNOWN) {
      this.known = new Map();
      this.knownSince = now;
    }
    const name = `${most}\0${key}\0${text}`;
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const storable = this.guard.storable(this.tenant, text, { key, most });
    this.known.set(name, storable);
    return storable;
  }

  private version(attributes: Readonly<Record<string, string>>, now: number): string {
    return this.text('service.version', (attributes['service.version'] ?? '').slice(0, MAX_LABEL), 64, now);
  }

  private components(components: readonly string[], now: number): string[] {
    const types = components.filter((type) => COMPONENT.test(type)).slice(0, MAX_COMPONENTS);
    return types.filter((type) => this.text('text', type, MAX_LABEL, now) === type).sort();
  }
}

/** Hashes that we gave out have 32 bytes; others are somebody else's, and only told from each other. */
function hashText(bytes: Uint8Array): string {
  if (bytes.length === 0) return '';
  return bytes.length === 32 ? Buffer.from(bytes).toString('hex') : hash('sha256', bytes, 'hex');
}

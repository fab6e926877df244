import { describe, expect, test } from '@jest/globals';
import { type ConfigStatus, NOTHING_KNOWN } from '../../../src/engine/model/collector.js';
import { type AgentState, connected, hear, NEW_AGENT, offer, wanted } from '../../../src/engine/opamp/agent.js';
import {
  AGENT_CAN,
  type AgentMessage,
  REPORT_AVAILABLE_COMPONENTS,
  REPORT_FULL_STATE,
  type RemoteConfig,
} from '../../../src/engine/opamp/messages.js';

const A: RemoteConfig = { hash: 'a'.repeat(64), text: 'processors: {a: {}}' };
const B: RemoteConfig = { hash: 'b'.repeat(64), text: 'processors: {b: {}}' };
const NOTHING: RemoteConfig = { hash: '0'.repeat(64), text: 'processors: {}' };

const says = (sequence: number, message: Partial<AgentMessage> = {}): AgentMessage => ({
  ...{ sequence, capabilities: AGENT_CAN.acceptRemoteConfig, description: null, health: null, report: null },
  ...{ components: null, hasMoreComponents: false, disconnects: false, ...message },
});
const report = (config: RemoteConfig, status: ConfigStatus, at = 1) => ({
  report: { hash: config.hash, status, error: '', at },
});
const after = (...messages: AgentMessage[]): AgentState =>
  messages.reduce((state, message) => hear(state, message).state, NEW_AGENT);

describe('sequence', () => {
  const CASES: [string, number[], boolean, boolean][] = [
    ['the first message of an unknown agent', [7], true, false],
    ['the next one', [7, 8], false, false],
    ['one that was lost', [7, 8, 10], true, false],
    ['the same again', [7, 8, 8], true, false],
    ['an agent that began anew', [7, 8, 0], true, false],
    ['and goes on', [7, 8, 0, 1, 2], false, false],
    ['two agents by turns', [7, 100, 8], true, true],
    ['the second of them', [7, 100, 101, 8], true, true],
  ];
  test.each(CASES)('%s', (_, sequence, asksForAll, isTwo) => {
    const before = after(...sequence.slice(0, -1).map((n) => says(n)));
    const heard = hear(before, says(sequence.at(-1)!));
    expect([heard.flags === REPORT_FULL_STATE, heard.isTwo]).toEqual([asksForAll, isTwo]);
    expect(heard.state.sequence).toBe(sequence.at(-1));
  });

  test('what came counts although something was lost', () => {
    const labels = { 'service.name': 'otelcol' };
    const { state, flags } = hear(after(says(0)), says(5, { description: { labels, version: '1' } }));
    expect(flags).toBe(REPORT_FULL_STATE);
    expect(state.facts.labels).toEqual(labels);
  });
});

describe('what is left out is unchanged', () => {
  const health = { healthy: true, status: 'StatusOK', error: '', at: 5 };
  const full = after(
    says(0, {
      description: { labels: { a: 'b' }, version: '1' },
      health,
      components: ['receivers/otlp'],
      ...report(A, 'applied'),
    }),
  );

  test('a heartbeat changes nothing at all', () => {
    expect(hear(full, says(1)).state.facts).toBe(full.facts);
  });

  test('nor does the same once more', () => {
    const again = says(1, {
      ...{ description: { labels: { a: 'b' }, version: '1' }, health: { ...health, at: 9 } },
      ...{ components: ['receivers/otlp'], ...report(A, 'applied', 9) },
    });
    expect(hear(full, again).state.facts).toBe(full.facts);
  });

  test('components are asked for when there is a hash alone', () => {
    const components = says(1, { hasMoreComponents: true });
    expect(hear(after(says(0)), components).flags).toBe(REPORT_AVAILABLE_COMPONENTS);
    expect(hear(full, components).flags).toBe(0);
  });
});

describe('offers', () => {
  const CASES: [string, AgentState, RemoteConfig | null, boolean][] = [
    ['to an agent that has none', after(says(0)), A, true],
    ['not to one that takes none', after(says(0, { capabilities: 1 })), A, false],
    ['not without policies', after(says(0)), null, false],
    ['not to one that has it', after(says(0, report(A, 'applied'))), A, false],
    ['not to one that is at it', after(says(0, report(A, 'applying'))), A, false],
    ['another one', after(says(0, report(A, 'applied'))), B, true],
    ['not what failed', after(says(0, report(A, 'failed'))), A, false],
    [
      'not what failed before the last good one came back',
      after(says(0, report(B, 'failed')), says(1, report(A, 'applied'))),
      B,
      false,
    ],
    ['another one after one that failed', after(says(0, report(A, 'failed'))), B, true],
    [
      'what failed once and was applied since',
      after(says(0, report(A, 'failed')), says(1, report(A, 'applied')), says(2, report(B, 'applied'))),
      A,
      true,
    ],
  ];
  test.each(CASES)('%s', (_, state, config, isOffered) => {
    const { remoteConfig, state: then } = offer(state, config);
    expect(remoteConfig).toBe(isOffered ? config : null);
    if (config !== null) expect(then.facts.wantedHash).toBe(config.hash);
  });

  test('once, until the talk breaks or begins again', () => {
    const { state } = offer(after(says(0)), A);
    const ack = hear(state, says(1)).state;
    expect(offer(ack, A).remoteConfig).toBeNull();
    expect(offer(hear(ack, says(1)).state, A).remoteConfig).toBe(A);
    expect(offer(connected(ack), A).remoteConfig).toBe(A);
  });

  test('an acknowledgement is not answered with the next configuration in a loop', () => {
    let state = offer(after(says(0)), A).state;
    for (const [i, status] of (['applying', 'failed'] as const).entries()) {
      state = hear(state, says(i + 1, report(A, status))).state;
      const next = offer(state, A);
      expect(next.remoteConfig).toBeNull();
      state = next.state;
    }
  });

  test('policies that were taken back leave a file, never a map without one', () => {
    expect(wanted(NOTHING_KNOWN, null, NOTHING)).toBeNull();
    expect(wanted({ ...NOTHING_KNOWN, wantedHash: A.hash }, null, NOTHING)).toBe(NOTHING);
    expect(wanted({ ...NOTHING_KNOWN, wantedHash: A.hash }, B, NOTHING)).toBe(B);
  });
});

test('the history shows what was rolled back', () => {
  const { facts } = after(
    says(0, report(A, 'applied')),
    says(1, report(B, 'applying')),
    says(2, report(B, 'failed')),
    says(3, report(A, 'applied')),
    says(4, report(A, 'applied')),
  );
  expect(facts.history.map(({ hash, status }) => `${hash[0]} ${status}`)).toEqual([
    'a applied',
    'b applying',
    'b failed',
    'a applied',
  ]);
  expect(facts.failed).toEqual([B.hash]);
  expect(facts.config).toMatchObject({ hash: A.hash, status: 'applied' });
});

test('history and failed configurations are bounded', () => {
  const messages = Array.from({ length: 200 }, (_, i) =>
    says(i, report({ hash: String(i).padStart(64, '0'), text: '' }, 'failed')),
  );
  const { history, failed } = after(...messages).facts;
  expect([history.length, failed.length]).toEqual([20, 50]);
  expect(failed.at(-1)).toBe('199'.padStart(64, '0'));
});

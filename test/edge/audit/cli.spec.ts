import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isAccessToken } from '../../../src/edge/auth/access-token.js';
import type { AccessToken } from '../../../src/edge/serve/contract.js';
import { spanwarden } from '../../support/scan.js';
import { newHome, type Service, startService } from '../../support/service.js';

/* Tokens and the audit log from the command line, with the server of the home folder. */

let service: Service;
let empty: string;

beforeAll(async () => {
  empty = newHome();
  service = await startService();
});

afterAll(async () => {
  await service?.stop();
  rmSync(empty, { recursive: true, force: true });
});

const run = (...args: string[]) => spanwarden(args, '', { SPANWARDEN_HOME: service.home });
const file = (name: string, text: string): string => {
  const path = join(service.home, name);
  writeFileSync(path, text);
  return path;
};

describe('spanwarden token', () => {
  test('makes, lists, links and revokes', async () => {
    const made = run('token', 'create', 'alice', '--role', 'editor', '--role', 'approver', '--days', '7');
    expect([made.status, isAccessToken(made.stdout.trim())]).toEqual([0, true]);
    expect(made.stderr).toMatch(/^alice: editor, approver; until \d{4}-\d\d-\d\d; id [0-9a-f-]{36}\n$/);
    const authorization = `Bearer ${made.stdout.trim()}`;
    expect((await service.api('/api/v1/session', { headers: { authorization } })).body).toMatchObject({
      subject: 'alice',
    });
    const gateway = run('token', 'create', 'gateway', '--role', 'collector', '--label', 'region=eu', '--json');
    expect(JSON.parse(gateway.stdout)).toMatchObject({
      roles: ['collector'],
      labels: { region: 'eu' },
      expires_at: null,
    });
    const list = run('token', 'list');
    expect(list.stdout).toMatch(/^gateway +collector +active +without end .*\nalice +editor,approver +active +until /);
    expect(list.stdout).not.toContain('spw_');
    const lines = run('token', 'list', '--json').stdout.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as AccessToken).subject)).toEqual(['gateway', 'alice']);
    expect(run('token', 'link', 'alice').stdout).toMatch(/^http:\S+\/ui\/sign-in#\S+\n$/);
    expect(run('token', 'revoke', 'alice').status).toBe(0);
    expect((await service.api('/api/v1/session', { headers: { authorization } })).status).toBe(401);
    expect(run('token', 'list').stdout).not.toContain('alice');
    expect(run('token', 'list', '--all').stdout).toMatch(/alice +editor,approver +revoked/);
  });

  test('says what is wrong, with an exit code', () => {
    expect(run('token', 'create', 'Alice Smith')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('body.subject'),
    });
    expect(run('token', 'create', 'x', '--role', 'boss').status).toBe(2);
    expect(run('token', 'revoke', 'nobody')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no active token'),
    });
    run('token', 'create', 'twice');
    run('token', 'create', 'twice');
    expect(run('token', 'revoke', 'twice')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('several tokens'),
    });
    const viewer = run('token', 'create', 'vera').stdout.trim();
    expect(run('token', 'list', '--token', viewer)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('admin is needed'),
    });
    expect(run('token', 'list', '--token', 'wrong').status).toBe(3);
    expect(run('token', 'list', '--server', 'http://127.0.0.1:1', '--token', 'x').status).toBe(4);
    expect(run('token', 'list', '--server', 'http://127.0.0.1:1').status).toBe(2);
    expect(spanwarden(['token', 'list'], '', { SPANWARDEN_HOME: empty })).toMatchObject({
      status: 4,
      stderr: expect.stringContaining('no spanwarden runs in'),
    });
  });
});

describe('spanwarden audit', () => {
  test('verifies the log of the server, with a checkpoint', () => {
    expect(run('audit', 'verify')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^intact: \d+ events, /) });
    const point = run('audit', 'checkpoint').stdout;
    const kept = file('kept.log', `12:00 LOG [Audit] checkpoint ${point}`);
    expect(run('audit', 'verify', '--checkpoint', kept).stdout).toMatch(/, \d+ checkpoints agree\n$/);
    const later = file('later.log', JSON.stringify({ ...JSON.parse(point), seq: 1_000_000 }));
    expect(run('audit', 'verify', '--checkpoint', later)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('broken: event'),
    });
    expect(run('audit', 'verify', '--checkpoint', file('none.log', 'x')).status).toBe(5);
    expect(spanwarden(['audit', 'verify'], '', { SPANWARDEN_HOME: empty }).status).toBe(4);
    expect(run('audit', 'verify', '--token', 'wrong').status).toBe(3);
  });

  test('verifies an export without the server', () => {
    const text = run('audit', 'export').stdout;
    const lines = text.trim().split('\n');
    const whole = file('audit.jsonl', text);
    const key = file('audit.key', run('audit', 'key').stdout);
    const verify = (path: string, ...more: string[]) =>
      spanwarden(['audit', 'verify', '--file', path, '--key-file', key, ...more], '', { SPANWARDEN_HOME: empty });
    expect(verify(whole)).toMatchObject({
      status: 0,
      stdout: `intact: ${lines.length} events, no checkpoint to compare with\n`,
    });
    expect(run('audit', 'verify', '--file', whole).status).toBe(0);
    const part = verify(file('part.jsonl', lines.slice(3).join('\n')));
    expect(part).toMatchObject({ status: 0, stdout: expect.stringMatching(/^from event 4 on: intact: /) });
    const changed = lines.map((line, i) => (i === 4 ? line.replace('"actor":"', '"actor":"x') : line));
    expect(verify(file('changed.jsonl', changed.join('\n')))).toMatchObject({
      status: 1,
      stdout: 'broken: event 5 is not what was recorded; 4 events before it are in order\n',
    });
    const cut = verify(file('cut.jsonl', lines.slice(0, -1).join('\n')), '--checkpoint', checkpoint());
    expect(cut).toMatchObject({
      status: 1,
      stdout: expect.stringContaining(`broken: event ${lines.length} and what came after`),
    });
    expect(verify(file('gap.jsonl', lines.filter((_, i) => i !== 2).join('\n'))).stdout).toContain(
      'broken: event 3 is missing',
    );
    expect(verify(file('other.jsonl', 'x'))).toMatchObject({
      status: 5,
      stderr: expect.stringContaining('line 1: not an event'),
    });
    expect(verify(join(empty, 'nothing')).status).toBe(5);
    const other = file('other.key', Buffer.alloc(32, 1).toString('base64'));
    expect(verify(whole, '--key-file', other).status).toBe(1);
    expect(verify(whole, '--key-file', file('no.key', 'x'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no key'),
    });
    expect(spanwarden(['audit', 'key'], '', { SPANWARDEN_HOME: empty }).status).toBe(2);
  });

  function checkpoint(): string {
    return file(
      'point.json',
      readFileSync(join(service.home, 'audit.jsonl'), 'utf8') && run('audit', 'checkpoint').stdout,
    );
  }
});

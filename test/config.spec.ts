import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { readConfig, settings } from '../src/config.js';
import { formatProblem } from '../src/engine/problem.js';
import { ROOT } from './support/service.js';

const env = { DATABASE_URL: 'postgres://u:p@db/x' };

test('without variables the defaults hold', () => {
  const { config, problems } = readConfig({});
  expect(problems).toEqual([]);
  expect(config).toMatchObject({
    home: resolve('.spanwarden'),
    host: '127.0.0.1',
    httpPort: 8080,
    otlpHttpPort: 4318,
    otlpGrpcPort: 4317,
    opampPort: 4320,
    roles: new Set(['ingest', 'api', 'jobs']),
    databaseUrl: null,
    redisUrl: null,
  });
  expect(Object.isFrozen(config)).toBe(true);
});

test('variables are read; an empty one counts as not set', () => {
  const { config, problems } = readConfig({
    ...env,
    SPANWARDEN_HTTP_PORT: '0',
    SPANWARDEN_ROLES: 'api, jobs',
    REDIS_URL: '',
    SPANWARDEN_TIME_ZONE: 'Europe/Vienna',
  });
  expect(problems).toEqual([]);
  expect(config).toMatchObject({
    httpPort: 0,
    roles: new Set(['api', 'jobs']),
    redisUrl: null,
    timeZone: 'Europe/Vienna',
  });
});

test('all problems are told at once, with names and what is allowed, never with values', () => {
  const wrong = {
    SPANWARDEN_HTTP_PORT: 'hunter2',
    SPANWARDEN_OTLP_HTTP_PORT: '70000',
    DATABASE_URL: 'mysql://root:hunter2@db',
    SPANWARDEN_ROLES: 'api,hunter2',
    SPANWARDEN_ADMIN_TOKEN: 'hunter2',
    SPANWARDEN_MASTER_KEY: 'hunter2',
    SPANWARDEN_TIME_ZONE: 'Hunter/2',
    SPANWARDEN_HTTP_PROT: 'hunter2',
  };
  const { problems } = readConfig(wrong);
  expect(problems.map((p) => p.where).sort()).toEqual(Object.keys(wrong).sort());
  expect(problems.map(formatProblem).join('\n')).not.toContain('hunter2');
});

test('a process with some of the roles needs a database that the others share', () => {
  expect(readConfig({ SPANWARDEN_ROLES: 'ingest' }).problems.map((p) => p.where)).toEqual(['DATABASE_URL']);
  expect(readConfig({ ...env, SPANWARDEN_ROLES: 'ingest' }).problems).toEqual([]);
});

test('every setting is in the documentation', () => {
  const page = readFileSync(join(ROOT, 'docs', 'configuration.md'), 'utf8');
  for (const { name, about } of settings()) {
    expect(page).toContain(`| \`${name}\` |`);
    expect(page).toContain(about);
  }
});

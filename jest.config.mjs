// Tests run from what the compiler made, so that they test what ships. SUITE names a folder of suites that need more
// than Node.js (a browser, a collector, Redis) or more time; without it everything else runs.
export const HEAVY_SUITES = ['browser', 'demo', 'conformance', 'redis', 'crash-long'];
const suite = process.env.SUITE;

export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/dist/test'],
  testMatch: [suite ? `<rootDir>/dist/test/${suite}/**/*.spec.js` : '**/*.spec.js'],
  testPathIgnorePatterns: suite ? [] : HEAVY_SUITES.map((name) => `/dist/test/${name}/`),
  transform: {},
  testTimeout: 120_000,
  maxWorkers: 2,
};

/** @type {import('jest').Config} */
const typescript = {
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, sourceMaps: 'inline' }],
    // Node loads these modules as they are; jest cannot.
    '^.+\\.mjs$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'ecmascript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!typebox/)'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'json', 'node'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/.lab/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.lab/'],
  testEnvironment: 'node',
};

module.exports = {
  ...typescript,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  globalSetup: '<rootDir>/test/real-parts.setup.ts',
  testSequencer: '<rootDir>/test/sequencer.js',
  globalTeardown: '<rootDir>/test/real-parts.teardown.ts',
  // A real call has to ring and talk; a real database has to start.
  testTimeout: 60_000,
};

const { globalSetup, globalTeardown, testSequencer, ...alone } = require('./jest.config.js');

/** The tests that need neither a database nor a switch. */
module.exports = { ...alone, testMatch: ['<rootDir>/test/**/!(*.db|*.sip).test.ts'] };

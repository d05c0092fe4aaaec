const { globalSetup, globalTeardown, testSequencer, ...alone } = require('./jest.config.js');

/** The tests that need neither a database nor a switch nor a browser. */
module.exports = { ...alone, testMatch: ['<rootDir>/test/**/!(*.db|*.sip|*.browser).test.ts'] };

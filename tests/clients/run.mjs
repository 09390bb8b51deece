#!/usr/bin/env node
// Runs real GraphQL clients against a running server.
import { parseArgs } from 'node:util';
import { apollo } from './apollo.mjs';
import { audits } from './audits.mjs';
import { codegen } from './codegen/suite.mjs';
import { files } from './files.mjs';
import { Report } from './lib/report.mjs';
import { createClasses, Server } from './lib/server.mjs';
import { relay } from './relay/suite.mjs';
import { urql } from './urql.mjs';

const USAGE = `usage: node run.mjs --url URL [options]
  --only NAME,NAME    only these: audits, codegen, apollo, files, urql, relay
  --schema FILE       the schema without classes (default: schema.graphql of the repository)
  --app-id app  --master-key mk`;

const SUITES = { audits, codegen, apollo, files, urql, relay };

// The exit does not wait for the connections that clients keep open.
process.exit(await main());

async function main() {
  const options = commandLine();
  if (!options) return 2;

  const report = new Report();
  const server = new Server(options);
  report.suite('classes');
  if (await report.test('createClass makes the classes of the clients', () => createClasses(server))) {
    for (const name of options.suites) {
      report.suite(name);
      await SUITES[name]({ server, report, schemaFile: options.schema });
    }
  }
  return report.finish();
}

/** The options, or nothing after a word about what is wrong with them. */
function commandLine() {
  try {
    const { values } = parseArgs({
      options: {
        url: { type: 'string' },
        only: { type: 'string', default: Object.keys(SUITES).join() },
        schema: { type: 'string', default: new URL('../../schema.graphql', import.meta.url).pathname },
        'app-id': { type: 'string', default: 'app' },
        'master-key': { type: 'string', default: 'mk' },
      },
    });
    if (!URL.canParse(values.url)) throw new Error('--url must be the address of the API');
    const suites = values.only.split(',');
    for (const name of suites) if (!SUITES[name]) throw new Error(`there is no ${name}`);
    return { ...values, suites, appId: values['app-id'], masterKey: values['master-key'] };
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
  }
}

// GraphQL Code Generator: what it generates compiles, and programs that use it run.
import { rm } from 'node:fs/promises';
import { HOME, runProgram, runTool } from '../lib/program.mjs';

export async function codegen({ server, report, schemaFile }) {
  const env = {
    CLIENTS_URL: server.url,
    CLIENTS_APP_ID: server.appId,
    CLIENTS_MASTER_KEY: server.masterKey,
    CLIENTS_SCHEMA: schemaFile,
  };
  await rm(`${HOME}generated`, { recursive: true, force: true });

  const generated = await report.test('code is generated from schema.graphql and from the server', () =>
    runTool('graphql-codegen', ['--config', 'codegen/codegen.ts'], env),
  );
  if (!generated) return;
  const compiled = await report.test('the code and its users compile with tsc --strict', () =>
    runTool('tsc', ['--strict', '--project', 'codegen/tsconfig.json']),
  );
  if (!compiled) return;
  for (const [name, program] of [
    ['a program of the schema without classes', 'users'],
    ['a program of the schema of the server', 'trips'],
  ]) {
    await report.test(`${name} runs`, () =>
      runProgram(process.execPath, [`generated/compiled/codegen/${program}.js`], env),
    );
  }
}

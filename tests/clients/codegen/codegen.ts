// What @graphql-codegen/cli makes: once from schema.graphql, once from the running server by introspection.
import type { CodegenConfig } from '@graphql-codegen/cli';

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

const scalars = {
  Any: 'unknown',
  Bytes: 'string',
  Date: 'string',
  File: 'string',
  Object: 'Record<string, unknown>',
  Upload: 'File',
};

const config: CodegenConfig = {
  importExtension: '.js',
  generates: {
    // The three plugins, each by its name, and documents in a file of their own.
    'generated/users.ts': {
      schema: setting('CLIENTS_SCHEMA'),
      documents: 'codegen/users.graphql',
      plugins: ['typescript', 'typescript-operations', 'typed-document-node'],
      config: { scalars, strictScalars: true, useTypeImports: true },
    },
    // The preset that new projects use, and documents in the program.
    'generated/trips/': {
      schema: {
        [setting('CLIENTS_URL')]: { headers: { 'X-Parse-Application-Id': setting('CLIENTS_APP_ID') } },
      },
      documents: 'codegen/trips.ts',
      preset: 'client',
      config: { scalars, strictScalars: true, useTypeImports: true },
      presetConfig: { fragmentMasking: false },
    },
  },
};

export default config;

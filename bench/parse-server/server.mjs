// The Parse Server that the benchmark compares with: one process, production, nothing logged.
// The database exists already, with the classes and rows of the benchmark. Settings come from the environment.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

process.env.NODE_ENV = 'production';
const { DATABASE_URL: databaseURI, PORT, CONNECTIONS } = process.env;
if (!databaseURI || !PORT) {
  console.error('DATABASE_URL and PORT must be set');
  process.exit(2);
}
const host = '127.0.0.1';
const port = Number(PORT);

// Files and logs go below the working directory, which the modules note when they are loaded.
const workDir = mkdtempSync(join(tmpdir(), 'bench-parse-server-'));
process.chdir(workDir);
const { default: express } = await import('express');
const { default: FileSystemAdapter } = await import('@parse/fs-files-adapter');
const { ParseServer, ParseGraphQLServer } = await import('parse-server');

const parseServer = new ParseServer({
  appId: 'bench',
  masterKey: 'bench-master-key-0123456789',
  masterKeyIps: ['127.0.0.1', '::1'],
  databaseURI: `${databaseURI}?max=${CONNECTIONS ?? 16}`,
  serverURL: `http://${host}:${port}/parse`,
  filesAdapter: new FileSystemAdapter(),
  allowClientClassCreation: false,
  graphQLPublicIntrospection: false,
  logLevel: 'error',
  silent: true,
  verifyServerUrl: false,
});
await parseServer.start();

const app = express();
const graphQLServer = new ParseGraphQLServer(parseServer, { graphQLPath: '/graphql' });
app.use('/parse', parseServer.app);
graphQLServer.applyGraphQL(app);
const server = app.listen(port, host, error => {
  if (error) {
    console.error(error.message);
    process.exit(1);
  }
});
// Connections that wait between rounds stay open, as they do with the other servers.
server.keepAliveTimeout = 30_000;

process.on('exit', () => rmSync(workDir, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => process.exit(0));
}

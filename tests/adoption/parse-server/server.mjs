// A Parse Server on the database of the URL, for the tests. Its REST API is at the address that it prints.
import { createServer } from 'node:http';
import { once } from 'node:events';
import express from 'express';
import { ParseServer } from 'parse-server';

// Without this it writes logs into the working directory.
process.env.NODE_ENV = 'test';

const app = express();
const httpServer = createServer(app).listen(0, '127.0.0.1');
await once(httpServer, 'listening');
const serverURL = `http://127.0.0.1:${httpServer.address().port}/parse`;

const parseServer = new ParseServer({
  appId: 'app',
  masterKey: 'mk',
  masterKeyIps: ['127.0.0.1', '::1'],
  databaseURI: process.env.DATABASE_URL,
  databaseOptions: {
    // Tells this server of changes that others make to classes. Without it, it does not look at them again.
    enableSchemaHooks: true,
  },
  serverURL,
  allowClientClassCreation: false,
  verifyServerUrl: false,
  silent: true,
});
await parseServer.start();
app.use('/parse', parseServer.app);
console.log(`Parse Server is ready at ${serverURL}`);

// Whoever started it has gone when its input ends.
process.stdin.on('end', () => process.exit(0)).resume();

// The audits of the npm package graphql-http: what the specification "GraphQL over HTTP" says a server MUST, SHOULD
// and MAY do. All of them have to pass.
import { auditServer } from 'graphql-http';

export async function audits({ server, report }) {
  const results = [];
  await report.test('graphql-http has audits', async () => {
    const fetchFn = (url, options = {}) =>
      fetch(url, {
        ...options,
        headers: { ...options.headers, ...server.headers() },
        signal: AbortSignal.timeout(10_000),
      });
    results.push(...(await auditServer({ url: server.url, fetchFn })));
    if (results.length < 61) throw new Error(`only ${results.length} of the 61 audits of version 1.23`);
  });

  const checks = await Promise.all(
    results.map(async ({ id, name, status, reason, response }) => ({
      name: `${id} ${name}`,
      failure: status === 'ok' ? undefined : `${reason}\n${await describe(response)}`,
    })),
  );
  report.checks('audits passed', checks);
}

async function describe(response) {
  if (!response) return 'no response';
  const body = response.bodyUsed ? '' : await response.text();
  return `HTTP ${response.status} ${response.headers.get('content-type')} ${body}`.slice(0, 500);
}

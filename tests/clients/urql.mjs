// urql: queries go by GET, and the document cache is told by type names what to read again.
import assert from 'node:assert/strict';
import { cacheExchange, Client, fetchExchange, gql } from '@urql/core';

const CREATE_CITY = gql`
  mutation CreateCity($fields: CreateCityFieldsInput!) {
    createCity(input: { fields: $fields }) {
      city {
        id
        name
        population
      }
    }
  }
`;
const CITIES = gql`
  query Cities($run: String!, $first: Int, $after: String) {
    cities(where: { run: { equalTo: $run } }, order: [name_ASC], first: $first, after: $after) {
      count
      edges {
        node {
          id
          name
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

export async function urql({ server, report }) {
  await report.test('queries by GET, and reads again what a mutation has changed', () => cache(server));
  await report.test('finds the codes of errors in extensions.code', () => errors(server));
}

function urqlClient(server, requests = []) {
  return new Client({
    url: server.url,
    preferGetMethod: true,
    exchanges: [cacheExchange, fetchExchange],
    fetchOptions: { headers: server.headers() },
    fetch: (url, options) => {
      requests.push(options.method);
      return fetch(url, options);
    },
  });
}

async function cache(server) {
  const requests = [];
  const client = urqlClient(server, requests);
  const run = crypto.randomUUID();
  const create = name => client.mutation(CREATE_CITY, { fields: { name, run, population: 1 } }).toPromise();
  const created = (await create('Aachen')).data.createCity.city;
  assert.equal(created.name, 'Aachen');

  const seen = [];
  const { unsubscribe } = client.query(CITIES, { run }).subscribe(result => seen.push(result));
  await until(() => seen.some(({ stale, data }) => !stale && data?.cities.count === 1));
  await create('Bonn');
  await until(() => seen.some(({ stale, data }) => !stale && data?.cities.count === 2));
  unsubscribe();

  const first = await client.query(CITIES, { run, first: 1 }, { requestPolicy: 'network-only' });
  assert.deepEqual(names(first), ['Aachen']);
  const after = first.data.cities.pageInfo.endCursor;
  const second = await client.query(CITIES, { run, first: 1, after }, { requestPolicy: 'network-only' });
  assert.deepEqual(names(second), ['Bonn']);
  assert.equal(second.data.cities.pageInfo.hasNextPage, false);
  assert.deepEqual([...new Set(requests)].sort(), ['GET', 'POST']);
}

async function errors(server) {
  const client = urqlClient(server);
  const cases = [
    ['{ city(id: "nothing") { id } }', 101],
    ['{ viewer { sessionToken } }', 209],
    ['{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
  ];
  for (const [document, expected] of cases) {
    const { error } = await client.query(document, {}).toPromise();
    assert.equal(error?.graphQLErrors[0]?.extensions.code, expected, `${document}: ${error}`);
  }
}

const names = ({ data }) => data.cities.edges.map(({ node }) => node.name);

async function until(condition) {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('nothing happened within 10 s');
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

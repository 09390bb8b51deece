// Apollo Client: its normalised cache, its pagination and its errors.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache, ServerError } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { relayStylePagination } from '@apollo/client/utilities';
import { anybody, master, newUser, user } from './lib/server.mjs';

/** A client of its own, with an empty cache. */
export function apolloClient(server, as = anybody, link = HttpLink) {
  return new ApolloClient({
    link: new link({ uri: server.url, headers: server.headers(as) }),
    cache: new InMemoryCache({
      possibleTypes: { Node: ['City', 'Driver', 'Trip', 'User'], ParseObject: ['City', 'Driver', 'Trip', 'User'] },
      typePolicies: {
        Query: { fields: { trips: relayStylePagination(['where', 'order']) } },
        Trip: { fields: { stops: relayStylePagination(['where', 'order']) } },
      },
    }),
    defaultOptions: { query: { fetchPolicy: 'network-only' }, watchQuery: { fetchPolicy: 'cache-and-network' } },
  });
}

const SIGN_UP = gql`
  mutation SignUp($fields: CreateUserFieldsInput!) {
    signUp(input: { fields: $fields }) {
      viewer {
        sessionToken
        user {
          id
          username
        }
      }
    }
  }
`;
const LOG_IN = gql`
  mutation LogIn($username: String!, $password: String!) {
    logIn(input: { username: $username, password: $password }) {
      viewer {
        sessionToken
      }
    }
  }
`;
const LOG_OUT = gql`
  mutation {
    logOut(input: {}) {
      ok
    }
  }
`;
const VIEWER = gql`
  {
    viewer {
      user {
        id
        username
      }
    }
  }
`;
const TRIP = gql`
  fragment TripParts on Trip {
    id
    fare
    note
    driver {
      id
      name
      home {
        id
        name
      }
    }
    stops(order: [name_ASC], first: 10) {
      edges {
        cursor
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
const CREATE_TRIP = gql`
  ${TRIP}
  mutation CreateTrip($input: CreateTripInput!) {
    createTrip(input: $input) {
      clientMutationId
      trip {
        ...TripParts
      }
    }
  }
`;
const UPDATE_TRIP = gql`
  ${TRIP}
  mutation UpdateTrip($input: UpdateTripInput!) {
    updateTrip(input: $input) {
      trip {
        ...TripParts
      }
    }
  }
`;
const DELETE_TRIP = gql`
  mutation DeleteTrip($id: ID!) {
    deleteTrip(input: { id: $id }) {
      trip {
        id
      }
    }
  }
`;
const GET_TRIP = gql`
  ${TRIP}
  query GetTrip($id: ID!) {
    trip(id: $id) {
      ...TripParts
    }
  }
`;
const LIST_TRIPS = gql`
  query ListTrips($where: TripWhereInput, $first: Int, $after: String, $last: Int, $before: String) {
    trips(where: $where, order: [fare_ASC], first: $first, after: $after, last: $last, before: $before) {
      count
      edges {
        cursor
        node {
          id
          fare
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`;
const CREATE_CLASS = gql`
  mutation CreateClass($input: CreateClassInput!) {
    createClass(input: $input) {
      class {
        name
        schemaFields {
          name
        }
      }
    }
  }
`;

export async function apollo({ server, report }) {
  await report.test('signs up, logs in and logs out', () => sessions(server));
  await report.test('makes and drops a class with the master key', () => classes(server));
  await report.test('creates, reads, updates and deletes with pointers and relations', () => objects(server));
  await report.test('pages forwards and backwards by cursors', () => pages(server));
  await report.test('finds the codes of errors in extensions.code', () => errors(server));
  await report.test('does without persisted queries', () => persistedQueries(server));
}

async function sessions(server) {
  const fields = newUser();
  const { data } = await apolloClient(server).mutate({ mutation: SIGN_UP, variables: { fields } });
  const { sessionToken, user: me } = data.signUp.viewer;
  assert.equal(me.username, fields.username);

  const client = apolloClient(server, user(sessionToken));
  assert.equal((await client.query({ query: VIEWER })).data.viewer.user.id, me.id);
  const again = await apolloClient(server).mutate({ mutation: LOG_IN, variables: fields });
  assert.notEqual(again.data.logIn.viewer.sessionToken, sessionToken);

  assert.equal((await client.mutate({ mutation: LOG_OUT })).data.logOut.ok, true);
  const error = await failure(client.query({ query: VIEWER }));
  assert.ok(ServerError.is(error), `a request of an ended session fails as a whole, not with ${error}`);
  assert.equal(JSON.parse(error.bodyText).code, 209);
  const other = apolloClient(server, user(again.data.logIn.viewer.sessionToken));
  assert.equal((await other.query({ query: VIEWER })).data.viewer.user.id, me.id);
}

async function classes(server) {
  const client = apolloClient(server, master);
  const name = `Apollo${Date.now()}`;
  const input = { name, schemaFields: { addStrings: [{ name: 'title' }] } };
  const { data } = await client.mutate({ mutation: CREATE_CLASS, variables: { input } });
  assert.equal(data.createClass.class.name, name);
  assert.ok(data.createClass.class.schemaFields.some(field => field.name === 'title'));

  // The very next request knows the class.
  const create = gql(`mutation { create${name}(input: {fields: {title: "new"}}) { apollo: clientMutationId } }`);
  await client.mutate({ mutation: create });
  const drop = gql(`mutation { deleteClass(input: {name: "${name}"}) { class { name } } }`);
  const error = await failure(client.mutate({ mutation: drop }));
  assert.equal(code(error), 255, 'a class with objects stays');

  const refused = await failure(apolloClient(server).mutate({ mutation: CREATE_CLASS, variables: { input } }));
  assert.equal(code(refused), 119);
}

async function objects(server) {
  const client = apolloClient(server);
  const run = crypto.randomUUID();
  const fields = {
    run,
    fare: 12.5,
    note: 'с добрым утром 🌅',
    driver: { createAndLink: { name: 'Dario', home: { createAndLink: { name: 'Potsdam' } } } },
    stops: { createAndAdd: [{ name: 'Leipzig' }, { name: 'Halle' }] },
  };
  const input = { fields, clientMutationId: 'm1' };
  const { data } = await client.mutate({ mutation: CREATE_TRIP, variables: { input } });
  assert.equal(data.createTrip.clientMutationId, 'm1');
  const { trip } = data.createTrip;
  assert.equal(trip.note, fields.note);
  assert.equal(trip.driver.home.name, 'Potsdam');
  assert.deepEqual(names(trip.stops), ['Halle', 'Leipzig']);

  // A watched query follows what mutations answer, by the id of the object.
  const fresh = apolloClient(server);
  const seen = [];
  const watched = fresh.watchQuery({ query: GET_TRIP, variables: { id: trip.id } });
  const subscription = watched.subscribe(({ data }) => data?.trip && seen.push(data.trip));
  await until(() => seen.length > 0);
  assert.deepEqual(seen.at(-1), trip);

  const halle = trip.stops.edges[0].node.id;
  const home = trip.driver.home.id;
  const changes = { fare: 14, note: null, stops: { remove: [halle], add: [home] } };
  await fresh.mutate({ mutation: UPDATE_TRIP, variables: { input: { id: trip.id, fields: changes } } });
  await until(() => seen.at(-1).fare === 14);
  assert.equal(seen.at(-1).note, null);
  assert.deepEqual((await fresh.query({ query: GET_TRIP, variables: { id: trip.id } })).data.trip.driver, trip.driver);
  subscription.unsubscribe();

  const { data: now } = await apolloClient(server).query({ query: GET_TRIP, variables: { id: trip.id } });
  assert.deepEqual(names(now.trip.stops), ['Leipzig', 'Potsdam']);

  const gone = await client.mutate({ mutation: DELETE_TRIP, variables: { id: trip.id } });
  assert.equal(gone.data.deleteTrip.trip.id, trip.id);
  assert.equal(code(await failure(client.query({ query: GET_TRIP, variables: { id: trip.id } }))), 101);
}

async function pages(server) {
  const client = apolloClient(server);
  const run = crypto.randomUUID();
  for (const fare of [1, 2, 3, 4, 5]) {
    await client.mutate({ mutation: CREATE_TRIP, variables: { input: { fields: { run, fare } } } });
  }
  const where = { run: { equalTo: run } };

  await page(server, { where, first: 2 }, 'hasNextPage', ({ endCursor }) => ({ after: endCursor }), [
    [1, 2],
    [1, 2, 3, 4],
    [1, 2, 3, 4, 5],
  ]);
  await page(server, { where, last: 2 }, 'hasPreviousPage', ({ startCursor }) => ({ before: startCursor }), [
    [4, 5],
    [2, 3, 4, 5],
    [1, 2, 3, 4, 5],
  ]);
}

/** Watches a list, fetches more until there is no more, and compares what the watcher has seen. */
async function page(server, variables, hasMore, next, expected) {
  const watched = apolloClient(server).watchQuery({ query: LIST_TRIPS, variables });
  const shown = [];
  const subscription = watched.subscribe(({ data, loading }) => {
    if (!loading && !isDeepStrictEqual(shown.at(-1), data.trips)) shown.push(data.trips);
  });
  do {
    await until(() => shown.length > 0);
    const last = shown.at(-1);
    if (!last.pageInfo[hasMore] || shown.length > expected.length) break;
    await watched.fetchMore({ variables: next(last.pageInfo) });
    await until(() => shown.at(-1) !== last);
  } while (true);
  subscription.unsubscribe();
  assert.deepEqual(shown.map(fares), expected);
  assert.equal(shown.at(-1).count, 5);
}

async function errors(server) {
  const client = apolloClient(server);
  const fields = newUser();
  await client.mutate({ mutation: SIGN_UP, variables: { fields } });
  const cases = [
    ['a name that is taken', () => client.mutate({ mutation: SIGN_UP, variables: { fields } }), 202],
    ['a wrong password', () => client.mutate({ mutation: LOG_IN, variables: { ...fields, password: 'wrong' } }), 101],
    ['no session', () => client.query({ query: VIEWER }), 209],
    ['no such object', () => client.query({ query: GET_TRIP, variables: { id: 'nothing' } }), 101],
    ['no right', () => client.query({ query: gql`{ classes { name } }` }), 119],
    ['an unknown field', () => client.query({ query: gql`{ viewer { nothing } }` }), 'GRAPHQL_VALIDATION_FAILED'],
    ['a wrong variable', () => client.query({ query: LIST_TRIPS, variables: { first: 'two' } }), 'BAD_USER_INPUT'],
  ];
  const problems = [];
  for (const [name, request, expected] of cases) {
    const error = await failure(request());
    if (code(error) !== expected) problems.push(`${name}: ${code(error)} instead of ${expected}: ${error}`);
  }
  assert.deepEqual(problems, []);
}

/** A client that sends the hash of a query first must learn that it has to send the query. */
async function persistedQueries(server) {
  class Link extends HttpLink {
    constructor(options) {
      super(options);
      const sha256 = text => createHash('sha256').update(text).digest('hex');
      return new PersistedQueryLink({ sha256 }).concat(this);
    }
  }
  const { data } = await apolloClient(server, anybody, Link).query({ query: gql`{ health }` });
  assert.equal(data.health, true);
}

const fares = connection => connection.edges.map(({ node }) => node.fare);
const names = connection => connection.edges.map(({ node }) => node.name);

/** The error that a request ends with. */
async function failure(request) {
  try {
    const { error } = await request;
    if (error) return error;
  } catch (error) {
    return error;
  }
  throw new Error('there is no error');
}

function code(error) {
  return CombinedGraphQLErrors.is(error) ? error.errors[0].extensions?.code : undefined;
}

async function until(condition) {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('nothing happened within 10 s');
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

// Relay: the compiler accepts documents against the schema of the server, and the runtime executes what it made.
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { buildClientSchema, getIntrospectionQuery, lexicographicSortSchema, printSchema } from 'graphql';
import runtime from 'relay-runtime';
import { HOME, runTool } from '../lib/program.mjs';

const {
  commitMutation,
  createOperationDescriptor,
  Environment,
  fetchQuery,
  getPaginationMetadata,
  getPaginationVariables,
  getRefetchMetadata,
  getSingularSelector,
  Network,
  RecordSource,
  ROOT_ID,
  Store,
} = runtime;

const GENERATED = `${HOME}generated/relay`;
const require = createRequire(import.meta.url);
const artifact = name => require(`${GENERATED}/artifacts/${name}.graphql.js`);

export async function relay({ server, report }) {
  const compiled = await report.test('relay-compiler compiles against the schema of the server', () => compile(server));
  if (!compiled) return;
  await report.test('creates, pages with loadNext, updates and deletes in a normalised store', () => list(server));
  await report.test('reads any object by node(id:), and pages inside it', () => nodes(server));
  await report.test('reads the members of a union', () => unions(server));
}

async function compile(server) {
  await rm(GENERATED, { recursive: true, force: true });
  await mkdir(`${GENERATED}/artifacts`, { recursive: true });
  const introspection = await server.ask(
    getIntrospectionQuery({
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
    }),
  );
  const sdl = printSchema(lexicographicSortSchema(buildClientSchema(introspection)));
  await writeFile(`${GENERATED}/schema.graphql`, sdl);
  // The artifacts are CommonJS.
  await writeFile(`${GENERATED}/artifacts/package.json`, '{"type": "commonjs"}\n');
  const config = {
    root: HOME,
    sources: { relay: 'trips' },
    projects: {
      trips: {
        language: 'javascript',
        schema: 'generated/relay/schema.graphql',
        output: 'generated/relay/artifacts',
        eagerEsModules: false,
      },
    },
  };
  await writeFile(`${GENERATED}/relay.config.json`, JSON.stringify(config, null, 2));
  await runTool('relay-compiler', [`${GENERATED}/relay.config.json`]);
}

function newEnvironment(server) {
  const network = Network.create(async ({ text }, variables) => {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...server.headers() },
      body: JSON.stringify({ query: text, variables }),
    });
    return response.json();
  });
  return new Environment({ network, store: new Store(new RecordSource()) });
}

/** Fetches a query and keeps its result in the store. */
async function fetchAndKeep(environment, query, variables) {
  environment.retain(createOperationDescriptor(query, variables));
  return fetchQuery(environment, query, variables).toPromise();
}

function mutate(environment, mutation, variables) {
  return new Promise((resolve, reject) =>
    commitMutation(environment, {
      mutation,
      variables,
      onCompleted: (data, errors) => (errors?.length ? reject(new Error(errors[0].message)) : resolve(data)),
      onError: reject,
    }),
  );
}

/** What usePaginationFragment does in React: reads a fragment from the store, and fetches its next page. */
function pagination(environment, fragment, owner) {
  const selector = () => getSingularSelector(fragment, owner());
  const read = () => environment.lookup(selector()).data;
  const metadata = getPaginationMetadata(fragment, 'clients');
  const { identifierInfo } = getRefetchMetadata(fragment, 'clients');

  const loadNext = async count => {
    const data = read();
    const { hasNextPage, endCursor } = at(data, metadata.connectionPathInFragmentData).pageInfo;
    assert.equal(hasNextPage, true);
    const { variables, owner } = selector();
    const given = { ...owner.variables, ...variables };
    const next = getPaginationVariables('forward', count, endCursor, given, {}, metadata.paginationMetadata);
    if (identifierInfo) next[identifierInfo.identifierQueryVariableName] = data[identifierInfo.identifierField];
    await fetchAndKeep(environment, metadata.paginationRequest, next);
  };
  return { read, loadNext };
}

const at = (data, path) => path.reduce((value, key) => value[key], data);

async function list(server) {
  const environment = newEnvironment(server);
  const run = crypto.randomUUID();
  const create = (fare, connections = []) =>
    mutate(environment, artifact('tripsCreateMutation'), {
      input: { fields: { run, fare }, clientMutationId: `${fare}` },
      connections,
    });
  for (const fare of [1, 2, 3, 4, 5]) await create(fare);

  const query = artifact('tripsListQuery');
  await fetchAndKeep(environment, query, { run });
  const root = () => environment.lookup(createOperationDescriptor(query, { run }).fragment).data;
  const { read, loadNext } = pagination(environment, artifact('trips_list'), root);
  const fares = () => read().trips.edges.map(({ node }) => card(environment, node).fare);
  assert.deepEqual(fares(), [1, 2]);
  assert.equal(read().trips.count, 5);
  await loadNext(2);
  assert.deepEqual(fares(), [1, 2, 3, 4]);
  await loadNext(2);
  assert.deepEqual(fares(), [1, 2, 3, 4, 5]);
  assert.equal(read().trips.pageInfo.hasNextPage, false);

  // A new object is appended to the connection by the store.
  const created = await create(6, [read().trips.__id]);
  assert.equal(created.createTrip.clientMutationId, '6');
  assert.deepEqual(fares(), [1, 2, 3, 4, 5, 6]);

  // There is one record for an object, whose key is the id: the list shows what a mutation answers.
  const { id } = read().trips.edges[1].node;
  assert.equal(environment.getStore().getSource().get(id).fare, 2);
  await mutate(environment, artifact('tripsUpdateMutation'), { input: { id, fields: { fare: 2.5 } } });
  assert.deepEqual(fares(), [1, 2.5, 3, 4, 5, 6]);

  await mutate(environment, artifact('tripsDeleteMutation'), { id });
  assert.equal(environment.getStore().getSource().get(id), null);
  await fetchAndKeep(environment, query, { run });
  assert.deepEqual(fares(), [1, 3]);
}

function card(environment, node) {
  return environment.lookup(getSingularSelector(artifact('trips_card'), node)).data;
}

async function nodes(server) {
  const environment = newEnvironment(server);
  const fields = {
    fare: 9,
    driver: { createAndLink: { name: 'Dario' } },
    stops: { createAndAdd: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] },
  };
  const { id } = (await server.ask(
    'mutation ($fields: CreateTripFieldsInput) { createTrip(input: {fields: $fields}) { trip { id } } }',
    { fields },
  )).createTrip.trip;

  const query = artifact('tripsOneQuery');
  await fetchAndKeep(environment, query, { id });
  const node = () => environment.lookup(createOperationDescriptor(query, { id }).fragment).data.node;
  assert.equal(node().__typename, 'Trip');
  assert.equal(card(environment, node().card).driver.name, 'Dario');

  const { read, loadNext } = pagination(environment, artifact('trips_stops'), () => node().stops);
  const names = () => read().stops.edges.map(({ node: { name } }) => name);
  assert.deepEqual(names(), ['a', 'b']);
  await loadNext(2);
  assert.deepEqual(names(), ['a', 'b', 'c']);
  assert.equal(environment.getStore().getSource().get(ROOT_ID)[`node(id:"${id}")`].__ref, id);
}

async function unions(server) {
  const environment = newEnvironment(server);
  const city = await server.ask('mutation { createCity(input: {fields: {name: "Bonn"}}) { city { id objectId } } }');
  const pointer = { __type: 'Pointer', className: 'City', objectId: city.createCity.city.objectId };
  const { createTrip } = await server.ask(
    'mutation ($fields: CreateTripFieldsInput) { createTrip(input: {fields: $fields}) { trip { id } } }',
    { fields: { places: ['home', pointer] } },
  );
  const query = artifact('tripsPlacesQuery');
  const { trip } = await fetchAndKeep(environment, query, { id: createTrip.trip.id });
  assert.deepEqual(trip.places, [
    { __typename: 'Element', value: 'home' },
    { __typename: 'City', id: city.createCity.city.id, name: 'Bonn' },
  ]);
}

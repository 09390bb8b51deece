// The server under test, as seen by a program that uses nothing but fetch; and the classes that the clients use.

/** Who asks. */
export const anybody = Object.freeze({});
export const master = Object.freeze({ master: true });
export const user = session => Object.freeze({ session });

export class Server {
  constructor({ url, appId, masterKey }) {
    Object.assign(this, { url, appId, masterKey });
  }

  headers({ master = false, session } = anybody) {
    return {
      'X-Parse-Application-Id': this.appId,
      ...(master ? { 'X-Parse-Master-Key': this.masterKey } : {}),
      ...(session ? { 'X-Parse-Session-Token': session } : {}),
    };
  }

  /** The data of an answer without errors. */
  async ask(query, variables, as = anybody) {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.headers(as) },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    let answer;
    try {
      answer = JSON.parse(text);
    } catch {
      throw new Error(`HTTP ${response.status} and no JSON: ${text.slice(0, 200)}`);
    }
    if (!response.ok || answer.errors) throw new Error(`HTTP ${response.status}: ${text.slice(0, 1000)}`);
    return answer.data;
  }
}

/** A user that nobody else has, as the fields of signUp. */
export function newUser() {
  return { username: `user-${crypto.randomUUID()}`, password: 'correct horse battery staple' };
}

// A ride-sharing app with fields of every type. `run` tells the objects of one test from those of others.
const CLASSES = {
  City: `{
    addStrings: [{name: "name", required: true}, {name: "run"}]
    addGeoPoint: {name: "center"}
    addPolygons: [{name: "area"}]
    addNumbers: [{name: "population"}]
  }`,
  Driver: `{
    addStrings: [{name: "name"}, {name: "run"}]
    addBooleans: [{name: "active", defaultValue: true}]
    addDates: [{name: "licensedAt"}]
    addBytes: [{name: "badge"}]
    addObjects: [{name: "car"}]
    addArrays: [{name: "languages"}]
    addFiles: [{name: "photo"}]
    addPointers: [{name: "home", targetClassName: "City"}]
    addRelations: [{name: "fans", targetClassName: "_User"}]
  }`,
  Trip: `{
    addStrings: [{name: "note"}, {name: "run"}]
    addNumbers: [{name: "fare"}]
    addDates: [{name: "startedAt"}]
    addArrays: [{name: "places"}]
    addPointers: [{name: "driver", targetClassName: "Driver"}, {name: "origin", targetClassName: "City"}]
    addRelations: [{name: "stops", targetClassName: "City"}]
  }`,
};

/** Makes the classes that the server does not have yet. */
export async function createClasses(server) {
  const { classes } = await server.ask('{ classes { name } }', {}, master);
  const there = new Set(classes.map(({ name }) => name));
  for (const [name, fields] of Object.entries(CLASSES)) {
    if (there.has(name)) continue;
    const { createClass } = await server.ask(
      `mutation { createClass(input: {name: "${name}", schemaFields: ${fields}}) { class { name } } }`,
      {},
      master,
    );
    if (createClass.class.name !== name) throw new Error(`createClass made ${createClass.class.name}, not ${name}`);
  }
}

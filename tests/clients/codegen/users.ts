// Uses what was generated from schema.graphql: users, sessions, roles and classes.
import assert from 'node:assert/strict';
import {
  AnythingDocument,
  ClassesDocument,
  CreateRoleDocument,
  LogInDocument,
  LogOutDocument,
  MeDocument,
  PeopleDocument,
  SignUpDocument,
  UserOrder,
  type PersonFragment,
} from '../generated/users.js';
import { clientFromSettings, setting } from './request.js';

const anybody = clientFromSettings();
const master = anybody.with({ 'X-Parse-Master-Key': setting('CLIENTS_MASTER_KEY') });
const username = `typed-${crypto.randomUUID()}`;
const password = 'correct horse battery staple';

const signedUp = await anybody.request(SignUpDocument, { fields: { username, password } });
assert.ok(signedUp.signUp);
const person: PersonFragment = signedUp.signUp.viewer.user;
assert.equal(person.username, username);

const loggedIn = await anybody.request(LogInDocument, { username, password });
assert.equal(loggedIn.logIn?.clientMutationId, 'log in');
const token: string | undefined = loggedIn.logIn?.viewer.sessionToken;
assert.ok(token);
const user = anybody.with({ 'X-Parse-Session-Token': token });

const me = await user.request(MeDocument, {});
assert.equal(me.viewer.user.id, person.id);
const entry = me.viewer.user.ACL.users?.find(({ userId }) => userId === person.id);
assert.deepEqual(entry && [entry.read, entry.write], [true, true]);

const people = await user.request(PeopleDocument, {
  where: { username: { equalTo: username } },
  order: [UserOrder.CreatedAtDesc, UserOrder.UsernameAsc],
  first: 5,
});
assert.deepEqual(
  people.users.edges?.map(edge => edge?.node?.id),
  [person.id],
);

const role = await master.request(CreateRoleDocument, {
  fields: { name: `typed${Date.now()}`, ACL: { public: { read: true, write: false } }, users: { add: [person.id] } },
});
assert.ok(role.createRole);
const anything = await user.request(AnythingDocument, { id: role.createRole.role.id });
assert.ok(anything.node?.__typename === 'Role');
assert.equal(anything.node.name, role.createRole.role.name);
assert.equal(anything.node.users.count, 1);

const { classes } = await master.request(ClassesDocument, {});
const sessionUser = classes
  .find(({ name }) => name === '_Session')
  ?.schemaFields.find(({ name }) => name === 'user');
assert.ok(sessionUser?.__typename === 'SchemaPointerField');
assert.equal(sessionUser.targetClassName, '_User');

const out = await user.request(LogOutDocument, {});
assert.equal(out.logOut?.ok, true);

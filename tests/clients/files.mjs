// Uploads by apollo-upload-client: the GraphQL multipart request specification.
import assert from 'node:assert/strict';
import { gql } from '@apollo/client';
import UploadHttpLink from 'apollo-upload-client/UploadHttpLink.mjs';
import { apolloClient } from './apollo.mjs';
import { anybody, newUser, user } from './lib/server.mjs';

const SIGN_UP = `mutation ($fields: CreateUserFieldsInput!) {
  signUp(input: { fields: $fields }) { viewer { sessionToken } }
}`;
const CREATE_FILE = gql`
  mutation CreateFile($upload: Upload!) {
    createFile(input: { upload: $upload }) {
      fileInfo {
        name
        url
      }
    }
  }
`;
const CREATE_DRIVER = gql`
  mutation CreateDriver($fields: CreateDriverFieldsInput!) {
    createDriver(input: { fields: $fields }) {
      driver {
        id
        name
        photo {
          name
          url
        }
      }
    }
  }
`;

export async function files({ server, report }) {
  await report.test('uploads a file with createFile', () => createFile(server));
  await report.test('uploads a file into a field of a new object', () => fileField(server));
}

async function client(server) {
  const { signUp } = await server.ask(SIGN_UP, { fields: newUser() }, anybody);
  return apolloClient(server, user(signUp.viewer.sessionToken), UploadHttpLink);
}

async function createFile(server) {
  const upload = new File(['the same text, ąęß'], 'note.txt', { type: 'text/plain' });
  const { data } = await (await client(server)).mutate({ mutation: CREATE_FILE, variables: { upload } });
  assert.match(data.createFile.fileInfo.name, /_note\.txt$/);
  assert.equal(await download(data.createFile.fileInfo.url), 'the same text, ąęß');
}

async function fileField(server) {
  const upload = new File(['a photo'], 'photo.txt', { type: 'text/plain' });
  const apollo = await client(server);
  const fields = { name: 'Dario', photo: { upload } };
  const { data } = await apollo.mutate({ mutation: CREATE_DRIVER, variables: { fields } });
  assert.equal(data.createDriver.driver.name, 'Dario');
  assert.equal(await download(data.createDriver.driver.photo.url), 'a photo');
}

async function download(url) {
  const response = await fetch(url);
  assert.equal(response.status, 200, url);
  return response.text();
}

// Starts GraphiQL for one application. The application id comes from the form, the address
// (?app_id=…) or the last visit. Keys and session tokens are typed into GraphiQL's header editor;
// nothing here stores them.
'use strict';

const STORED = 'portcullis:app-id';

const HEADERS = `{
  "X-Parse-Session-Token": "",
  "X-Parse-Master-Key": ""
}`;

const QUERY = `# Press Ctrl+Enter to run this. With the master key in the headers below, try
# createClass; a new class has its own queries and mutations at once.
{
  health
}
`;

const form = document.getElementById('application');
const input = document.getElementById('app-id');
const hint = document.getElementById('hint');
const root = ReactDOM.createRoot(document.getElementById('graphiql'));

/** Sends a request with the application id and the headers that are filled in. */
function fetcherFor(appId) {
  return async (parameters, options) => {
    const headers = { 'x-parse-application-id': appId };
    for (const [name, value] of Object.entries(options?.headers ?? {})) {
      if (value !== '') headers[name.toLowerCase()] = value;
    }
    headers['content-type'] = 'application/json';
    headers.accept = 'application/graphql-response+json, application/json;q=0.9';
    const response = await fetch(location.pathname, {
      method: 'POST',
      headers,
      body: JSON.stringify(parameters),
      credentials: 'omit',
    });
    hint.hidden = response.status !== 403;
    if (response.status === 403) hint.textContent = 'The server does not know this application id, or refuses a key.';
    return response.json();
  };
}

function start(appId) {
  localStorage.setItem(STORED, appId);
  input.value = appId;
  hint.hidden = true;
  root.render(
    React.createElement(GraphiQL, {
      key: appId,
      fetcher: fetcherFor(appId),
      defaultHeaders: HEADERS,
      defaultQuery: QUERY,
      shouldPersistHeaders: false,
    }),
  );
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  start(input.value.trim());
});

const known = new URLSearchParams(location.search).get('app_id') ?? localStorage.getItem(STORED);
if (known) start(known);

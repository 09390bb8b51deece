// check.mjs: its judgement, and the program as a whole against a server that knows one query.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { checkLists, givenUp, judge } from '../lib/verdict.mjs';

const CHECK = fileURLToPath(new URL('../check.mjs', import.meta.url));
const SCENARIOS = [
  { area: 'a', name: 'one' },
  { area: 'a', name: 'two' },
  { area: 'b', name: 'one' },
];
const outcome = (...passed) =>
  SCENARIOS.map((scenario, i) => ({ ...scenario, passed: passed[i], ...(!passed[i] && { step: 1, message: 'no' }) }));
const lists = (required, differences = []) => ({
  required,
  differences: differences.map(scenario => ({ scenario, reason: 'on purpose' })),
});

test('a required scenario must pass, whether by its area or by its own name', () => {
  assert.deepEqual(judge(lists(['a']), outcome(true, true, false)).problems, []);
  assert.deepEqual(judge(lists(['a']), outcome(true, false, false)).problems, [
    'required, but fails: a › two: step 1: no',
  ]);
  assert.deepEqual(judge(lists(['b › one']), outcome(false, false, false)).problems, [
    'required, but fails: b › one: step 1: no',
  ]);
});

test('a difference may fail in a required area, and may not pass', () => {
  assert.deepEqual(judge(lists(['a'], ['a › two']), outcome(true, false, false)).problems, []);
  assert.deepEqual(judge(lists(['a'], ['a › two']), outcome(true, true, false)).problems, [
    'in differences.json, but passes: a › two',
  ]);
});

test('what passes and is not required is ready to be', () => {
  assert.deepEqual(judge(lists(['a › one']), outcome(true, true, false)).ready, ['a › two']);
});

test('counts are by area', () => {
  assert.deepEqual(judge(lists(['a'], ['a › two']), outcome(true, false, true)).areas, [
    { area: 'a', passed: 1, total: 2, required: 1 },
    { area: 'b', passed: 1, total: 1, required: 0 },
  ]);
});

test('lists must name what there is, once, and say why', () => {
  assert.deepEqual(checkLists(lists(['a', 'b › one'], ['a › two']), SCENARIOS), []);
  assert.deepEqual(checkLists(lists(['a', 'a', 'c', 'b › two'], ['b']), SCENARIOS), [
    'required.json has "a" twice',
    'required.json: "c" is no area and no scenario',
    'required.json: "b › two" is no area and no scenario',
    'differences.json: "b" is no scenario',
  ]);
  assert.match(checkLists({ required: {}, differences: [] }, SCENARIOS)[0], /^required.json must be/);
  const silent = { required: [], differences: [{ scenario: 'a › one', reason: ' ' }] };
  assert.match(checkLists(silent, SCENARIOS)[0], /^differences.json must be/);
});

test('what was required once stays so, unless it has become a difference', () => {
  assert.deepEqual(givenUp(lists(['a › one']), ['a'], SCENARIOS), ['a › two']);
  assert.deepEqual(givenUp(lists(['a › one'], ['a › two']), ['a', 'gone'], SCENARIOS), []);
  assert.deepEqual(givenUp(lists(['a']), ['a › one'], SCENARIOS), []);
});

let dir, server, url;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'conformance-'));
  await mkdir(join(dir, 'scenarios'));
  const expect = { status: 200, body: { data: { health: true } } };
  await writeFile(
    join(dir, 'scenarios', 'area.json'),
    JSON.stringify([
      { name: 'good', steps: [{ gql: '{ health }', expect }] },
      { name: 'bad', steps: [{ gql: '{ broken }', expect }] },
    ])
  );
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.end(JSON.stringify({ data: body.includes('health') ? { health: true } : null }));
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${server.address().port}/graphql`;
});
after(async () => {
  server.close();
  server.closeAllConnections();
  await rm(dir, { recursive: true });
});

/** Runs the program with these lists. */
async function check(required, differences) {
  const written = lists(required, differences);
  await writeFile(join(dir, 'required.json'), JSON.stringify(written.required));
  await writeFile(join(dir, 'differences.json'), JSON.stringify(written.differences));
  const args = [CHECK, '--url', url, '--lists', dir, '--scenarios', join(dir, 'scenarios')];
  return new Promise(resolve => {
    execFile(process.execPath, args, (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }));
  });
}

test('the program passes when all that is required does', async () => {
  const { code, stdout } = await check(['area › good'], ['area › bad']);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^area +1 of +2 pass, +1 required$/m);
});

test('the program says which scenarios are ready', async () => {
  const { code, stdout } = await check([]);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /not required yet.*\n {2}area › good\n/);
});

test('the program fails when a required scenario does, or a difference is gone', async () => {
  const failing = await check(['area']);
  assert.equal(failing.code, 1);
  assert.match(failing.stdout, /^PROBLEM required, but fails: area › bad: step 1: /m);
  const gone = await check([], ['area › good']);
  assert.equal(gone.code, 1);
  assert.match(gone.stdout, /^PROBLEM in differences.json, but passes: area › good$/m);
});

test('the program fails on a name that matches nothing', async () => {
  const { code, stdout } = await check(['nothing']);
  assert.equal(code, 1);
  assert.match(stdout, /^PROBLEM required.json: "nothing" is no area/m);
});

test('wrong use is told apart', async () => {
  const { code, stderr } = await new Promise(resolve => {
    execFile(process.execPath, [CHECK], (error, stdout, stderr) => resolve({ code: error.code, stderr }));
  });
  assert.equal(code, 2);
  assert.match(stderr, /usage: node check.mjs/);
});

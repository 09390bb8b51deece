#!/usr/bin/env node
// Plays every scenario against a server and fails if one that must pass does not. CI runs this.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { formerVersions } from './lib/history.mjs';
import { runCommand } from './lib/options.mjs';
import { loadSuite, UsageError } from './lib/suite.mjs';
import { checkLists, givenUp, judge } from './lib/verdict.mjs';

const USAGE = `usage: node check.mjs --url URL [options]
  --timeout SECONDS            for each request (default: 10)
  --json FILE                  keep the runner's results there
  --lists DIR                  where required.json and differences.json are (default: beside this program)
  --scenarios DIR              (default: scenarios/ beside this program)
  --app-id app  --master-key mk  --read-only-master-key ro`;

const RUNNER_OPTIONS = ['url', 'timeout', 'app-id', 'master-key', 'read-only-master-key'];
const here = path => fileURLToPath(new URL(path, import.meta.url));

await runCommand(USAGE, async () => {
  const values = parseCommandLine();
  const scenariosDir = values.scenarios ?? here('scenarios');
  const listsDir = values.lists ?? here('.');
  const suite = await loadSuite([scenariosDir]);
  const scenarios = suite.flatMap(({ area, scenarios }) => scenarios.map(({ name }) => ({ area, name })));
  const lists = {
    required: await readJson(join(listsDir, 'required.json')),
    differences: await readJson(join(listsDir, 'differences.json')),
  };

  const mistakes = checkLists(lists, scenarios);
  if (mistakes.length > 0) return fail(mistakes);
  const shrunk = await shrinkage(lists, join(listsDir, 'required.json'), scenarios);

  const verdict = judge(lists, await results(values, scenariosDir));
  print(verdict);
  return fail([...shrunk, ...verdict.problems]);
});

function parseCommandLine() {
  const names = [...RUNNER_OPTIONS, 'json', 'lists', 'scenarios'];
  let values;
  try {
    ({ values } = parseArgs({ options: Object.fromEntries(names.map(name => [name, { type: 'string' }])) }));
  } catch (error) {
    throw new UsageError(error.message);
  }
  if (!values.url) throw new UsageError('--url is missing, e.g. --url http://127.0.0.1:1337/graphql');
  return values;
}

async function readJson(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path}: ${error.message}`);
  }
}

/** The list only grows: whatever a former commit required must still be required, or be a listed difference. */
async function shrinkage(lists, path, scenarios) {
  const problems = new Map();
  for (const { commit, json } of await formerVersions(path)) {
    for (const title of givenUp(lists, Array.isArray(json) ? json : [], scenarios)) {
      problems.set(title, `no longer required, but was in ${commit.slice(0, 8)}: ${title}`);
    }
  }
  return [...problems.values()];
}

/** Plays all scenarios with run.mjs, and returns what it found of each. */
async function results(values, scenariosDir) {
  const scratch = await mkdtemp(join(tmpdir(), 'conformance-'));
  try {
    const json = values.json ?? join(scratch, 'results.json');
    await rm(json, { force: true }); // or the results of a former run would do
    const passedOn = RUNNER_OPTIONS.filter(name => values[name] !== undefined);
    const args = passedOn.flatMap(name => [`--${name}`, values[name]]);
    const { code, stderr } = await run([here('run.mjs'), ...args, '--json', json, scenariosDir]);
    if (code !== 0 && code !== 1) throw new UsageError(`run.mjs could not run: ${stderr.trim() || `exit code ${code}`}`);
    return JSON.parse(await readFile(json, 'utf8')).results;
  } finally {
    await rm(scratch, { recursive: true });
  }
}

function run(args) {
  return new Promise(resolve => {
    execFile(process.execPath, args, { maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, stderr });
    });
  });
}

function print({ areas, ready }) {
  const sum = key => areas.reduce((total, area) => total + area[key], 0);
  const all = { area: 'all', passed: sum('passed'), total: sum('total'), required: sum('required') };
  const width = Math.max(...areas.map(({ area }) => area.length), 3);
  const aligned = number => String(number).padStart(4);
  for (const { area, passed, total, required } of [...areas, all]) {
    console.log(`${area.padEnd(width)} ${aligned(passed)} of ${aligned(total)} pass, ${aligned(required)} required`);
  }
  if (ready.length === 0) return;
  console.log('\nPassing and not required yet; add them to required.json:');
  for (const title of ready) console.log(`  ${title}`);
}

/** Prints the problems and gives the exit code. */
function fail(problems) {
  if (problems.length > 0) console.log('');
  for (const problem of problems) console.log(`PROBLEM ${problem}`);
  return problems.length > 0 ? 1 : 0;
}

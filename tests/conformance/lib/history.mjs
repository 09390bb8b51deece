// Former versions of a file, from the project's own git history.
import { execFile } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** [{ commit, json }] for every commit that changed the file; none where there is no history to look at. */
export async function formerVersions(path) {
  const git = async (...args) => (await run('git', args, { cwd: dirname(path) })).stdout;
  let commits;
  try {
    commits = (await git('log', '--format=%H', '--', basename(path))).split('\n').filter(Boolean);
  } catch {
    return []; // no git, no repository, or no commit yet
  }

  const versions = [];
  for (const commit of commits) {
    try {
      versions.push({ commit, json: JSON.parse(await git('show', `${commit}:./${basename(path)}`)) });
    } catch {
      // The commit removed the file, or left it unreadable: there is nothing to hold against the list.
    }
  }
  return versions;
}

// Runs the programs of npm packages.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The directory of the clients. */
export const HOME = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program of node_modules/.bin to its end; a failure carries its output. */
export function runTool(name, args, env = {}) {
  return runProgram(`${HOME}node_modules/.bin/${name}`, args, env);
}

export function runProgram(program, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: HOME,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
    });
    let output = '';
    child.stdout.on('data', text => (output += text));
    child.stderr.on('data', text => (output += text));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ended with ${signal ?? `exit code ${code}`}:\n${output.trim()}`));
    });
  });
}

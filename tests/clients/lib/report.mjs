// Counts and prints what passed and what failed.

const TIMEOUT_MS = 150_000; // for one test

export class Report {
  #passed = 0;
  #failed = 0;

  suite(name) {
    console.log(`\n${name}`);
  }

  /** Runs one test. A failure is printed, and the run goes on. Says whether the test passed. */
  async test(name, run) {
    const start = performance.now();
    try {
      await withinTime(run());
    } catch (error) {
      this.#failed++;
      console.log(`  FAIL ${name}\n${indent(explain(error), 7)}`);
      return false;
    }
    this.#passed++;
    const ms = Math.round(performance.now() - start);
    console.log(`  ok   ${name}${ms >= 500 ? ` (${(ms / 1000).toFixed(1)} s)` : ''}`);
    return true;
  }

  /** Many small checks that are worth a line only where they fail: [{ name, failure? }]. */
  checks(title, checks) {
    const failures = checks.filter(({ failure }) => failure);
    this.#passed += checks.length - failures.length;
    this.#failed += failures.length;
    for (const { name, failure } of failures) console.log(`  FAIL ${name}\n${indent(failure, 7)}`);
    if (failures.length === 0) console.log(`  ok   ${title} (${checks.length})`);
  }

  /** Prints the last line, and gives the exit code. */
  finish() {
    console.log(`\n${this.#passed} passed, ${this.#failed} failed`);
    return this.#failed > 0 || this.#passed === 0 ? 1 : 0;
  }
}

async function withinTime(promise) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
  });
  try {
    await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function explain(error) {
  if (!(error instanceof Error)) return String(error);
  const place = error.stack
    ?.split('\n')
    .find(line => /tests\/clients\/(?!node_modules|lib)/.test(line))
    ?.trim();
  const causes = [];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    causes.push(`because of: ${cause.message}`);
  }
  return [error.message, ...causes, ...(place ? [place] : [])].join('\n');
}

function indent(text, width) {
  const lines = String(text).split('\n');
  const shown = lines.length > 40 ? [...lines.slice(0, 40), `… ${lines.length - 40} more lines`] : lines;
  return shown.map(line => ' '.repeat(width) + line).join('\n');
}

// Judges a run of all scenarios by the lists of the project: what must pass, and what may not.

/** "area › name", by which required.json and differences.json name a scenario. */
export const titleOf = ({ area, name }) => `${area} › ${name}`;

/** Whether an entry of required.json, an area or a title, stands for this scenario. */
export const covers = (entry, scenario) => entry === scenario.area || entry === titleOf(scenario);

/** Mistakes in the lists themselves: entries that are malformed, stand twice or match nothing. */
export function checkLists({ required, differences }, scenarios) {
  if (!Array.isArray(required) || !required.every(entry => typeof entry === 'string')) {
    return ['required.json must be a list of areas and of "area › scenario"'];
  }
  const wellFormed = difference =>
    typeof difference?.scenario === 'string' && typeof difference.reason === 'string' && difference.reason.trim() !== '';
  if (!Array.isArray(differences) || !differences.every(wellFormed)) {
    return ['differences.json must be a list of {"scenario": "area › scenario", "reason": "why"}'];
  }

  const named = differences.map(({ scenario }) => scenario);
  return [
    ...twice(required).map(entry => `required.json has "${entry}" twice`),
    ...twice(named).map(entry => `differences.json has "${entry}" twice`),
    ...required
      .filter(entry => !scenarios.some(scenario => covers(entry, scenario)))
      .map(entry => `required.json: "${entry}" is no area and no scenario`),
    ...named
      .filter(entry => !scenarios.some(scenario => titleOf(scenario) === entry))
      .map(entry => `differences.json: "${entry}" is no scenario`),
  ];
}

/**
 * What the results of a run mean: { problems, ready, areas }. `ready` are the titles of scenarios that pass
 * and are not required yet; `areas` has [{ area, passed, total, required }].
 */
export function judge({ required, differences }, results) {
  const named = new Set(differences.map(({ scenario }) => scenario));
  const isDifference = result => named.has(titleOf(result));
  const isRequired = result => !isDifference(result) && required.some(entry => covers(entry, result));

  const broken = results.filter(result => isRequired(result) && !result.passed);
  const obsolete = results.filter(result => isDifference(result) && result.passed);
  return {
    problems: [
      ...broken.map(result => `required, but fails: ${titleOf(result)}: step ${result.step}: ${result.message}`),
      ...obsolete.map(result => `in differences.json, but passes: ${titleOf(result)}`),
    ],
    ready: results
      .filter(result => result.passed && !isRequired(result) && !isDifference(result))
      .map(titleOf),
    areas: [...new Set(results.map(({ area }) => area))].map(area => {
      const own = results.filter(result => result.area === area);
      return {
        area,
        passed: own.filter(({ passed }) => passed).length,
        total: own.length,
        required: own.filter(isRequired).length,
      };
    }),
  };
}

/** The titles of scenarios that an older list required and this one gives up without listing a difference. */
export function givenUp({ required, differences }, older, scenarios) {
  const named = new Set(differences.map(({ scenario }) => scenario));
  return scenarios
    .filter(scenario => older.some(entry => covers(entry, scenario)))
    .filter(scenario => !required.some(entry => covers(entry, scenario)))
    .map(titleOf)
    .filter(title => !named.has(title));
}

const twice = entries => [...new Set(entries.filter((entry, i) => entries.indexOf(entry) !== i))];

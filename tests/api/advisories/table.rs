//! The page about the advisories is complete, and names tests that there are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const PAGE: &str = include_str!("../../../docs/advisories.md");
/// Every advisory that was known when the page was written.
const IDS: &str = include_str!("ids.txt");

/// A row of the page.
struct Row {
    id: &'static str,
    protection: &'static str,
    tests: Vec<&'static str>,
}

fn rows() -> Vec<Row> {
    let lines = PAGE.lines().filter(|line| line.starts_with("| GHSA-") || line.starts_with("| — |"));
    let row = |line: &'static str| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [id, _, protection, tests] = cells[..] else { panic!("not four cells: {line}") };
        let tests = tests.split('`').skip(1).step_by(2).collect();
        Row { id: id.trim(), protection, tests }
    };
    lines.map(row).collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The names of all functions in the tests, and of what must not compile.
fn functions() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut waiting = vec![root().join("tests")];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(
                std::fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path())
                    .filter(|path| path.file_name().is_none_or(|name| name != "node_modules")),
            );
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            names.extend(text.lines().filter_map(function).map(str::to_owned));
            if path.parent().is_some_and(|parent| parent.ends_with("compile_fail")) {
                names.insert(path.file_stem().unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    names
}

/// The name of the function that a line begins.
fn function(line: &str) -> Option<&str> {
    let line = line.trim_start().trim_start_matches("async ");
    line.strip_prefix("fn ")?.split('(').next()
}

/// The first eight letters of an id: `5f92jrq3` of `GHSA-5f92-jrq3-28rc`.
fn short(id: &str) -> String {
    id.trim_start_matches("GHSA-").chars().filter(|letter| *letter != '-').take(8).collect()
}

#[test]
fn every_advisory_has_one_row() {
    let mut told: Vec<&str> = rows().iter().map(|row| row.id).filter(|id| *id != "—").collect();
    let mut known: Vec<&str> = IDS.lines().collect();
    told.sort_unstable();
    known.sort_unstable();
    assert_eq!(known.len(), 132);
    assert_eq!(told, known, "the rows of docs/advisories.md, and ids.txt");
    assert_eq!(rows().len() - told.len(), 26, "and the changes without an advisory");
}

#[test]
fn every_row_names_tests_that_there_are() {
    let functions = functions();
    for Row { id, protection, tests } in rows() {
        let absent = ["does not exist", "do not exist"].iter().any(|words| protection.contains(words));
        assert!(!tests.is_empty() || absent, "{id} has no test: {protection}");
        for test in tests {
            assert!(functions.contains(test), "{id}: there is no test {test}");
        }
    }
}

#[test]
fn every_test_of_an_advisory_is_in_its_row() {
    let rows = rows();
    let tests: Vec<String> = functions().into_iter().filter(|name| name.starts_with("adv_")).collect();
    assert!(tests.len() > 70, "the tests were not found: {tests:?}");
    for test in &tests {
        let row = rows.iter().find(|row| short(row.id) == test.get(4..12).unwrap_or_default());
        let row = row.unwrap_or_else(|| panic!("{test} is named after no advisory"));
        assert!(row.tests.contains(&test.as_str()), "{test} is not in the row of {}", row.id);
    }
}

/// A test that stands for several advisories says which.
#[test]
fn every_advisory_that_shares_a_test_is_named_in_it() {
    let sources = ["credentials", "side_paths", "names", "files", "surface", "accounts"];
    let text: String = sources
        .map(|name| std::fs::read_to_string(root().join(format!("tests/api/advisories/{name}.rs"))).unwrap())
        .concat();
    for row in rows().iter().filter(|row| row.id != "—") {
        let shared = row.tests.first().filter(|test| test.starts_with("adv_") && !test.contains(&short(row.id)));
        // All advisories about LiveQuery have the same answer.
        let by_name = shared.is_some() && !row.protection.contains("Subscriptions");
        assert!(!by_name || text.contains(row.id), "{} is not named in {}", row.id, row.tests[0]);
    }
}

#[test]
fn adv_6w8gmgvv_no_workflow_runs_foreign_code() {
    let mut workflows = vec![root().join(".ci/run")];
    if let Ok(entries) = std::fs::read_dir(root().join(".github/workflows")) {
        workflows.extend(entries.map(|entry| entry.unwrap().path()));
    }
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    for path in &workflows {
        for word in ["pull_request_target", "workflow_run", "secrets.", "GITHUB_TOKEN"] {
            assert!(!read(path).contains(word), "{}: {word}", path.display());
        }
    }
}

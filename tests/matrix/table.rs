//! The matrix as text.

use crate::cell::CONTRADICTION;

/// Who asks, in the order of the columns.
pub(crate) const CALLERS: [&str; 8] =
    ["anonymous", "stranger", "pointed", "named", "member", "junior", "read-only", "master"];

const PREAMBLE: &str = "\
The permission matrix. Written by `UPDATE=1 cargo test --test matrix`, and read in review.

Callers:  anonymous  knows the application id only
          stranger   a user whom no rule and no row names
          pointed    a user whom the fields owner (a pointer) and owners (an array) of the rows name
          named      a user whom permissions and ACLs name
          member     a member of the role Team
          junior     a member of the role Juniors, which is in Team, and so has what Team has
          read-only  the read-only master key
          master     the master key

Cells:    yes        it is done, or there is a value
          empty      an empty list, a count of 0, or false
          null       null; for a write: it is done, but its answer shows nothing
          a number   refused with this code; nothing has changed

A word in front of a colon is a root field of the schema; what follows says how it is used. Two rows, a and b, are of the same
kind. A holder, whom everybody may read, points to b, has a and b in a relation, and pointers to both in an array.
";

/// One rule, or one kind of row, with everything that can be done.
#[derive(Debug)]
pub(crate) struct Section {
    title: String,
    rows: Vec<(String, Vec<String>)>,
}

impl Section {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), rows: Vec::new() }
    }

    /// Adds the next caller's cell to the row of this label, which is made if it is new.
    pub(crate) fn push(&mut self, label: &str, cell: String) {
        match self.rows.iter_mut().find(|(known, _)| known == label) {
            Some((_, cells)) => cells.push(cell),
            None => self.rows.push((label.to_owned(), vec![cell])),
        }
    }

    fn lines(&self) -> Vec<String> {
        let heading = line("", CALLERS);
        let rows = self.rows.iter().map(|(label, cells)| {
            assert_eq!(cells.len(), CALLERS.len(), "{}: {label}", self.title);
            line(label, cells.iter().map(String::as_str))
        });
        [format!("== {}", self.title), heading].into_iter().chain(rows).collect()
    }
}

fn line<'a>(label: &str, cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|cell| format!(" {cell:<9}")).collect();
    format!("{label:<38}{}", cells.concat()).trim_end().to_owned()
}

/// The whole matrix.
pub(crate) fn text(sections: &[Section]) -> String {
    let mut text = PREAMBLE.to_owned();
    for section in sections {
        text.push('\n');
        for line in section.lines() {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

/// Each row that is not the same in both, with the section that it is in.
pub(crate) fn differences(committed: &str, actual: &str) -> Vec<String> {
    let (committed, actual) = (rows(committed), rows(actual));
    let changed = actual.iter().filter_map(|(name, row)| match committed.iter().find(|(known, _)| known == name) {
        None => Some(format!("{name}\n  new:       {row}")),
        Some((_, before)) if before != row => Some(format!("{name}\n  committed: {before}\n  now:       {row}")),
        Some(_) => None,
    });
    let gone = committed.iter().filter(|(name, _)| !actual.iter().any(|(known, _)| known == name));
    changed.chain(gone.map(|(name, row)| format!("{name}\n  gone:      {row}"))).collect()
}

/// Each row with a cell that says something else than what happened.
pub(crate) fn contradictions(text: &str) -> Vec<String> {
    let marked = rows(text).into_iter().filter(|(_, row)| row.contains(CONTRADICTION));
    marked.map(|(name, row)| format!("{name}\n  {row}")).collect()
}

/// Section and label of each row, and its cells.
fn rows(text: &str) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut title = "";
    for line in text.lines() {
        if let Some(next) = line.strip_prefix("== ") {
            title = next;
        } else if !title.is_empty() && line.len() > 38 && !line.starts_with(' ') {
            let (label, cells) = line.split_at(38);
            let cells: Vec<&str> = cells.split_whitespace().collect();
            rows.push((format!("{title} > {}", label.trim_end()), cells.join(" ")));
        }
    }
    rows
}

#[test]
fn differences_name_section_and_row() {
    let section = |cell: &str| {
        let mut section = Section::new("a rule");
        for _ in CALLERS {
            section.push("get", cell.to_owned());
        }
        text(&[section])
    };
    assert!(differences(&section("yes"), &section("yes")).is_empty());
    let found = differences(&section("yes"), &section("119"));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("a rule > get\n"), "{found:?}");
}

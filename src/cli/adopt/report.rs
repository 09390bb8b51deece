//! A look at a database, as text for whoever decides.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::store::adopt::{Additions, ClassSurvey, Survey, Users};

/// All of it.
pub(super) fn text(survey: &Survey) -> String {
    let mut text = String::from("What is there\n\n");
    classes(&mut text, &survey.classes);
    text.push('\n');
    let mut line = |name: &str, value: &str| writeln!(text, "  {name:<10}{value}").ok();
    line("users", &users(&survey.users));
    let sessions = &survey.sessions;
    line(
        "sessions",
        &format!(
            "{} open, {} expired; {} with a token that a Parse Server can read",
            number(sessions.open),
            number(sessions.expired),
            number(sessions.readable)
        ),
    );
    line("roles", &number(survey.roles));

    text.push_str("\nWhat `portcullis adopt` adds\n\n");
    additions(&mut text, &survey.additions);
    let fill = &survey.fill;
    let mut line = |name: &str, value: &str| writeln!(text, "  {name:<12}{value}").ok();
    match fill.rows {
        0 => line("permissions", "every row has its own"),
        rows => line(
            "permissions",
            &format!(
                "to {} rows that have none, and are public: they say so afterwards. About {}, an estimate at {} rows a second",
                number(rows),
                duration(fill.seconds),
                number(fill.rows_per_second)
            ),
        ),
    };

    text.push_str("\nWhat needs attention\n\n");
    if survey.attention.is_empty() {
        text.push_str("  nothing\n");
    }
    for finding in &survey.attention {
        writeln!(text, "  {}: {}", finding.subject, finding.text).ok();
    }

    text.push_str("\nWhat is left alone\n\n");
    let left_alone = if survey.left_alone.is_empty() { "nothing".to_owned() } else { survey.left_alone.join(", ") };
    writeln!(text, "  {left_alone}\n\nNothing was changed.").ok();
    text
}

/// A number with its thousands apart.
pub(super) fn number(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size in the unit that suits it.
pub(super) fn bytes(bytes: i64) -> String {
    let units = ["GB", "MB", "kB"].into_iter().zip([30, 20, 10]);
    let fitting = units.map(|(unit, shift)| (unit, bytes >> shift)).find(|(_, size)| *size > 0);
    fitting.map_or_else(|| format!("{bytes} bytes"), |(unit, size)| format!("{size} {unit}"))
}

fn duration(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200.. => format!("{} h", seconds / 3600),
    }
}

fn classes(text: &mut String, classes: &[ClassSurvey]) {
    let width = classes.iter().map(|class| class.name.len()).max().unwrap_or(0).max("class".len());
    let head = ["rows", "size", "public to read", "public to change", "without permissions"];
    let mut row = |name: &str, cells: [&str; 5]| {
        write!(text, "  {name:<width$}").ok();
        for (head, cell) in head.iter().zip(cells) {
            write!(text, "  {cell:>fill$}", fill = head.len().max(10)).ok();
        }
        text.push('\n');
    };
    row("class", head);
    for class in classes {
        let about = if class.exact { "" } else { "about " };
        let count = |count| format!("{about}{}", number(count));
        row(
            &class.name,
            [
                &count(class.rows),
                &bytes(class.bytes),
                &count(class.readable_by_everybody),
                &count(class.changeable_by_everybody),
                &count(class.without_permissions),
            ],
        );
    }
}

fn users(users: &Users) -> String {
    let mut parts = Vec::new();
    for (count, what) in [
        (users.bcrypt, "with a password of Parse Server (bcrypt; replaced at the next login)"),
        (users.argon2, "with a password of Portcullis (Argon2id)"),
        (users.unknown_hash, "with a password that cannot be checked"),
        (users.without_password, "without a password"),
    ] {
        if count > 0 {
            parts.push(format!("{} {what}", number(count)));
        }
    }
    let providers = users.providers.iter().map(|(provider, count)| format!("{} by {provider}", number(*count)));
    parts.extend(providers);
    match users.total {
        0 => "none".to_owned(),
        total => format!("{}: {}", number(total), parts.join(", ")),
    }
}

fn additions(text: &mut String, additions: &Additions) {
    let listed = |items: &[String]| if items.is_empty() { "none".to_owned() } else { items.join(", ") };
    let columns: Vec<_> =
        additions.columns.iter().map(|column| format!("{}.{} {}", column.table, column.name, column.kind)).collect();
    for (name, items) in [("tables", &additions.tables), ("triggers", &additions.triggers), ("columns", &columns)] {
        writeln!(text, "  {name:<12}{}", listed(items)).ok();
    }
    let mut tables: BTreeMap<&str, (i64, Vec<String>)> = BTreeMap::new();
    for index in &additions.indexes {
        let unfinished = if index.unfinished { " (was left unfinished)" } else { "" };
        let (size, names) = tables.entry(&index.table).or_default();
        *size = index.bytes;
        names.push(format!("{}{unfinished}", index.name));
    }
    if tables.is_empty() {
        writeln!(text, "  {:<12}none", "indexes").ok();
    }
    for (at, (table, (size, names))) in tables.iter().enumerate() {
        let head = if at == 0 { "indexes" } else { "" };
        writeln!(text, "  {head:<12}on {table} ({}): {}", bytes(*size), names.join(", ")).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sizes_and_times_are_easy_to_read() {
        for (value, told) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(number(value), told);
        }
        for (value, told) in [(0, "0 bytes"), (8192, "8 kB"), (3 << 20, "3 MB"), (7 << 30, "7 GB")] {
            assert_eq!(bytes(value), told);
        }
        for (value, told) in [(1, "1 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h")] {
            assert_eq!(duration(value), told);
        }
    }
}

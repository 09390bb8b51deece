//! The house rules, checked on the text of the sources.
//!
//! Each rule is a function of a file's path and text to the breaches in it, with tests on made-up
//! files which show that it can fail; `the_sources_obey` applies all rules to the real tree.

#[cfg(test)]
#[path = "architecture/code.rs"]
mod code;

#[cfg(test)]
mod rules {
    use std::collections::BTreeSet;
    use std::path::Path;

    use crate::code::{code_of, names_above, names_in_the_crate, words};

    /// The rooms in order: each may name itself and those before it.
    const ROOMS: &[&str] = &[
        "fault",
        "value",
        "class",
        "auth",
        "plan",
        "guard",
        "store",
        "files",
        "graphql",
        "config",
        "telemetry",
        "server",
        "cli",
    ];

    /// Libraries that only one room may name.
    const OWNERS: &[(&str, &str)] = &[
        ("sea_orm", "store"),
        ("sea_orm_migration", "store"),
        ("sea_query", "store"),
        ("sea_query_sqlx", "store"),
        ("sqlx", "store"),
        ("object_store", "files"),
        ("apollo_compiler", "graphql"),
        ("axum", "server"),
        ("opentelemetry", "telemetry"),
        ("opentelemetry_otlp", "telemetry"),
        ("opentelemetry_sdk", "telemetry"),
        ("tracing_opentelemetry", "telemetry"),
    ];

    /// Rooms that decide: the same input gives the same answer, at once.
    const PURE: &[&str] = &["plan", "guard"];

    /// What a pure room has no use for. A time that it is given may well be called `now`.
    const IMPURE: &[&str] = &["async", "await", "tokio", "SystemTime", "Instant", "Utc::now", "Local::now"];

    const MOST_LINES: usize = 500;

    /// A file of `src/`, without comments and the contents of literals.
    struct Source<'a> {
        path: &'a str,
        code: String,
    }

    impl<'a> Source<'a> {
        fn new(path: &'a str, text: &str) -> Self {
            Self { path, code: code_of(text) }
        }

        /// The modules that the file stands for: `src/guard/find.rs` is `guard`, `find`.
        fn modules(&self) -> Vec<&'a str> {
            let inner = self.path.strip_prefix("src/").unwrap_or(self.path);
            let inner = inner.strip_suffix(".rs").unwrap_or(inner);
            let mut modules: Vec<_> = inner.split('/').collect();
            modules.pop_if(|last| *last == "mod");
            modules
        }

        /// The room, or nothing for `lib.rs` and `main.rs`, which stand outside.
        fn room(&self) -> Option<&'a str> {
            self.modules().first().copied().filter(|room| !matches!(*room, "lib" | "main"))
        }

        fn breach(&self, what: &str) -> String {
            format!("{}: {what}", self.path)
        }
    }

    /// Every room has a place in the order.
    fn has_a_place(source: &Source<'_>) -> Vec<String> {
        match source.room() {
            Some(room) if !ROOMS.contains(&room) => {
                vec![source.breach(&format!("`{room}` has no place in the order"))]
            }
            _ => Vec::new(),
        }
    }

    /// A room names only itself and rooms before it. At the root there are only rooms: nothing is re-exported to be
    /// used inside.
    fn looks_left_only(source: &Source<'_>) -> Vec<String> {
        let Some(place) = source.room().and_then(place_of) else {
            return Vec::new();
        };
        let later = |name: &String| place_of(name).is_some_and(|other| other > place);
        let inner = names_in_the_crate(&source.code);
        let upper = names_above(source.modules().len(), &source.code);

        let unknown = inner.iter().filter(|name| place_of(name).is_none());
        let unknown = unknown.map(|name| source.breach(&format!("names `crate::{name}`, which is no room")));
        let later = inner.union(&upper).filter(|name| later(name));
        let later = later.map(|name| source.breach(&format!("names `{name}`, which comes later")));
        unknown.chain(later).collect()
    }

    /// A library is named by the room that owns it, and by no other.
    fn names_no_foreign_library(source: &Source<'_>) -> Vec<String> {
        let words: BTreeSet<_> = words(&source.code).collect();
        OWNERS
            .iter()
            .filter(|(library, owner)| words.contains(library) && source.room() != Some(owner))
            .map(|(library, owner)| source.breach(&format!("names `{library}`, which belongs to `{owner}`")))
            .collect()
    }

    /// Pure rooms neither wait nor look at a clock.
    fn stays_pure(source: &Source<'_>) -> Vec<String> {
        if !source.room().is_some_and(|room| PURE.contains(&room)) {
            return Vec::new();
        }
        let words: BTreeSet<_> = words(&source.code).collect();
        let found = IMPURE
            .iter()
            .filter(|impure| words.contains(*impure) || impure.contains("::") && source.code.contains(*impure));
        found.map(|word| source.breach(&format!("has `{word}`, and must be pure"))).collect()
    }

    /// A file is short enough to be read at one go, unless it was generated.
    fn is_short(path: &str, text: &str) -> Option<String> {
        let lines = text.lines().count();
        let generated = text.lines().take(3).any(|line| line.contains("@generated"));
        (lines > MOST_LINES && !generated).then(|| format!("{path}: {lines} lines, more than {MOST_LINES}"))
    }

    /// A file begins by saying what it is for.
    fn is_introduced(path: &str, text: &str) -> Option<String> {
        let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with("// @generated"));
        let introduced = first.is_some_and(|line| line.starts_with("//!"));
        (!introduced).then(|| format!("{path}: does not begin with `//!`"))
    }

    fn place_of(room: &str) -> Option<usize> {
        ROOMS.iter().position(|other| *other == room)
    }

    /// Rust files below a directory, as (path from the project's root, text).
    fn files(directory: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut waiting = vec![directory.to_owned()];
        while let Some(directory) = waiting.pop() {
            let Ok(entries) = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(&directory)) else {
                continue;
            };
            for entry in entries {
                let entry = entry.unwrap();
                let path = format!("{directory}/{}", entry.file_name().to_str().unwrap());
                if entry.file_type().unwrap().is_dir() {
                    waiting.push(path);
                } else if Path::new(&path).extension().is_some_and(|extension| extension == "rs") {
                    let text = std::fs::read_to_string(entry.path()).unwrap();
                    found.push((path, text));
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn the_sources_obey() {
        let sources = files("src");
        assert!(sources.len() > 5, "the sources were not found");
        let mut breaches = Vec::new();
        for (path, text) in &sources {
            let source = Source::new(path, text);
            for rule in [has_a_place, looks_left_only, names_no_foreign_library, stays_pure] {
                breaches.extend(rule(&source));
            }
        }

        let elsewhere = ["tests", "migration", "entity", "benches"].into_iter().flat_map(files);
        for (path, text) in sources.iter().cloned().chain(elsewhere) {
            breaches.extend(is_short(&path, &text));
            // What must not compile is an example and has its reason in its name.
            if !path.starts_with("tests/compile_fail/") {
                breaches.extend(is_introduced(&path, &text));
            }
        }
        assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
    }

    /// Checks the breaches that a rule finds in a made-up file.
    fn check(rule: fn(&Source<'_>) -> Vec<String>, path: &str, text: &str, expected: &[&str]) {
        assert_eq!(rule(&Source::new(path, text)), expected, "{path}: {text}");
    }

    #[test]
    fn a_new_room_needs_a_place_in_the_order() {
        check(has_a_place, "src/guard/mod.rs", "", &[]);
        check(has_a_place, "src/lib.rs", "", &[]);
        check(has_a_place, "src/util/mod.rs", "", &["src/util/mod.rs: `util` has no place in the order"]);
        check(has_a_place, "src/util.rs", "", &["src/util.rs: `util` has no place in the order"]);
    }

    #[test]
    fn a_room_may_not_look_at_a_later_one() {
        let later = &["src/guard/find.rs: names `store`, which comes later"][..];
        let check = |text, expected| check(looks_left_only, "src/guard/find.rs", text, expected);
        check("use crate::plan::Find;\nuse crate::guard::scope;", &[]);
        check("use crate::store::Store;", later);
        check("use crate::{plan::{Find, store}, store::{self, guard}};", later);
        check("use crate::\n    {\n  store::Store };", later);
        check("fn f() -> crate :: store::Store {}", later);
        check("pub(in crate::store) struct S;", later);
        check("use super::super::store::Store;", later);
        check("mod tests { use super::super::super::store::Store; }", later);
        check("use super::store_of;\nuse super::super::scope;", &[]);
        check("use crate::Snapshot;", &["src/guard/find.rs: names `crate::Snapshot`, which is no room"]);
    }

    #[test]
    fn comments_and_literals_may_name_any_room() {
        let text = r##"
            //! See [`crate::store`].
            /* /* */ crate::store */
            const A: &str = "\"crate::store"; const B: &str = r#""crate::store"#; const C: char = '"';
            fn f<'a>(_: &'a str) -> char { '\'' } // crate::store
        "##;
        check(looks_left_only, "src/guard/mod.rs", text, &[]);
        let after = format!("{text} use crate::store;");
        check(looks_left_only, "src/guard/mod.rs", &after, &["src/guard/mod.rs: names `store`, which comes later"]);
    }

    #[test]
    fn configuration_and_telemetry_are_for_the_outer_rooms() {
        check(looks_left_only, "src/server/mod.rs", "use crate::{config, telemetry};", &[]);
        let later = &["src/graphql/mod.rs: names `config`, which comes later"];
        check(looks_left_only, "src/graphql/mod.rs", "use crate::config::Config;", later);
        check(looks_left_only, "src/main.rs", "use portcullis::config::Config;", &[]);
    }

    #[test]
    fn a_library_is_named_by_its_owner_only() {
        check(names_no_foreign_library, "src/store/open.rs", "use sea_orm::Database;", &[]);
        check(names_no_foreign_library, "src/guard/mod.rs", "// sea_orm\nstruct MySeaOrm;", &[]);
        let foreign = &["src/cli/serve.rs: names `sea_orm`, which belongs to `store`"];
        check(names_no_foreign_library, "src/cli/serve.rs", "use sea_orm::Database;", foreign);
        let foreign = &["src/graphql/mod.rs: names `axum`, which belongs to `server`"];
        check(names_no_foreign_library, "src/graphql/mod.rs", "type R = axum::Json;", foreign);
        let foreign = &["src/main.rs: names `opentelemetry`, which belongs to `telemetry`"];
        check(names_no_foreign_library, "src/main.rs", "use opentelemetry as o;", foreign);
        let foreign = &["src/server/mod.rs: names `apollo_compiler`, which belongs to `graphql`"];
        check(names_no_foreign_library, "src/server/mod.rs", "use apollo_compiler::Schema;", foreign);
    }

    #[test]
    fn plans_and_decisions_neither_wait_nor_look_at_a_clock() {
        check(stays_pure, "src/guard/mod.rs", "/// Not async.\nfn find(now: DateTime<Utc>) {}", &[]);
        check(stays_pure, "src/store/mod.rs", "async fn find() { Utc::now() }", &[]);
        check(stays_pure, "src/plan/mod.rs", "async fn f() {}", &["src/plan/mod.rs: has `async`, and must be pure"]);
        check(
            stays_pure,
            "src/guard/a.rs",
            "let t = Utc::now();",
            &["src/guard/a.rs: has `Utc::now`, and must be pure"],
        );
    }

    #[test]
    fn long_files_are_for_machines() {
        let long = "//! x\n".repeat(MOST_LINES + 1);
        assert_eq!(is_short("a.rs", &"\n".repeat(MOST_LINES)), None);
        assert_eq!(is_short("a.rs", &long), Some("a.rs: 501 lines, more than 500".to_owned()));
        assert_eq!(is_short("a.rs", &format!("// @generated by x\n{long}")), None);
    }

    #[test]
    fn a_file_begins_with_what_it_is_for() {
        assert_eq!(is_introduced("a.rs", "//! Why.\nfn f() {}"), None);
        assert_eq!(is_introduced("a.rs", "// @generated\n\n//! Why."), None);
        for text in ["", "/// Not this.\nfn f() {}", "use x;\n//! Too late."] {
            assert_eq!(is_introduced("a.rs", text), Some("a.rs: does not begin with `//!`".to_owned()));
        }
    }
}

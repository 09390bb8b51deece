//! The permission matrix: who may do what, by which rule and on which path, as the real server answers it.
//!
//! `matrix.txt` is committed and read in review. `UPDATE=1 cargo test --test matrix` writes it anew, from SQLite; then
//! run the test without `UPDATE`, so that PostgreSQL has its say.
//!
//! Every cell is one request to a server with the real defaults. A cell of a write is also checked by its effect, with the
//! master key: what is refused must change nothing.

#[cfg(test)]
#[path = "../api/harness/mod.rs"]
mod harness;

#[cfg(test)]
mod admin;
#[cfg(test)]
mod cast;
#[cfg(test)]
mod cell;
#[cfg(test)]
mod kinds;
#[cfg(test)]
mod notes;
#[cfg(test)]
mod paths;
#[cfg(test)]
mod protected;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod table;
#[cfg(test)]
mod users;

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::cast::Cast;
    use super::harness::{Database, on_both_databases};
    use super::table::{self, Section};
    use super::{admin, notes, protected, roles, sessions, users};

    on_both_databases![the_matrix_is_as_committed];

    async fn the_matrix_is_as_committed(database: &Database) {
        let update = setting("UPDATE").is_some();
        if update && database.is_postgres() {
            return;
        }
        let actual = table::text(&sections(database).await);
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/matrix/matrix.txt");
        if update {
            std::fs::write(&file, &actual).unwrap();
        }
        let committed = std::fs::read_to_string(file).unwrap_or_default();
        let differences = table::differences(&committed, &actual);
        assert!(
            differences.is_empty(),
            "{} rows differ from tests/matrix/matrix.txt (UPDATE=1 writes it anew):\n\n{}",
            differences.len(),
            differences.join("\n")
        );
        let contradictions = table::contradictions(&actual);
        assert!(contradictions.is_empty(), "answers that are not what happened:\n\n{}", contradictions.join("\n"));
    }

    async fn sections(database: &Database) -> Vec<Section> {
        let cast = Cast::enter(database).await;
        let mut sections = notes::sections(&cast).await;
        sections.extend(protected::sections(&cast).await);
        sections.extend(users::sections(&cast).await);
        sections.push(sessions::section(&cast).await);
        sections.push(roles::section(&cast).await);
        sections.extend(admin::sections(&cast).await);
        sections
    }

    #[expect(clippy::disallowed_methods, reason = "a setting of the tests is none of the server")]
    fn setting(name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

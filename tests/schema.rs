//! `schema.graphql` is the schema of a server without classes of its own, and the permission matrix covers it.
//!
//! `UPDATE=1 cargo test --test schema` writes the file anew. Its difference is what a reviewer looks at.

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::process::Command;

    #[test]
    fn the_schema_is_as_committed() {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        command.args(["schema", "print", "--empty", "--log", "error"]).current_dir(std::env::temp_dir());
        // What is set for the tests is not meant for the program.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PORTCULLIS_")) {
            command.env_remove(name);
        }
        let printed = command.output().unwrap();
        assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
        let printed = String::from_utf8(printed.stdout).unwrap();
        let file = file("schema.graphql");
        if is_update() {
            std::fs::write(&file, &printed).unwrap();
            return;
        }
        let committed = std::fs::read_to_string(&file).unwrap_or_default();
        let difference = committed.lines().zip(printed.lines()).position(|(before, now)| before != now);
        let line = difference.unwrap_or_else(|| committed.lines().count().min(printed.lines().count()));
        assert!(
            committed == printed,
            "schema.graphql is not what the program prints, from line {} on (UPDATE=1 writes it anew):\n  committed: {}\n  printed:   {}",
            line + 1,
            committed.lines().nth(line).unwrap_or("(nothing)"),
            printed.lines().nth(line).unwrap_or("(nothing)")
        );
    }

    #[test]
    fn every_root_field_is_in_the_permission_matrix() {
        let schema = std::fs::read_to_string(file("schema.graphql")).expect("schema.graphql is there");
        let matrix = std::fs::read_to_string(file("tests/matrix/matrix.txt")).expect("the matrix is there");
        let covered: Vec<&str> = matrix
            .lines()
            .filter(|line| line.contains(':'))
            .filter_map(|line| line.split([':', ',', ' ']).next())
            .collect();
        let fields = root_fields(&schema);
        assert!(fields.len() > 30, "the root fields are found: {fields:?}");
        let missing: Vec<_> = fields.iter().filter(|field| !covered.contains(&field.as_str())).collect();
        assert!(missing.is_empty(), "no row of tests/matrix/matrix.txt is about {missing:?}");
    }

    /// The fields of Query and Mutation.
    fn root_fields(schema: &str) -> Vec<String> {
        let mut fields = Vec::new();
        let mut inside = false;
        let mut text = false;
        for line in schema.lines() {
            if line.contains("\"\"\"") && line.matches("\"\"\"").count() == 1 {
                text = !text;
            } else if text || line.trim_start().starts_with('"') {
                // A description.
            } else if line.starts_with("type Query ") || line.starts_with("type Mutation ") {
                inside = true;
            } else if line.starts_with('}') {
                inside = false;
            } else if inside && line.starts_with("  ") && !line.starts_with("   ") {
                let name = line.trim().split(['(', ':']).next().unwrap_or_default();
                if name.chars().all(char::is_alphanumeric) && !name.is_empty() {
                    fields.push(name.to_owned());
                }
            }
        }
        fields
    }

    fn file(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
    }

    #[expect(clippy::disallowed_methods, reason = "a setting of the tests is none of the server")]
    fn is_update() -> bool {
        std::env::var_os("UPDATE").is_some()
    }
}

//! The walk in the README, executed exactly as it is printed there.
//!
//! The server runs in an empty directory with its real defaults, but for the port, as the README tells the newcomer to
//! start it. The commands run as one script in the same directory; every line that they print must
//! be the next line that the README shows behind `# `.

#[cfg(test)]
#[path = "api/harness/mod.rs"]
mod harness;

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Stdio;
    use std::time::Duration;

    use tokio::process::Command;

    use super::harness::{Database, Server, on_both_databases};

    on_both_databases![the_walk_goes_as_the_readme_tells];

    async fn the_walk_goes_as_the_readme_tells(database: &Database) {
        let script = script(include_str!("../README.md"));
        let server = Server::options(database)
            .without("--data-dir")
            .without("--app-id")
            .without("--master-key")
            .without("--read-only-master-key")
            .without("--class-defaults")
            .start()
            .await;

        let printed = run(&script, server.url(), database.data_dir()).await;
        let mistakes = compare(&expected(&script), &printed);
        assert!(mistakes.is_empty(), "the walk does not go as the README tells:\n\n{mistakes}");
    }

    /// The text of the `sh` blocks between the marks.
    fn script(readme: &str) -> String {
        let (_, walk) = readme.split_once("<!-- walk -->").expect("the walk begins");
        let (walk, _) = walk.split_once("<!-- end of the walk -->").expect("the walk ends");
        let blocks = walk.split("```sh\n").skip(1);
        blocks.map(|block| block.split_once("```").expect("the block ends").0).collect()
    }

    /// The lines that the README shows, each with the command above it.
    fn expected(script: &str) -> Vec<(String, String)> {
        let mut lines = Vec::new();
        let mut command = "";
        for line in script.lines() {
            match line.strip_prefix("# ") {
                Some(answer) => lines.push((command.to_owned(), answer.to_owned())),
                None if !line.trim().is_empty() => command = line,
                None => {}
            }
        }
        lines
    }

    async fn run(script: &str, url: &str, directory: &Path) -> Vec<String> {
        let mut command = Command::new("bash");
        command.arg("-c").arg(script).current_dir(directory).env("PORTCULLIS_URL", url);
        command.stdin(Stdio::null()).kill_on_drop(true);
        let output = tokio::time::timeout(Duration::from_mins(2), command.output()).await;
        let output = output.expect("the walk takes longer than two minutes").unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && errors.is_empty(), "{}: {errors}", output.status);
        String::from_utf8(output.stdout).unwrap().lines().map(ToOwned::to_owned).collect()
    }

    /// Says for each line that is wrong, missing or too much what should have been.
    fn compare(expected: &[(String, String)], printed: &[String]) -> String {
        let mut mistakes = Vec::new();
        for at in 0..expected.len().max(printed.len()) {
            let (wanted, got) = (expected.get(at), printed.get(at));
            if wanted.map(|(_, line)| line) == got {
                continue;
            }
            let command = wanted.map_or("(the walk is over)", |(command, _)| command);
            let wanted = wanted.map_or("(nothing)", |(_, line)| line);
            let got = got.map_or("(nothing)", String::as_str);
            mistakes.push(format!("answer {}, to: {command}\n  README: {wanted}\n  server: {got}\n", at + 1));
        }
        mistakes.concat()
    }

    #[test]
    fn a_walk_is_read_from_marks_and_blocks() {
        let readme = "```sh\nnot this\n```\n<!-- walk -->\nText\n```sh\necho a\n# a\n```\nMore\n```sh\n\necho b\n\
            # b\n# c\n```\n<!-- end of the walk -->\n```sh\nnor this\n```\n";
        let script = script(readme);
        assert_eq!(script, "echo a\n# a\n\necho b\n# b\n# c\n");
        let pair = |command: &str, answer: &str| (command.to_owned(), answer.to_owned());
        assert_eq!(expected(&script), [pair("echo a", "a"), pair("echo b", "b"), pair("echo b", "c")]);

        let mistakes = compare(&expected(&script), &["a".to_owned(), "x".to_owned()]);
        assert!(mistakes.contains("README: b\n  server: x") && mistakes.contains("README: c\n  server: (nothing)"));
    }
}

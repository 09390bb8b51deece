//! The tables in the README are those of the program.

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::process::Command;

    use portcullis::fault::Code;

    const README: &str = include_str!("../README.md");

    #[test]
    fn the_error_codes_are_those_of_the_program() {
        let (_, table) = README.split_once("<!-- codes -->\n").expect("the codes begin");
        let (table, _) = table.split_once("<!-- end of the codes -->").expect("the codes end");
        let rows: String = Code::ALL.iter().map(|code| row(*code)).collect();
        let expected = format!("| Code | Name | Message unless there is a better one |\n| --- | --- | --- |\n{rows}");
        assert!(table == expected, "the table of error codes in README.md should be:\n\n{expected}");
    }

    fn row(code: Code) -> String {
        format!("| {} | {} | {} |\n", code.number(), words(&format!("{code:?}")), code.message())
    }

    /// `ObjectNotFound` as `OBJECT_NOT_FOUND`.
    fn words(name: &str) -> String {
        let mut text = String::new();
        for letter in name.chars() {
            if letter.is_uppercase() && !text.is_empty() {
                text.push('_');
            }
            text.extend(letter.to_uppercase());
        }
        text
    }

    #[test]
    fn the_settings_are_those_that_the_help_lists() {
        let (_, table) = README.split_once("| Setting | Environment |").expect("the settings begin");
        let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
        let mut told = BTreeSet::new();
        for row in rows {
            let mut cells = row.split('|').map(|cell| cell.trim().trim_matches('`'));
            let (name, variable) = (cells.nth(1).unwrap(), cells.next().unwrap());
            assert_eq!(variable, format!("PORTCULLIS_{}", name.to_uppercase()), "the variable of {name}");
            assert!(told.insert(name.to_owned()), "{name} stands twice in the table");
        }

        let help = Command::new(env!("CARGO_BIN_EXE_portcullis")).args(["serve", "--help"]).output().unwrap();
        assert!(help.status.success());
        let help = String::from_utf8(help.stdout).unwrap();
        let flags = help.lines().filter_map(|line| line.trim_start().strip_prefix("--"));
        let flags = flags.filter_map(|flag| flag.split([' ', '.']).next()).map(|flag| flag.replace('-', "_"));
        let listed: BTreeSet<String> = flags.filter(|flag| flag != "config" && flag != "help").collect();
        assert_eq!(told, listed, "the settings of README.md (left) and of `portcullis serve --help` (right)");
    }
}

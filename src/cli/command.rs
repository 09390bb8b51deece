//! The command line: what there is to type, and what was typed.
//!
//! The flags of settings come from the table in [`crate::config`], so a new setting has a flag and a
//! place in the help at once.

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::config::{ALL, Group, PREFIX, Setting, Sources};

const ABOUT: &str = "A GraphQL backend server where every read and write passes one guard.";

const START: &str = "\
To begin, run `portcullis serve` in an empty directory. It makes an SQLite database and keys there,
and prints where the API is. Nothing has to be configured.";

const NAMES: &str = "\
Every setting has one name in three places: the flag --master-key, the environment variable
PORTCULLIS_MASTER_KEY and master_key in portcullis.toml. Flags win over the environment, the
environment over the file. Traces are sent to the collector in OTEL_EXPORTER_OTLP_ENDPOINT.";

/// What is to be done, and with which settings.
pub(super) struct Invocation {
    pub(super) task: Task,
    pub(super) sources: Sources,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Task {
    Serve,
    Migrate,
    Backup { target: PathBuf },
    SchemaPrint { empty: bool },
    Adopt,
    AdoptCheck { json: bool },
}

/// Understands a command line. The error is a message for the user, which may also be the help.
pub(super) fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Invocation, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(arguments)?;
    let (task, matches) = match matches.subcommand() {
        Some(("serve", serve)) => (Task::Serve, serve),
        Some(("migrate", migrate)) => (Task::Migrate, migrate),
        Some(("backup", backup)) => {
            let target = backup.get_one::<PathBuf>("file").cloned();
            (Task::Backup { target: target.unwrap_or_default() }, backup)
        }
        Some(("adopt", adopt)) if adopt.get_flag("check") => (Task::AdoptCheck { json: adopt.get_flag("json") }, adopt),
        Some(("adopt", adopt)) => (Task::Adopt, adopt),
        Some(("schema", schema)) => match schema.subcommand() {
            Some(("print", print)) => (Task::SchemaPrint { empty: print.get_flag("empty") }, print),
            _ => return Err(unknown(&mut command)),
        },
        _ => return Err(unknown(&mut command)),
    };
    let sources = Sources {
        flags: flags(matches),
        file: matches.get_one::<PathBuf>("config").cloned(),
        environment: environment.into_iter().collect(),
    };
    Ok(Invocation { task, sources })
}

/// The whole command line. Each command has the flags that matter to it; all settings of the
/// environment and the file are known to every command.
pub(super) fn command() -> Command {
    let everything = |_: &Setting| true;
    let of_database = |setting: &Setting| {
        matches!(setting.group, Group::Database | Group::Logging)
            || matches!(setting.name, "data_dir" | "database_url" | "class_defaults")
    };
    let serve = Command::new("serve")
        .about("Run the server; creates the database and brings it up to date first")
        .args(settings(everything))
        .after_help(NAMES);
    let migrate = Command::new("migrate")
        .about("Bring the database up to date, without running the server")
        .args(settings(of_database))
        .after_help(NAMES);
    let print = Command::new("print")
        .about("Print the GraphQL schema, as SDL, of the configured database")
        .long_about(
            "Print the GraphQL schema, as SDL, of the configured database.\n\n\
             The database is brought up to date first, as `serve` does. Without a database, that is, \
             without a database_url and without an SQLite file in the data directory, it is the schema of \
             a server that has no classes of its own, and nothing is created.",
        )
        .arg(
            Arg::new("empty")
                .long("empty")
                .action(ArgAction::SetTrue)
                .help("Print the schema of a server that has no classes of its own"),
        )
        .args(settings(of_database))
        .after_help(NAMES);
    let backup = backup().args(settings(of_database)).after_help(NAMES);
    let adopt = adopt().args(settings(of_database)).after_help(NAMES);
    let schema = Command::new("schema")
        .about("Look at the GraphQL schema")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(print);
    Command::new("portcullis")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(START)
        .max_term_width(100)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([serve, migrate, backup, adopt, schema])
}

fn backup() -> Command {
    Command::new("backup")
        .about("Copy an SQLite database to a file, while servers work with it")
        .long_about(
            "Copy an SQLite database to a file, while servers work with it.\n\n\
             The copy has everything that was acknowledged before it began. Nothing is overwritten, and only the \
             owner can read the file. Keys and uploaded files are no part of the database: keep keys.toml and files \
             of the data directory, too. Back up a PostgreSQL database with its own pg_dump.",
        )
        .arg(
            Arg::new("file")
                .value_name("FILE")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("The file to make"),
        )
}

fn adopt() -> Command {
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    Command::new("adopt")
        .about("Take over the PostgreSQL database of a Parse Server, while it goes on working")
        .long_about(
            "Take over the PostgreSQL database of a Parse Server, while it goes on working.\n\n\
             `portcullis serve` works on such a database at once. This adds what makes it fast: indexes, and \
             the permissions of rows that have none. It can be stopped at any time and run again. It needs a \
             connection to PostgreSQL itself, not to a pooler that shares connections.",
        )
        .arg(flag("check", "Only look, change nothing, and tell what there is and what would be done"))
        .arg(flag("json", "Tell it as JSON").requires("check"))
}

fn settings(wanted: impl Fn(&Setting) -> bool) -> Vec<Arg> {
    let config = Arg::new("config")
        .long("config")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .help_heading(Group::General.heading())
        .help(format!("The file with settings, also as {PREFIX}CONFIG [default: portcullis.toml, if it is there]"));
    let flags = ALL.iter().filter(|setting| wanted(setting)).map(|setting| {
        let help = match setting.default {
            "" => setting.help.to_owned(),
            default => format!("{} [default: {default}]", setting.help),
        };
        // Values are read together with those of the other sources, to report all mistakes at once.
        Arg::new(setting.name)
            .long(setting.flag())
            .value_name(setting.value)
            .action(if setting.list { ArgAction::Append } else { ArgAction::Set })
            .allow_hyphen_values(true)
            .help_heading(setting.group.heading())
            .help(help)
    });
    std::iter::once(config).chain(flags).collect()
}

fn flags(matches: &ArgMatches) -> BTreeMap<String, Vec<String>> {
    let given = ALL.iter().filter_map(|setting| {
        // A command does not have every flag.
        let values = matches.try_get_many::<String>(setting.name).ok().flatten()?;
        Some((setting.name.to_owned(), values.cloned().collect()))
    });
    given.collect()
}

fn unknown(command: &mut Command) -> clap::Error {
    command.error(clap::error::ErrorKind::InvalidSubcommand, "there is no such command")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Invocation, clap::Error> {
        parse(line.split_whitespace().map(OsString::from), [])
    }

    #[test]
    fn the_command_line_is_well_formed() {
        command().debug_assert();
    }

    #[test]
    fn commands_are_understood() {
        for (line, task) in [
            ("portcullis serve", Task::Serve),
            ("portcullis migrate --database-url postgres://h/d", Task::Migrate),
            ("portcullis backup copy.db", Task::Backup { target: "copy.db".into() }),
            ("portcullis adopt", Task::Adopt),
            ("portcullis adopt --check", Task::AdoptCheck { json: false }),
            ("portcullis adopt --check --json", Task::AdoptCheck { json: true }),
            ("portcullis schema print", Task::SchemaPrint { empty: false }),
            ("portcullis schema print --empty", Task::SchemaPrint { empty: true }),
        ] {
            assert_eq!(parsed(line).ok().map(|invocation| invocation.task), Some(task), "{line}");
        }
        for line in [
            "portcullis",
            "portcullis fly",
            "portcullis schema",
            "portcullis backup",
            "portcullis adopt --json",
            "portcullis serve --lisen x",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }

    #[test]
    fn flags_reach_the_configuration() {
        let line = "portcullis serve --config p.toml --listen 127.0.0.1:1 --client-keys a --client-keys b,c";
        let sources = parsed(line).unwrap().sources;
        assert_eq!(sources.file, Some(PathBuf::from("p.toml")));
        assert_eq!(sources.flags["listen"], ["127.0.0.1:1"]);
        assert_eq!(sources.flags["client_keys"], ["a", "b,c"]);
    }
}

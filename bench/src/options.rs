//! What there is to type.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, value_parser};

use crate::workload::{self, Does, Workload};

/// What is to be done.
pub(crate) enum Command {
    /// Compare and measure.
    Run(Options),
    /// Compare only.
    Check(Options),
    /// Be the floor.
    Floor {
        /// Where to listen.
        listen: SocketAddr,
        /// The database with the rows.
        database_url: String,
    },
}

/// A database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// A PostgreSQL server.
    Postgres,
    /// A file.
    Sqlite,
}

/// A server that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Parse Server.
    Parse,
    /// An earlier Portcullis.
    Baseline,
    /// Portcullis.
    Portcullis,
    /// Hand-written SQL.
    Floor,
}

/// A part of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Requests per second and how long they take.
    Throughput,
    /// What the guard costs.
    Guard,
    /// Start, memory, new classes.
    Sizes,
}

/// What was typed.
pub(crate) struct Options {
    pub(crate) engines: Vec<Engine>,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) parts: Vec<Part>,
    pub(crate) workloads: Vec<&'static Workload>,
    pub(crate) connections: Vec<usize>,
    pub(crate) rounds: usize,
    pub(crate) seconds: f64,
    pub(crate) scale: f64,
    pub(crate) fresh: bool,
    pub(crate) remove: bool,
    pub(crate) prefix: String,
    pub(crate) postgres_url: String,
    pub(crate) portcullis: Option<PathBuf>,
    pub(crate) baseline: Option<String>,
    pub(crate) directory: PathBuf,
}

impl Options {
    /// Whether a part is wanted.
    pub(crate) fn does(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }

    /// The wanted workloads that do one of these.
    pub(crate) fn workloads_that(&self, does: &[Does]) -> impl Iterator<Item = &'static Workload> {
        self.workloads.iter().copied().filter(|workload| does.contains(&workload.does))
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Postgres => "PostgreSQL",
            Self::Sqlite => "SQLite",
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Parse => "Parse Server",
            Self::Baseline => "baseline",
            Self::Portcullis => "Portcullis",
            Self::Floor => "floor",
        })
    }
}

/// Understands the command line, or explains it and ends the program.
pub(crate) fn parse() -> Command {
    let matches = command().get_matches();
    match matches.subcommand() {
        Some(("floor", floor)) => Command::Floor {
            listen: *floor.get_one("listen").expect("a required argument"),
            database_url: one(floor, "database-url"),
        },
        Some(("check", _)) => Command::Check(options(&matches)),
        _ => Command::Run(options(&matches)),
    }
}

fn command() -> clap::Command {
    let list = |name: &'static str, help: &'static str, all: Vec<&'static str>| {
        let all = clap::builder::PossibleValuesParser::new(all);
        Arg::new(name).long(name).value_delimiter(',').value_parser(all).help(help).global(true)
    };
    let value = |name: &'static str, help: &'static str| Arg::new(name).long(name).help(help).global(true);
    let flag = |name: &'static str, help: &'static str| value(name, help).action(ArgAction::SetTrue);
    let floor = clap::Command::new("floor")
        .about("Be the floor: answer each workload by hand-written SQL")
        .arg(Arg::new("listen").long("listen").required(true).value_parser(value_parser!(SocketAddr)))
        .arg(Arg::new("database-url").long("database-url").required(true));
    clap::Command::new("bench")
        .about("Measures Portcullis beside Parse Server and beside hand-written SQL")
        .subcommand(floor)
        .subcommand(clap::Command::new("check").about("Compare the answers of all servers, and measure nothing"))
        .arg(list("databases", "Which databases [default: both]", vec!["postgres", "sqlite"]))
        .arg(list(
            "subjects",
            "Which servers beside Portcullis [default: all that can be had]",
            vec!["parse", "floor", "none"],
        ))
        .arg(list("parts", "Which parts [default: all]", vec!["throughput", "guard", "sizes"]))
        .arg(list("workloads", "Which workloads [default: all]", workload::ALL.iter().map(|one| one.name).collect()))
        .arg(
            value("connections", "How many connections at a time [default: 1,16,64]")
                .value_delimiter(',')
                .value_parser(value_parser!(u16).range(1..)),
        )
        .arg(
            value("rounds", "How often everything is measured [default: 3]")
                .value_parser(value_parser!(u16).range(1..)),
        )
        .arg(value("seconds", "How long one measurement takes [default: 0.8]").value_parser(value_parser!(f64)))
        .arg(value("scale", "The share of the rows [default: 1]").value_parser(value_parser!(f64)))
        .arg(flag("quick", "A tenth of the rows, one round, shorter, 16 connections: about a minute"))
        .arg(flag("fresh", "Make the databases anew instead of using those of the last run"))
        .arg(flag("remove", "Remove the databases at the end"))
        .arg(value("prefix", "How the names of databases begin").default_value("portcullis_bench"))
        .arg(
            value("postgres-url", "A PostgreSQL server where databases may be made")
                .default_value("postgres://postgres@127.0.0.1:5432/postgres"),
        )
        .arg(value("portcullis", "The server's binary [default: build it]").value_parser(value_parser!(PathBuf)))
        .arg(value("baseline", "Compare with an earlier Portcullis: a git revision, or a binary"))
        .arg(
            value("directory", "Where databases, logs and results go")
                .value_parser(value_parser!(PathBuf))
                .default_value("target/bench"),
        )
}

fn one(matches: &ArgMatches, name: &str) -> String {
    matches.get_one::<String>(name).cloned().unwrap_or_default()
}

fn options(matches: &ArgMatches) -> Options {
    // What stands behind a subcommand is found in the subcommand's matches only.
    let matches = matches.subcommand().map_or(matches, |(_, of_command)| of_command);
    let quick = matches.get_flag("quick");
    let listed =
        |name: &str| matches.get_many::<String>(name).map(|values| values.map(String::as_str).collect::<Vec<_>>());
    let wanted = |name: &str, value: &str| listed(name).is_none_or(|values| values.contains(&value));
    let engines = [("postgres", Engine::Postgres), ("sqlite", Engine::Sqlite)];
    let parts = [("throughput", Part::Throughput), ("guard", Part::Guard), ("sizes", Part::Sizes)];
    let baseline: Option<String> = matches.get_one("baseline").cloned();
    let mut kinds = Vec::new();
    if wanted("subjects", "parse") {
        kinds.push(Kind::Parse);
    }
    if baseline.is_some() {
        kinds.push(Kind::Baseline);
    }
    kinds.push(Kind::Portcullis);
    if wanted("subjects", "floor") {
        kinds.push(Kind::Floor);
    }
    let numbers = |name: &str| matches.get_many::<u16>(name).map(|values| values.copied().map(usize::from).collect());
    Options {
        engines: engines.into_iter().filter(|(name, _)| wanted("databases", name)).map(|(_, engine)| engine).collect(),
        parts: parts.into_iter().filter(|(name, _)| wanted("parts", name)).map(|(_, part)| part).collect(),
        kinds,
        workloads: workload::ALL.iter().filter(|workload| wanted("workloads", workload.name)).collect(),
        connections: numbers("connections").unwrap_or_else(|| if quick { vec![16] } else { vec![1, 16, 64] }),
        rounds: matches.get_one::<u16>("rounds").copied().map_or(if quick { 1 } else { 3 }, usize::from),
        seconds: matches.get_one("seconds").copied().unwrap_or(if quick { 0.4 } else { 0.8 }),
        scale: matches.get_one("scale").copied().unwrap_or(if quick { 0.1 } else { 1.0 }),
        fresh: matches.get_flag("fresh"),
        remove: matches.get_flag("remove"),
        prefix: one(matches, "prefix"),
        postgres_url: one(matches, "postgres-url"),
        portcullis: matches.get_one("portcullis").cloned(),
        baseline,
        directory: matches.get_one("directory").cloned().unwrap_or_default(),
    }
}

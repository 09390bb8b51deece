//! The classes and rows of the benchmark.
//!
//! Portcullis makes the database and the classes, as it would for an application; the rows come in by SQL. Parse Server
//! starts on another one that is made alike, which has its layout, and loses the indexes that Parse Server would not have made.

mod postgres;
mod sqlite;

use std::path::Path;

use argon2::Argon2;
use argon2::password_hash::PasswordHasher as _;
use serde_json::{Value as Json, json};

use crate::Result;
use crate::http;
use crate::options::{Engine, Options};
use crate::subject::Process;
use crate::workload::Caller;

/// Raised whenever classes or rows change, so that databases of former runs are not used again.
const VERSION: u32 = 1;

/// How many categories posts have.
pub(crate) const CATEGORIES: u64 = 100;

/// How many users can log in with Argon2id, and as many again with bcrypt.
pub(crate) const LOGINS: u64 = 64;

/// How many sessions databases without objects get.
pub(crate) const SESSIONS: u64 = 10_000;

/// Their password.
pub(crate) const PASSWORD: &str = "a password of the benchmark";

/// A text of an ordinary length.
pub(crate) const BODY: &str =
    "The quick brown fox jumps over the lazy dog, and the dog, who has seen this before, goes on sleeping in the sun.";

/// How many rows there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) posts: u64,
    pub(crate) diaries: u64,
    pub(crate) papers: u64,
    pub(crate) reports: u64,
    pub(crate) notes: u64,
    pub(crate) users: u64,
}

/// A database with the rows.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    name: String,
    pub(crate) url: String,
}

impl Size {
    pub(crate) fn new(scale: f64) -> Self {
        let rows = |full: f64| ((full * scale / 1000.0).round() as u64).max(1) * 1000;
        Self {
            posts: rows(100_000.0),
            diaries: rows(1_000_000.0),
            papers: rows(100_000.0),
            reports: rows(100_000.0),
            notes: rows(10_000.0),
            users: rows(10_000.0),
        }
    }

    /// The last row before page 1,000 of the posts that user 0 sees; with fewer rows, before a page as far in.
    pub(crate) const fn before_late_page(self) -> u64 {
        self.posts / 2 - 51
    }

    /// The script with its numbers filled in.
    fn fill(self, script: &str, logins: &Logins) -> String {
        let numbers = [
            ("{posts}", self.posts),
            ("{diaries}", self.diaries),
            // Every so many of the diaries is the caller's: 43 altogether.
            ("{step}", self.diaries.div_ceil(43)),
            ("{papers}", self.papers),
            ("{reports}", self.reports),
            ("{notes}", self.notes),
            ("{users}", self.users),
            ("{categories}", CATEGORIES),
            ("{logins}", LOGINS),
        ];
        let script =
            numbers.iter().fold(script.to_owned(), |text, (name, number)| text.replace(name, &number.to_string()));
        script.replace("{body}", BODY).replace("{argon2id}", &logins.argon2id).replace("{bcrypt}", &logins.bcrypt)
    }
}

/// The hashes of the password.
struct Logins {
    argon2id: String,
    bcrypt: String,
}

impl Logins {
    fn new() -> Result<Self> {
        let hash = Argon2::default().hash_password(PASSWORD.as_bytes()).map_err(|error| error.to_string())?;
        // The cost that Parse Server uses.
        Ok(Self { argon2id: hash.to_string(), bcrypt: bcrypt::hash(PASSWORD, 10)? })
    }
}

/// The id of a row.
pub(crate) fn id(letter: char, number: u64) -> String {
    format!("{letter}{number:09}")
}

/// The session token of a user.
pub(crate) fn token(user: u64) -> String {
    format!("r:{user:032x}")
}

/// Makes the database, or finds the one of the last run and takes back what that wrote.
pub(crate) async fn prepare(options: &Options, engine: Engine, binary: &Path, suffix: &str) -> Result<Database> {
    let size = Size::new(options.scale);
    let name = format!("{}_{VERSION}_{}{suffix}", options.prefix, size.posts / 1000);
    let url = url(options, engine, &name)?;
    let usable = !options.fresh
        && match engine {
            Engine::Postgres => postgres::is_complete(options, &name, &url).await?,
            Engine::Sqlite => sqlite::is_complete(&url).await,
        };
    if !usable {
        println!("making {name} in {engine}: {} rows", size.posts + size.diaries + size.papers + size.reports);
        match engine {
            Engine::Postgres => postgres::create(options, &name, &url).await?,
            Engine::Sqlite => sqlite::create(&url)?,
        }
        make_classes(options, binary, &url).await?;
        let logins = Logins::new()?;
        match engine {
            Engine::Postgres => {
                postgres::run(&url, &size.fill(include_str!("postgres_users.sql"), &logins)).await?;
                postgres::run(&url, &size.fill(include_str!("postgres.sql"), &logins)).await?;
            }
            Engine::Sqlite => {
                sqlite::run(&url, &size.fill(include_str!("sqlite_users.sql"), &logins)).await?;
                sqlite::run(&url, &size.fill(include_str!("sqlite.sql"), &logins)).await?;
            }
        }
    }
    let logins = Logins { argon2id: String::new(), bcrypt: String::new() };
    match engine {
        Engine::Postgres => postgres::run(&url, &size.fill(include_str!("postgres_written.sql"), &logins)).await?,
        Engine::Sqlite => sqlite::run(&url, &size.fill(include_str!("sqlite_written.sql"), &logins)).await?,
    }
    Ok(Database { name, url })
}

/// Leaves the indexes that a database of Parse Server has, and the one that the application has made.
pub(crate) async fn drop_our_indexes(database: &Database) -> Result<()> {
    postgres::run(&database.url, include_str!("postgres_of_parse.sql")).await
}

/// Where the database of this name is.
fn url(options: &Options, engine: Engine, name: &str) -> Result<String> {
    match engine {
        Engine::Postgres => postgres::url(&options.postgres_url, name),
        Engine::Sqlite => {
            Ok(format!("sqlite:{}", std::path::absolute(options.directory.join(format!("{name}.db")))?.display()))
        }
    }
}

/// An empty database of this name.
pub(crate) async fn empty(options: &Options, engine: Engine, name: &str) -> Result<Database> {
    let name = format!("{}_{name}", options.prefix);
    let url = url(options, engine, &name)?;
    match engine {
        Engine::Postgres => postgres::create(options, &name, &url).await?,
        Engine::Sqlite => sqlite::create(&url)?,
    }
    Ok(Database { name, url })
}

/// Gives a database without objects its users, roles and sessions.
pub(crate) async fn fill_sessions(options: &Options, engine: Engine, database: &Database) -> Result<()> {
    let users = Size { users: SESSIONS, ..Size::new(options.scale) };
    let logins = Logins { argon2id: String::new(), bcrypt: String::new() };
    match engine {
        Engine::Postgres => {
            postgres::run(&database.url, &users.fill(include_str!("postgres_users.sql"), &logins)).await
        }
        Engine::Sqlite => sqlite::run(&database.url, &users.fill(include_str!("sqlite_users.sql"), &logins)).await,
    }
}

/// Removes a database.
pub(crate) async fn remove(options: &Options, engine: Engine, database: &Database) -> Result<()> {
    match engine {
        Engine::Postgres => postgres::remove(options, &database.name).await,
        Engine::Sqlite => sqlite::remove(&database.url),
    }
}

async fn make_classes(options: &Options, binary: &Path, url: &str) -> Result<()> {
    let server = Process::portcullis(options, binary, url).await?;
    for class in classes() {
        create_class(&server, class).await?;
    }
    server.stop().await
}

/// Makes a class.
pub(crate) async fn create_class(server: &Process, class: Json) -> Result<()> {
    let mutation = "mutation ($class: CreateClassInput!) { createClass(input: $class) { class { name } } }";
    http::ask(server.address, &Caller::Master, mutation, json!({"class": class})).await?;
    Ok(())
}

fn classes() -> Vec<Json> {
    let names = |names: &[&str]| -> Json { names.iter().map(|name| json!({"name": name})).collect() };
    let plain = |name: &str| json!({"name": name, "schemaFields": {"addStrings": names(&["name"])}});
    let list = |name: &str| {
        let index = json!({"name": "by_category", "keys": [{"field": "category"}, {"field": "createdAt"}]});
        json!({"name": name, "schemaFields": {
            "addStrings": names(&["title", "body", "category"]),
            "addNumbers": names(&["score"]),
            "addBooleans": names(&["active"]),
            "addDates": names(&["publishedAt"]),
            "addPointers": [{"name": "author", "targetClassName": "Author"}],
            "addRelations": [{"name": "tags", "targetClassName": "Tag"}],
            "addIndexes": [index],
        }})
    };
    let titled = |name: &str| json!({"name": name, "schemaFields": {"addStrings": names(&["title", "body"])}});
    let note = json!({"name": "Note", "schemaFields": {
        "addStrings": names(&["title", "body"]),
        "addNumbers": names(&["number"]),
        "addBooleans": names(&["done"]),
        "addPointers": [{"name": "editor", "targetClassName": "Editor"}],
    }});
    vec![
        plain("Author"),
        plain("Tag"),
        plain("Editor"),
        list("Post"),
        list("Report"),
        titled("Diary"),
        titled("Paper"),
        note,
    ]
}

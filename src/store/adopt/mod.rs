//! Taking over the database of a Parse Server: looking at it, and giving it what Portcullis has beside the rows.
//!
//! Whoever has the address of the database and its password may do this; that is the proof, as it is for the migrations.
//!
//! **Invariant:** what comes out are numbers and names, and ids of accounts that are in each other's way; no row. What changes of
//! rows are missing lists of permissions, which become the list that says the same. So nobody sees or may do more
//! than before, and there is nothing for the guard to decide.

mod build;
mod counts;
mod fill;
mod findings;
mod layout;
mod survey;
mod wanted;

pub use survey::{
    Additions, ClassSurvey, ColumnToAdd, FillEstimate, Finding, FindingKind, IndexToAdd, Sessions, Survey, Users,
};

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _};
use tokio::sync::watch;

use self::build::{Builder, Built};
use self::layout::Layout;
use super::Store;
use super::connect::{self, Purpose};
use super::ddl::{self, quoted};
use super::dialect::Dialect;
use super::error::Error;
use super::options::Options;
use crate::class::{ROLE, SESSION, USER};

/// What one run of `adopt` holds, so that there is one at a time.
const ADOPT_LOCK: i64 = 0x706f_7274_0003;

/// How often it is tried to become that one. Waiting inside the database would hold up an index that is being built.
const AGAIN: Duration = Duration::from_millis(500);

/// How long a change of a table waits for those who use it: others wait behind it.
const BRIEF: &str = "SET lock_timeout = '500ms'";

/// How often such a change is tried.
const TRIES: u32 = 120;

/// How many rows a second are assumed to be filled. Two busy cores have done twice as many, a slow disk may do half.
const ROWS_PER_SECOND: i64 = 5_000;

/// What happens while a database is adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Another run, or what an interrupted one has left running, is not done yet.
    Waiting,
    /// Tables, functions and triggers are there.
    Migrated,
    /// A table or column was added.
    Added(String),
    /// Some rows of a class were looked at.
    Filling {
        /// The class.
        class: String,
        /// How many rows.
        looked_at: i64,
        /// How many of them lacked permissions, and have them now.
        changed: i64,
    },
    /// A class is done.
    Filled {
        /// The class.
        class: String,
        /// How many rows have permissions now that had none.
        changed: i64,
        /// How many were held by others all the time.
        left: i64,
    },
    /// An index is being built.
    Building(IndexToAdd),
    /// An index is there.
    Built(String),
    /// An index was left out, because there are duplicates.
    LeftOut(String),
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adopted {
    /// There is nothing left to do.
    All,
    /// Some rows or indexes were left out, as the steps have told.
    Mostly,
    /// Somebody asked to stop; the next run goes on from here.
    Stopped,
}

/// Whether somebody has asked to stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens to a sender, which sends true.
    pub const fn new(receiver: watch::Receiver<bool>) -> Self {
        Self(receiver)
    }

    fn is_wanted(&self) -> bool {
        *self.0.borrow()
    }

    async fn wanted(&self) {
        if self.0.clone().wait_for(|wanted| *wanted).await.is_err() {
            // Nobody is left who could ask.
            std::future::pending::<()>().await;
        }
    }
}

/// Looks at a database, over a connection on which the database refuses every change.
pub async fn check(options: &Options) -> Result<Survey, Error> {
    let mut connection = connect::single(options, Purpose::Looking).await?;
    let layout = Layout::read(&mut connection).await?;
    let mut attention = findings::of_layout(&layout);
    let mut classes = Vec::new();
    for stored in &layout.classes {
        let name = stored.class.name.as_str();
        let Some(table) = layout.tables.get(name) else { continue };
        let class = counts::class(&mut connection, name, table).await?;
        if ![USER, SESSION].contains(&name) {
            attention.extend(findings::of_class(&layout, &class));
        }
        classes.push(class);
    }
    let users = counts::users(&mut connection, &layout).await?;
    attention.extend(findings::of_users(&users));
    attention.extend(duplicates(&mut connection, &layout).await?);
    attention.sort_by_key(|finding| finding.kind);
    let rows = classes.iter().filter(|class| is_filled(&class.name)).map(|class| class.without_permissions).sum();
    Ok(Survey {
        users,
        sessions: counts::sessions(&mut connection, &layout).await?,
        roles: counts::roles(&mut connection, &layout).await?,
        additions: wanted::additions(&layout),
        fill: FillEstimate {
            rows,
            rows_per_second: ROWS_PER_SECOND,
            seconds: (rows + ROWS_PER_SECOND - 1) / ROWS_PER_SECOND,
        },
        attention,
        left_alone: findings::left_alone(&layout),
        classes,
    })
}

async fn duplicates(connection: &mut PgConnection, layout: &Layout) -> Result<Vec<Finding>, Error> {
    let cases = [
        (
            USER,
            "username",
            r#"lower("username")"#,
            FindingKind::DuplicateUsernames,
            "user names that differ in case only",
        ),
        (USER, "email", r#"lower("email")"#, FindingKind::DuplicateEmails, "e-mail addresses that differ in case only"),
        (ROLE, "name", r#""name""#, FindingKind::DuplicateRoles, "role names that stand more than once"),
    ];
    let mut found = Vec::new();
    for (table, column, sameness, kind, what) in cases {
        if layout.tables.get(table).is_some_and(|table| table.columns.contains_key(column)) {
            let duplicates = counts::duplicates(connection, table, sameness).await?;
            found.extend(findings::of_duplicates(kind, what, &duplicates));
        }
    }
    Ok(found)
}

/// Sessions are their users', whatever their lists say.
fn is_filled(class: &str) -> bool {
    class != SESSION
}

/// Gives a database what is missing, while others work with it. It can be stopped or killed at any time, and run again.
pub async fn adopt(options: &Options, stop: &Stop, report: &mut (dyn FnMut(Step) + Send)) -> Result<Adopted, Error> {
    let mut connection = connect::single(options, Purpose::Working).await?;
    if !lock(&mut connection, stop, report).await? {
        return Ok(Adopted::Stopped);
    }
    Store::migrate(options).await?;
    report(Step::Migrated);
    let layout = Layout::read(&mut connection).await?;
    add(&mut connection, &layout, report).await?;

    // Permissions first: each row that changes has an entry in every index that is there.
    let layout = Layout::read(&mut connection).await?;
    let mut all = true;
    for class in layout.classes.iter().map(|stored| stored.class.name.as_str()).filter(|class| is_filled(class)) {
        if !layout.tables.contains_key(class) {
            continue;
        }
        let filled = fill::class(&mut connection, class, stop, report).await?;
        if stop.is_wanted() {
            return Ok(Adopted::Stopped);
        }
        all &= filled.left == 0;
        report(Step::Filled { class: class.to_owned(), changed: filled.changed, left: filled.left });
    }
    let mut builder = Builder { connection: &mut connection, options, stop };
    for (index, told) in wanted::missing_indexes(&layout) {
        if stop.is_wanted() {
            return Ok(Adopted::Stopped);
        }
        let unfinished = told.unfinished;
        report(Step::Building(told));
        match builder.build(&index, unfinished).await? {
            Built::Done => report(Step::Built(index.name)),
            Built::Duplicates => {
                all = false;
                report(Step::LeftOut(index.name));
            }
            Built::Stopped => return Ok(Adopted::Stopped),
        }
    }
    Ok(if all { Adopted::All } else { Adopted::Mostly })
}

/// Becomes the only run; false if somebody asked to stop before. The lock is gone with the connection, however it ends.
async fn lock(
    connection: &mut PgConnection,
    stop: &Stop,
    report: &mut (dyn FnMut(Step) + Send),
) -> Result<bool, Error> {
    let mut told = false;
    loop {
        let ours: bool =
            sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(ADOPT_LOCK).fetch_one(&mut *connection).await?;
        if ours || stop.is_wanted() {
            return Ok(ours && !stop.is_wanted());
        }
        if !told {
            report(Step::Waiting);
            told = true;
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Adds tables of relations and columns that are missing.
async fn add(
    connection: &mut PgConnection,
    layout: &Layout,
    report: &mut (dyn FnMut(Step) + Send),
) -> Result<(), Error> {
    let additions = wanted::additions(layout);
    for table in &additions.tables {
        brief(connection, &ddl::join_table(Dialect::Postgres, table)).await?;
        report(Step::Added(format!("table {table}")));
    }
    for column in &additions.columns {
        let (table, name, kind) = (quoted(&column.table), quoted(&column.name), &column.kind);
        brief(connection, &format!("ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {name} {kind}")).await?;
        report(Step::Added(format!("column {} of {}", column.name, column.table)));
    }
    Ok(())
}

/// Makes a change that takes no time, once nobody is in its way.
async fn brief(connection: &mut PgConnection, statement: &str) -> Result<(), Error> {
    connection.execute(BRIEF).await?;
    let mut tries = 0;
    loop {
        match connection.execute(AssertSqlSafe(statement.to_owned())).await.map_err(Error::from) {
            Err(error) if error.code().as_deref() == Some("55P03") && tries < TRIES => tries += 1,
            Err(error) if error.code().as_deref() == Some("42P07") => break,
            done => {
                done?;
                break;
            }
        }
        tokio::time::sleep(AGAIN).await;
    }
    connection.execute("SET lock_timeout = 0").await?;
    Ok(())
}

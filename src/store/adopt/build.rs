//! Building indexes while others write, and clearing up after a build that was interrupted.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _};

use super::Stop;
use crate::store::connect::{self, Purpose};
use crate::store::ddl::Index;
use crate::store::error::Error;
use crate::store::options::Options;

/// What became of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Built {
    /// It is there.
    Done,
    /// Rows contradict it.
    Duplicates,
    /// Somebody asked to stop.
    Stopped,
}

/// Builds indexes, one after the other, until somebody asks to stop.
pub(super) struct Builder<'a> {
    pub(super) connection: &'a mut PgConnection,
    pub(super) options: &'a Options,
    pub(super) stop: &'a Stop,
}

impl Builder<'_> {
    /// Builds an index. What is unfinished is dropped first, and whenever the build does not end well: it would cost
    /// every writer time, keep rows out if it is unique, and serve nobody.
    pub(super) async fn build(&mut self, index: &Index, unfinished: bool) -> Result<Built, Error> {
        if unfinished && let Err(error) = self.run(index.drop_concurrently()).await {
            return self.stopped_by(error);
        }
        let Err(error) = self.run(index.create_concurrently()).await else { return Ok(Built::Done) };
        self.clear_up(index).await?;
        match error.code().as_deref() {
            Some("23505") => Ok(Built::Duplicates),
            _ => self.stopped_by(error),
        }
    }

    fn stopped_by(&self, error: Error) -> Result<Built, Error> {
        match error.code().as_deref() {
            Some("57014") if self.stop.is_wanted() => Ok(Built::Stopped),
            _ => Err(error),
        }
    }

    /// Runs a statement that may take hours, and ends it when somebody asks to stop.
    async fn run(&mut self, statement: String) -> Result<(), Error> {
        let process: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *self.connection).await?;
        let running = self.connection.execute(AssertSqlSafe(statement));
        tokio::pin!(running);
        tokio::select! {
            done = &mut running => done?,
            () = self.stop.wanted() => {
                cancel(self.options, process).await?;
                running.await?
            }
        };
        Ok(())
    }

    /// Drops what a build has left, unless somebody is in the way for long; then the next run does it.
    async fn clear_up(&mut self, index: &Index) -> Result<(), Error> {
        self.connection.execute("SET lock_timeout = '2s'").await?;
        let dropped = self.connection.execute(AssertSqlSafe(index.drop_concurrently())).await.map_err(Error::from);
        if let Err(error) = dropped
            && error.code().as_deref() != Some("55P03")
        {
            return Err(error);
        }
        self.connection.execute("SET lock_timeout = 0").await?;
        Ok(())
    }
}

/// Ends what another connection is doing.
async fn cancel(options: &Options, process: i32) -> Result<(), Error> {
    let mut other = connect::single(options, Purpose::Looking).await?;
    sqlx::query("SELECT pg_cancel_backend($1)").bind(process).execute(&mut other).await?;
    Ok(())
}

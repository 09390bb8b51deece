//! The accounts of users: who may log in, how failures are counted, and which passwords there were.
//!
//! **Invariant:** whether a log-in counts is decided by the statement that changes the account, never by what was read
//! before, so that log-ins at the same time do not outrun each other, on however many servers.

use secrecy::ExposeSecret as _;

use super::error::Error;
use super::execute::Executor;
use super::render::{self, Table};
use super::rows::Raw;
use super::sql::Sql;
use super::write;
use crate::auth::{Accepted, Account, AccountRules, Attempt, KnownAccount, Lockout, PasswordHash, Target};
use crate::fault::Fault;
use crate::guard::AdmittedUpdate;
use crate::value::{Date, ObjectId};

/// The table of names that are nobody's.
const STRANGERS: &str = "_Portcullis_Strangers";

/// The account with this user name, else the one with this e-mail address.
pub(super) async fn account(executor: Executor<'_>, name: &str) -> Result<Option<Account>, Fault> {
    let mut sql = Sql::from(
        executor.dialect(),
        r#"SELECT "objectId", "_hashed_password", "_rperm", "_wperm" FROM "_User" WHERE "username" = "#,
    );
    sql.text(name).push(r#" OR "email" = "#).text(name);
    sql.push(r#" ORDER BY CASE WHEN "username" = "#).text(name).push(" THEN 0 ELSE 1 END LIMIT 1");
    let row = executor.row(sql).await?;
    let Some(row) = &row else { return Ok(None) };
    let row = Raw::new(row)?;
    Ok(Some(Account { user: ObjectId::new(row.required(0)?), password: hash(row, 1)?, closed: is_closed(row, 2)? }))
}

/// True if nobody may read or write the row of a user, as the two columns from this one on say.
pub(super) fn is_closed(row: Raw<'_>, at: usize) -> Result<bool, Error> {
    let nobody = |at| row.texts(at).map(|principals| principals.is_some_and(|principals| principals.is_empty()));
    Ok(nobody(at)? && nobody(at + 1)?)
}

/// Lets a user in whose hash is still the verified one, unless the account is locked or has been closed since. The row is held
/// until the transaction ends.
pub(super) async fn accept_log_in(
    executor: Executor<'_>,
    attempt: &Attempt,
    rules: &AccountRules,
    now: Date,
) -> Result<Option<Accepted>, Fault> {
    let writes = rules.lockout.is_some() || rules.passwords.max_age.is_some();
    let mut sql = if writes {
        Sql::from(executor.dialect(), r#"UPDATE "_User" AS "s" SET "#)
    } else {
        Sql::from(executor.dialect(), r#"SELECT "objectId", "_password_changed_at" FROM "_User" AS "s""#)
    };
    if rules.lockout.is_some() {
        sql.push(r#""_failed_login_count" = 0, "_account_lockout_expires_at" = NULL"#);
    }
    if rules.passwords.max_age.is_some() {
        // If nobody knows how old the password is, it begins to age now.
        let separator = if rules.lockout.is_some() { ", " } else { "" };
        sql.push(separator)
            .push(r#""_password_changed_at" = coalesce("s"."_password_changed_at", "#)
            .date(now)
            .push(")");
    }
    // What is wrong takes the same statement as what is right.
    let user = match &attempt.target {
        Target::User(user) => user.as_str(),
        Target::Stranger(_) => "",
    };
    sql.push(r#" WHERE "s"."objectId" = "#).text(user).push(r#" AND "s"."_hashed_password" = "#);
    sql.text(attempt.right.as_ref().map_or_else(String::new, text)).push(" AND ").boolean(attempt.right.is_some());
    sql.push(r#" AND ("s"."_rperm" IS DISTINCT FROM "#).principals(&[]);
    sql.push(r#" OR "s"."_wperm" IS DISTINCT FROM "#).principals(&[]).push(")");
    if let Some(lockout) = rules.lockout {
        sql.push(" AND ");
        is_not_locked(&mut sql, lockout, now);
    }
    if writes {
        sql.push(r#" RETURNING "objectId", "_password_changed_at""#);
    } else {
        sql.for_update();
    }
    let row = executor.row(sql).await?;
    let Some(row) = &row else { return Ok(None) };
    let row = Raw::new(row)?;
    Ok(Some(Accepted { user: ObjectId::new(row.required(0)?), password_set: row.date(1)? }))
}

/// Counts a failure, and locks the account if it was the last that is allowed. False if the account is locked already:
/// then nothing is counted, and the lock does not get longer.
pub(super) async fn count_failure(
    executor: Executor<'_>,
    target: &Target,
    lockout: Lockout,
    now: Date,
) -> Result<bool, Fault> {
    let dialect = executor.dialect();
    // Either a lock ends then, or the failures are forgotten.
    let end = now.plus(lockout.duration).unwrap_or(now);
    let mut sql = match target {
        Target::User(user) => {
            let mut sql = Sql::from(dialect, r#"UPDATE "_User" AS "s" SET "#);
            counted(&mut sql, now, end);
            sql.push(r#" WHERE "s"."objectId" = "#).text(user.as_str()).push(" AND ");
            sql
        }
        Target::Stranger(name) => {
            let mut sql = Sql::from(dialect, "INSERT INTO ");
            sql.ident(STRANGERS)
                .push(r#" AS "s" ("name", "_failed_login_count", "_account_lockout_expires_at") VALUES ("#);
            sql.text(name.as_str()).push(", 1, ").date(end).push(r#") ON CONFLICT ("name") DO UPDATE SET "#);
            counted(&mut sql, now, end);
            sql.push(" WHERE ");
            sql
        }
    };
    is_not_locked(&mut sql, lockout, now);
    sql.push(r#" RETURNING "_failed_login_count""#);
    Ok(executor.row(sql).await?.is_some())
}

/// Replaces a hash that is still the old one.
pub(super) async fn replace_hash(
    executor: Executor<'_>,
    user: &ObjectId,
    old: &PasswordHash,
    new: &PasswordHash,
) -> Result<(), Fault> {
    let mut sql = Sql::from(executor.dialect(), r#"UPDATE "_User" SET "_hashed_password" = "#);
    sql.text(text(new)).push(r#" WHERE "objectId" = "#).text(user.as_str());
    sql.push(r#" AND "_hashed_password" = "#).text(text(old));
    executor.execute(sql).await?;
    Ok(())
}

/// Forgets names that are nobody's and were not used for long.
pub(super) async fn forget_strangers(executor: Executor<'_>, now: Date) -> Result<(), Fault> {
    let mut sql = Sql::from(executor.dialect(), "DELETE FROM ");
    sql.ident(STRANGERS).push(r#" WHERE "_account_lockout_expires_at" <= "#).date(now);
    executor.execute(sql).await?;
    Ok(())
}

/// Keeps a user as it is until the transaction ends. Statements that follow see what others did to it before.
pub(super) async fn hold(executor: Executor<'_>, user: &ObjectId) -> Result<(), Fault> {
    let mut sql = Sql::from(executor.dialect(), r#"SELECT "objectId" FROM "_User" WHERE "objectId" = "#);
    sql.text(user.as_str()).for_update();
    executor.row(sql).await?;
    Ok(())
}

/// What is known of an account whose password somebody may change: the plan's scope is that of the change.
pub(super) async fn known(executor: Executor<'_>, plan: &AdmittedUpdate) -> Result<KnownAccount, Fault> {
    let mut sql = Sql::from(executor.dialect(), "SELECT ");
    let table = Table::new(&mut sql, plan.class());
    sql.separated(["username", "_hashed_password", "_password_history"], ", ", |sql, name| {
        sql.column(table.alias, name);
    });
    sql.push(" FROM ").named(plan.class().name.as_str(), table.alias);
    sql.push(" WHERE ").column(table.alias, "objectId").push(" = ").text(plan.id().as_str()).push(" AND ");
    render::scope(&mut sql, table, plan.scope());
    let row = executor.row(sql).await?;
    let Some(row) = &row else { return Err(write::out_of_reach(plan.class(), plan.scope())) };
    let row = Raw::new(row)?;
    // What a Parse Server has left there is taken as far as it is understood.
    let earlier: Vec<String> = row.json(2)?.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    Ok(KnownAccount {
        username: row.text(0)?.map(str::to_owned),
        password: hash(row, 1)?,
        earlier: earlier.into_iter().map(PasswordHash::from_database).collect(),
    })
}

/// The text of a hash, for its column.
pub(super) fn text(hash: &PasswordHash) -> String {
    hash.clone().into_secret().expose_secret().to_owned()
}

fn hash(row: Raw<'_>, at: usize) -> Result<Option<PasswordHash>, Fault> {
    Ok(row.text(at)?.map(|hash| PasswordHash::from_database(hash.to_owned())))
}

/// Adds the new counter and the new end. A counter whose end has passed begins anew, and so does one after a lock.
fn counted(sql: &mut Sql, now: Date, end: Date) {
    sql.push(r#""_failed_login_count" = CASE WHEN "s"."_account_lockout_expires_at" <= "#).date(now);
    sql.push(r#" THEN 1 ELSE coalesce("s"."_failed_login_count", 0) + 1 END, "_account_lockout_expires_at" = "#);
    sql.date(end);
}

/// Adds the condition that the account is not locked. A Parse Server understands a lock in the same way.
fn is_not_locked(sql: &mut Sql, lockout: Lockout, now: Date) {
    sql.push(r#"("s"."_account_lockout_expires_at" > "#).date(now).push(r#" AND "s"."_failed_login_count" >= "#);
    sql.number(f64::from(lockout.threshold)).push(") IS NOT TRUE");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Directory as _;
    use crate::store::{Options, Store};

    #[tokio::test]
    async fn nobody_gets_into_an_account_that_is_closed_while_the_password_is_verified() {
        let store = Box::pin(Store::open(&Options::of_test("sqlite::memory:"))).await.unwrap();
        let define = async |script: &str| store.shared.executor().define(script).await.unwrap();
        define(
            r#"INSERT INTO "_User" ("objectId", "createdAt", "updatedAt", "username", "_hashed_password", "_rperm", "_wperm") VALUES ('alice', 0, 0, 'alice', 'hash', '["*"]', '[]')"#,
        )
        .await;
        let account = store.account("alice").await.unwrap().unwrap();
        let accepted = async || {
            let attempt = Attempt { target: Target::User(account.user.clone()), right: account.password.clone() };
            let now = Date::from_millis(0).unwrap();
            store.accept_log_in(&attempt, &AccountRules::default(), now).await.unwrap().is_some()
        };
        assert!(!account.closed && accepted().await);
        define(r#"UPDATE "_User" SET "_rperm" = '[]'"#).await;
        assert!(store.account("alice").await.unwrap().unwrap().closed);
        assert!(!accepted().await);
    }
}

//! The questions of authentication about sessions and roles, before anybody is known.

use std::collections::HashMap;

use serde_json::json;

use super::accounts;
use super::error::Error;
use super::execute::Executor;
use super::rows::Raw;
use super::sql::Sql;
use super::write::Tokens;
use crate::auth::{Extension, Identity, NewSession, SessionRecord, SessionToken};
use crate::class::RoleName;
use crate::fault::Fault;
use crate::value::{ObjectId, Value};

/// The session of a token, if there is one.
pub(super) type Answer = Result<Option<SessionRecord>, Fault>;

/// The sessions of tokens, whether they are stored as they are or as digests, with all roles of their users: one statement.
///
/// A role that is gone hands nothing on, so each step looks at the role itself. Roles are collected as a set, so cycles end.
pub(super) async fn sessions(executor: Executor<'_>, tokens: &[SessionToken]) -> Result<Vec<Answer>, Fault> {
    let digests: Vec<String> = tokens.iter().map(SessionToken::hashed).collect();
    let mut sql = Sql::from(
        executor.dialect(),
        r#"WITH RECURSIVE "found" AS (SELECT "s"."objectId" AS "id", "s"."user" AS "user", "s"."expiresAt" AS "until", "s"."updatedAt" AS "touched", ("u"."authData" ->> 'anonymous') IS NOT NULL AS "anonymous", "s"."sessionToken" AS "token" FROM "_Session" AS "s" JOIN "_User" AS "u" ON "u"."objectId" = "s"."user" WHERE "s"."sessionToken""#,
    );
    sql.is_one_of(digests.iter().map(String::as_str).chain(tokens.iter().map(SessionToken::reveal)));
    sql.push(concat!(
        r#"), "held"("user", "id", "name") AS ("#,
        r#"SELECT "found"."user", "r"."objectId", "r"."name" FROM "found" JOIN "_Join:users:_Role" AS "j" ON "j"."relatedId" = "found"."user" "#,
        r#"JOIN "_Role" AS "r" ON "r"."objectId" = "j"."owningId" UNION "#,
        r#"SELECT "held"."user", "r"."objectId", "r"."name" FROM "held" JOIN "_Join:roles:_Role" AS "j" ON "j"."relatedId" = "held"."id" "#,
        r#"JOIN "_Role" AS "r" ON "r"."objectId" = "j"."owningId") "#,
        r#"SELECT "found"."id", "found"."user", "found"."until", "found"."anonymous", "found"."touched", "roles"."names", "found"."token" "#,
        r#"FROM "found" LEFT JOIN (SELECT "user", "#,
    ));
    sql.collected("name").push(r#" AS "names" FROM "held" WHERE "name" IS NOT NULL GROUP BY "user") AS "roles" "#);
    sql.push(r#"ON "roles"."user" = "found"."user""#);
    let rows = executor.rows(sql).await?;
    let mut found = HashMap::new();
    for row in &rows {
        let row = Raw::new(row)?;
        // What is wrong with one session is no matter of the others.
        found.insert(row.required(6)?, record(row).map_err(Fault::from));
    }
    let of = |(token, digest): (&SessionToken, &String)| {
        found.get(digest.as_str()).or_else(|| found.get(token.reveal())).cloned().unwrap_or(Ok(None))
    };
    Ok(tokens.iter().zip(&digests).map(of).collect())
}

fn record(row: Raw<'_>) -> Result<Option<SessionRecord>, Error> {
    let (session, user) = (ObjectId::new(row.required(0)?), ObjectId::new(row.required(1)?));
    let anonymous = row.boolean(3)?.unwrap_or_default();
    let roles = row.texts(5)?.unwrap_or_default().into_iter().map(RoleName::known).collect();
    let Some(identity) = Identity::new(session, user, anonymous, roles) else { return Ok(None) };
    Ok(Some(SessionRecord { identity: identity.into(), expires_at: row.date(2)?, updated_at: row.date(4)? }))
}

/// The anonymous user with this id. Nobody gets into a closed account (101).
pub(super) async fn anonymous_user(executor: Executor<'_>, id: &str) -> Result<Option<ObjectId>, Fault> {
    find_anonymous_user(executor, id, false).await
}

/// The same, held until the transaction ends: whoever ends the id is waited for, or waits.
pub(super) async fn hold_anonymous_user(executor: Executor<'_>, id: &str) -> Result<Option<ObjectId>, Fault> {
    find_anonymous_user(executor, id, true).await
}

async fn find_anonymous_user(executor: Executor<'_>, id: &str, hold: bool) -> Result<Option<ObjectId>, Fault> {
    let columns = r#"SELECT "objectId", "_rperm", "_wperm" FROM "_User" WHERE "authData" -> 'anonymous' ->> 'id' = "#;
    let mut sql = Sql::from(executor.dialect(), columns);
    sql.text(id);
    if hold {
        sql.for_update();
    }
    let row = executor.row(sql).await?;
    let Some(row) = &row else { return Ok(None) };
    let row = Raw::new(row)?;
    if accounts::is_closed(row, 1)? {
        return Err(Fault::not_found());
    }
    Ok(Some(ObjectId::new(row.required(0)?)))
}

/// Opens a session; the same user's older one on the same installation ends. Belongs in a transaction, in which nobody
/// else can change the user.
pub(super) async fn open_session(
    executor: Executor<'_>,
    session: &NewSession<'_>,
    tokens: Tokens,
) -> Result<(), Fault> {
    let dialect = executor.dialect();
    accounts::hold(executor, session.user).await?;
    if let Some(installation) = session.installation_id {
        end_session_on(executor, session.user, installation).await?;
    }
    let created_with =
        json!({"action": session.created_with.action(), "authProvider": session.created_with.provider()});
    let own = [session.user.to_smol()];
    let mut sql = Sql::from(
        dialect,
        r#"INSERT INTO "_Session" ("objectId", "createdAt", "updatedAt", "user", "sessionToken", "createdWith", "installationId", "expiresAt", "_rperm", "_wperm") VALUES ("#,
    );
    sql.text(session.id.as_str()).push(", ").date(session.now).push(", ").date(session.now).push(", ");
    sql.text(session.user.as_str()).push(", ").text(tokens.stored(session.token)).push(", ").json(&created_with);
    sql.push(", ").stored(&session.installation_id.map_or(Value::Null, |id| Value::String(id.to_owned())));
    sql.push(", ").stored(&session.expires_at.map_or(Value::Null, Value::Date));
    sql.push(", ").principals(&own).push(", ").principals(&own).push(")");
    executor.execute(sql).await?;
    Ok(())
}

/// Ends a user's session on an installation.
pub(super) async fn end_session_on(executor: Executor<'_>, user: &ObjectId, installation: &str) -> Result<(), Fault> {
    let mut sql = Sql::from(executor.dialect(), r#"DELETE FROM "_Session" WHERE "user" = "#);
    sql.text(user.as_str()).push(r#" AND "installationId" = "#).text(installation);
    executor.execute(sql).await?;
    Ok(())
}

/// Makes a session last longer, unless it has ended, or somebody has done so since. Its end is not moved to an earlier
/// time.
pub(super) async fn extend_session(executor: Executor<'_>, extension: &Extension<'_>) -> Result<(), Fault> {
    let mut sql = Sql::from(executor.dialect(), r#"UPDATE "_Session" SET "expiresAt" = "#);
    sql.date(extension.expires_at).push(r#", "updatedAt" = "#).date(extension.now);
    sql.push(r#" WHERE "objectId" = "#).text(extension.session.as_str());
    sql.push(r#" AND "expiresAt" > "#).date(extension.now).push(r#" AND "expiresAt" < "#).date(extension.expires_at);
    sql.push(r#" AND ("updatedAt" IS NULL OR "updatedAt" <= "#).date(extension.untouched_since).push(")");
    executor.execute(sql).await?;
    Ok(())
}

/// True if a session has not been ended. What the transaction has locked before is as others have left it.
pub(super) async fn is_open(executor: Executor<'_>, session: &ObjectId) -> Result<bool, Fault> {
    let mut sql = Sql::from(executor.dialect(), r#"SELECT "objectId" FROM "_Session" WHERE "objectId" = "#);
    sql.text(session.as_str());
    Ok(executor.row(sql).await?.is_some())
}

/// Ends one session.
pub(super) async fn end_session(executor: Executor<'_>, session: &ObjectId) -> Result<(), Fault> {
    let mut sql = Sql::from(executor.dialect(), r#"DELETE FROM "_Session" WHERE "objectId" = "#);
    sql.text(session.as_str());
    executor.execute(sql).await?;
    Ok(())
}

/// Ends all sessions of a user.
pub(super) async fn end_sessions_of(executor: Executor<'_>, user: &ObjectId) -> Result<(), Fault> {
    let mut sql = Sql::from(executor.dialect(), r#"DELETE FROM "_Session" WHERE "user" = "#);
    sql.text(user.as_str());
    executor.execute(sql).await?;
    Ok(())
}

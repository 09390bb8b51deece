//! The questions of authentication: users, sessions and roles, before anybody is known.

use secrecy::ExposeSecret as _;
use serde_json::json;

use super::execute::Executor;
use super::rows::Raw;
use super::sql::Sql;
use super::write::Tokens;
use crate::auth::{Account, NewSession, PasswordHash, SessionRecord, SessionToken};
use crate::class::RoleName;
use crate::fault::Fault;
use crate::value::{ObjectId, Value};

/// The session of a token, whether it is stored as it is or as a digest, with all roles of its user: one statement.
///
/// A role that is gone hands nothing on, so each step looks at the role itself. Roles are collected as a set, so cycles end.
pub(super) async fn session(executor: Executor<'_>, token: &SessionToken) -> Result<Option<SessionRecord>, Fault> {
    let mut sql = Sql::from(
        executor.dialect(),
        r#"WITH RECURSIVE "found" AS (SELECT "s"."objectId" AS "id", "s"."user" AS "user", "s"."expiresAt" AS "until", ("u"."authData" ->> 'anonymous') IS NOT NULL AS "anonymous" FROM "_Session" AS "s" JOIN "_User" AS "u" ON "u"."objectId" = "s"."user" WHERE "s"."sessionToken""#,
    );
    let digest = token.hashed();
    sql.is_one_of([digest.as_str(), token.reveal()]);
    sql.push(concat!(
        r#" LIMIT 1), "held"("id", "name") AS ("#,
        r#"SELECT "r"."objectId", "r"."name" FROM "_Join:users:_Role" AS "j" JOIN "_Role" AS "r" ON "r"."objectId" = "j"."owningId" "#,
        r#"WHERE "j"."relatedId" = (SELECT "user" FROM "found") UNION "#,
        r#"SELECT "r"."objectId", "r"."name" FROM "held" JOIN "_Join:roles:_Role" AS "j" ON "j"."relatedId" = "held"."id" "#,
        r#"JOIN "_Role" AS "r" ON "r"."objectId" = "j"."owningId") "#,
        r#"SELECT "found"."id", "found"."user", "found"."until", "found"."anonymous", (SELECT "#,
    ));
    sql.collected("name").push(r#" FROM "held" WHERE "name" IS NOT NULL) FROM "found""#);
    let row = executor.row(sql).await?;
    let Some(row) = &row else { return Ok(None) };
    let row = Raw::new(row)?;
    Ok(Some(SessionRecord {
        session: ObjectId::new(row.required(0)?),
        user: ObjectId::new(row.required(1)?),
        expires_at: row.date(2)?,
        anonymous: row.boolean(3)?.unwrap_or_default(),
        roles: row.texts(4)?.unwrap_or_default().into_iter().map(RoleName::known).collect(),
    }))
}

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
    let nobody = |at| row.texts(at).map(|principals| principals.is_some_and(|principals| principals.is_empty()));
    Ok(Some(Account {
        user: ObjectId::new(row.required(0)?),
        password: row.text(1)?.map(|hash| PasswordHash::from_database(hash.to_owned())),
        locked: nobody(2)? && nobody(3)?,
    }))
}

/// The anonymous user with this id.
pub(super) async fn anonymous_user(executor: Executor<'_>, id: &str) -> Result<Option<ObjectId>, Fault> {
    let columns = r#"SELECT "objectId" FROM "_User" WHERE "authData" -> 'anonymous' ->> 'id' = "#;
    let mut sql = Sql::from(executor.dialect(), columns);
    sql.text(id);
    let row = executor.row(sql).await?;
    Ok(row.as_ref().map(|row| Raw::new(row)?.required(0)).transpose()?.map(ObjectId::new))
}

/// Opens a session; the same user's older one on the same installation ends. Belongs in a transaction.
pub(super) async fn open_session(
    executor: Executor<'_>,
    session: &NewSession<'_>,
    tokens: Tokens,
) -> Result<(), Fault> {
    let dialect = executor.dialect();
    if let Some(installation) = session.installation_id {
        let mut sql = Sql::from(dialect, r#"DELETE FROM "_Session" WHERE "user" = "#);
        sql.text(session.user.as_str()).push(r#" AND "installationId" = "#).text(installation);
        executor.execute(sql).await?;
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

/// Replaces a hash that is still the old one.
pub(super) async fn replace_hash(
    executor: Executor<'_>,
    user: &ObjectId,
    old: &PasswordHash,
    new: &PasswordHash,
) -> Result<(), Fault> {
    let text = |hash: &PasswordHash| hash.clone().into_secret().expose_secret().to_owned();
    let mut sql = Sql::from(executor.dialect(), r#"UPDATE "_User" SET "_hashed_password" = "#);
    sql.text(text(new)).push(r#" WHERE "objectId" = "#).text(user.as_str());
    sql.push(r#" AND "_hashed_password" = "#).text(text(old));
    executor.execute(sql).await?;
    Ok(())
}

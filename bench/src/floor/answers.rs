//! One function for each workload.

use std::hash::{BuildHasher as _, RandomState};
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use argon2::Argon2;
use argon2::password_hash::PasswordVerifier as _;
use argon2::password_hash::phc::PasswordHash;
use serde_json::{Value as Json, json};

use super::database::Parameter::{Boolean, Instant, Integer, Number, Text};
use super::database::{Database, Parameter, Statement};
use super::json::{Columns, Kind, edges, members};
use super::statements;
use crate::Result;

const POST: Columns = &[
    ("objectId", Kind::Text),
    ("title", Kind::Text),
    ("body", Kind::Text),
    ("category", Kind::Text),
    ("score", Kind::Number),
    ("active", Kind::Boolean),
    ("publishedAt", Kind::Instant),
    ("createdAt", Kind::Instant),
];

const TITLED: Columns = &[("objectId", Kind::Text), ("title", Kind::Text), ("createdAt", Kind::Instant)];

/// The answer to a request of a workload, by whoever has the session of a token.
pub(super) async fn answer(database: &Database, workload: &str, token: &str, variables: &Json) -> Result<Vec<u8>> {
    match workload {
        "get" => get(database, &statements::GET, &[Text(text(variables, "id"))]).await,
        // The only workload in which it must find out who is asking.
        "callers" => get(database, &statements::GET_BY_TOKEN, &[Text(text(variables, "id")), Text(token)]).await,
        "find" => list(database, &statements::FIND, &[], ("posts", POST)).await,
        "find-nested" => nested(database).await,
        "find-filtered" => {
            let parameters = [Text(text(variables, "category")), Number(number(variables, "score"))];
            list(database, &statements::FIND_FILTERED, &parameters, ("posts", POST)).await
        }
        "count" => count(database, text(variables, "category")).await,
        "own" => list(database, &statements::OWN, &[], ("diaries", TITLED)).await,
        "page-1" => list(database, &statements::PAGE_1, &[], ("posts", TITLED)).await,
        "page-1000" => {
            let after = &variables["after"];
            let parameters = [Instant(after["createdAt"].as_i64().unwrap_or_default()), Text(text(after, "objectId"))];
            list(database, &statements::PAGE_1000, &parameters, ("posts", TITLED)).await
        }
        "cursor" => cursor(database, variables["row"].as_i64().unwrap_or_default()).await,
        "denied" => list(database, &statements::PAPERS, &[], ("papers", TITLED)).await,
        "create" => create(database, &variables["fields"]).await,
        "create-nested" => create_nested(database, &variables["fields"]).await,
        "update" => update(database, text(variables, "id"), &variables["fields"]).await,
        "login" => login(database, text(variables, "username"), text(variables, "password")).await,
        "graphql" => Ok(br#"{"data":{"health":true}}"#.to_vec()),
        unknown => Err(format!("there is no workload {unknown}").into()),
    }
}

fn text<'a>(variables: &'a Json, name: &str) -> &'a str {
    variables[name].as_str().unwrap_or_default()
}

fn number(variables: &Json, name: &str) -> f64 {
    variables[name].as_f64().unwrap_or_default()
}

async fn get(database: &Database, statement: &Statement, parameters: &[Parameter<'_>]) -> Result<Vec<u8>> {
    let rows = database.rows(statement, parameters).await?;
    let row = rows.first().ok_or("there is no such post")?;
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(b"{\"data\":{\"post\":{");
    members(&mut out, row, POST)?;
    out.extend_from_slice(b"}}}");
    Ok(out)
}

async fn list(
    database: &Database,
    statement: &Statement,
    parameters: &[Parameter<'_>],
    (name, columns): (&str, Columns),
) -> Result<Vec<u8>> {
    let rows = database.rows(statement, parameters).await?;
    edges(name, &rows, |out, row| members(out, row, columns))
}

async fn nested(database: &Database) -> Result<Vec<u8>> {
    const AUTHOR: usize = 9;
    let rows = database.rows(&statements::FIND_NESTED, &[]).await?;
    edges("posts", &rows, |out, row| {
        members(out, row, POST)?;
        out.extend_from_slice(b",\"author\":{\"objectId\":");
        serde_json::to_writer(&mut *out, row.text(AUTHOR)?)?;
        out.extend_from_slice(b",\"name\":");
        serde_json::to_writer(&mut *out, row.text(AUTHOR + 1)?)?;
        out.extend_from_slice(b"},\"tags\":{\"edges\":[");
        let names = row.text(AUTHOR + 2)?.trim_matches(['{', '}']);
        for (position, name) in names.split(',').enumerate() {
            out.extend_from_slice(if position > 0 { b",{\"node\":{\"name\":" } else { b"{\"node\":{\"name\":" });
            serde_json::to_writer(&mut *out, name.trim_matches('"'))?;
            out.extend_from_slice(b"}}");
        }
        out.extend_from_slice(b"]}");
        Ok(())
    })
}

async fn count(database: &Database, category: &str) -> Result<Vec<u8>> {
    let rows = database.rows(&statements::COUNT, &[Text(category)]).await?;
    let count = rows.first().map(|row| row.integer(0)).transpose()?.unwrap_or_default();
    Ok(format!("{{\"data\":{{\"posts\":{{\"count\":{count}}}}}}}").into_bytes())
}

async fn cursor(database: &Database, row: i64) -> Result<Vec<u8>> {
    let rows = database.rows(&statements::CURSOR, &[Integer(row)]).await?;
    let row = rows.first().ok_or("there are not that many rows")?;
    let cursor = json!({"objectId": row.text(0)?, "createdAt": row.instant(1)?});
    Ok(json!({"data": cursor}).to_string().into_bytes())
}

async fn create(database: &Database, fields: &Json) -> Result<Vec<u8>> {
    let (id, now) = (new_id(), now());
    let values = note(&id, now, fields);
    database.write(&[(&statements::CREATE, &values)]).await?;
    let mut out = written("createNote", &id, fields)?;
    write!(out, ",\"number\":{}}}}}}}}}", number(fields, "number"))?;
    Ok(out)
}

async fn create_nested(database: &Database, fields: &Json) -> Result<Vec<u8>> {
    let (id, editor, now) = (new_id(), new_id(), now());
    let name = text(&fields["editor"]["createAndLink"], "name");
    let [one, two, three, four, five, six] = note(&id, now, fields);
    let values = [one, two, three, four, five, six, Text(&editor)];
    let of_editor = [Text(&editor), Instant(now), Text(name)];
    database.write(&[(&statements::CREATE_EDITOR, &of_editor), (&statements::CREATE_WITH_EDITOR, &values)]).await?;
    let mut out = written("createNote", &id, fields)?;
    out.extend_from_slice(b",\"editor\":{\"name\":");
    serde_json::to_writer(&mut out, name)?;
    out.extend_from_slice(b"}}}}}");
    Ok(out)
}

fn note<'a>(id: &'a str, now: i64, fields: &'a Json) -> [Parameter<'a>; 6] {
    [
        Text(id),
        Instant(now),
        Text(text(fields, "title")),
        Text(text(fields, "body")),
        Number(number(fields, "number")),
        Boolean(fields["done"] == true),
    ]
}

async fn update(database: &Database, id: &str, fields: &Json) -> Result<Vec<u8>> {
    let title = Text(text(fields, "title"));
    let values = [Text(id), Instant(now()), title, Number(number(fields, "number")), Boolean(fields["done"] == true)];
    database.write(&[(&statements::UPDATE, &values)]).await?;
    let mut out = written("updateNote", id, fields)?;
    write!(out, ",\"number\":{}}}}}}}}}", number(fields, "number"))?;
    Ok(out)
}

/// The beginning of the answer to a write.
fn written(mutation: &str, id: &str, fields: &Json) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(256);
    write!(out, "{{\"data\":{{\"{mutation}\":{{\"note\":{{\"objectId\":\"{id}\",\"title\":")?;
    serde_json::to_writer(&mut out, text(fields, "title"))?;
    Ok(out)
}

async fn login(database: &Database, name: &str, password: &str) -> Result<Vec<u8>> {
    let rows = database.rows(&statements::ACCOUNT, &[Text(name)]).await?;
    let account = rows.first().ok_or("there is no such user")?;
    let (hash, given) = (account.text(1)?.to_owned(), password.to_owned());
    let matches = tokio::task::spawn_blocking(move || matches(&hash, &given)).await?;
    if !matches {
        return Err("the password is wrong".into());
    }
    let token = format!("r:{:016x}{:016x}", random(), random());
    let (id, user) = (new_id(), account.text(0)?);
    let values = [Text(&id), Instant(now()), Text(user), Text(&token)];
    database.write(&[(&statements::OPEN_SESSION, &values)]).await?;
    let viewer = json!({"sessionToken": token, "user": {"username": name}});
    Ok(json!({"data": {"logIn": {"viewer": viewer}}}).to_string().into_bytes())
}

fn matches(hash: &str, password: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Nobody guards anything with these.
fn random() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    RandomState::new().hash_one(NEXT.fetch_add(1, Ordering::Relaxed))
}

fn new_id() -> String {
    let id = format!("{:016x}", random());
    id[..10].to_owned()
}

fn now() -> i64 {
    UNIX_EPOCH.elapsed().unwrap_or(Duration::ZERO).as_millis() as i64
}

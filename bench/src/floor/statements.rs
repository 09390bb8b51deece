//! SQL, written by hand. The principals are those of user 0, as `rows` makes them.

use super::database::Statement;

macro_rules! readable {
    (postgres) => {
        r#""_rperm" && '{*,u000000000,role:R00,role:R03,role:R10,role:R13}'"#
    };
    (sqlite) => {
        r#"EXISTS (SELECT 1 FROM json_each("_rperm") WHERE "value" IN ('*', 'u000000000', 'role:R00', 'role:R03', 'role:R10', 'role:R13'))"#
    };
}

macro_rules! post {
    () => {
        r#"SELECT "objectId", "title", "body", "category", "score", "active", "publishedAt", "createdAt" FROM "Post" WHERE "#
    };
}

pub(super) const GET: Statement = Statement {
    postgres: concat!(post!(), r#""objectId" = $1 AND "#, readable!(postgres)),
    sqlite: concat!(post!(), r#""objectId" = ?1 AND "#, readable!(sqlite)),
};

/// Who has the session, and the roles that contain the user directly or by other roles.
macro_rules! asking {
    ($now:literal) => {
        concat!(r#"WITH RECURSIVE "who" AS (SELECT "s"."user" FROM "_Session" AS "s" JOIN "_User" AS "u" ON "u"."objectId" = "s"."user" WHERE "s"."sessionToken" = $2 AND "s"."expiresAt" > "#, $now, r#"), "held"("id", "name") AS (SELECT "r"."objectId", "r"."name" FROM "who" JOIN "_Join:users:_Role" AS "j" ON "j"."relatedId" = "who"."user" JOIN "_Role" AS "r" ON "r"."objectId" = "j"."owningId" UNION SELECT "r"."objectId", "r"."name" FROM "held" JOIN "_Join:roles:_Role" AS "j" ON "j"."relatedId" = "held"."id" JOIN "_Role" AS "r" ON "r"."objectId" = "j"."owningId") "#)
    };
}

/// As [`GET`], for whoever has the session of a token.
pub(super) const GET_BY_TOKEN: Statement = Statement {
    postgres: concat!(
        asking!("now()"),
        post!(),
        r#""objectId" = $1 AND EXISTS (SELECT 1 FROM "who") AND "_rperm" && (ARRAY(SELECT 'role:' || "name" FROM "held") || ARRAY(SELECT "user" FROM "who") || '{*}'::text[])"#
    ),
    sqlite: concat!(
        asking!("unixepoch() * 1000"),
        post!(),
        r#""objectId" = $1 AND EXISTS (SELECT 1 FROM "who") AND EXISTS (SELECT 1 FROM json_each("_rperm") WHERE "value" IN (SELECT 'role:' || "name" FROM "held" UNION ALL SELECT "user" FROM "who" UNION ALL SELECT '*'))"#
    ),
};

pub(super) const FIND: Statement = Statement {
    postgres: concat!(post!(), readable!(postgres), r#" ORDER BY "createdAt", "objectId" LIMIT 100"#),
    sqlite: concat!(post!(), readable!(sqlite), r#" ORDER BY "createdAt", "objectId" LIMIT 100"#),
};

/// The author's columns and the tags' names stand beside each post.
pub(super) const FIND_NESTED: Statement = Statement {
    postgres: concat!(
        r#"SELECT "p".*, "a"."objectId", "a"."name", ARRAY(SELECT "t"."name" FROM "_Join:tags:Post" AS "j" JOIN "Tag" AS "t" ON "t"."objectId" = "j"."relatedId" WHERE "j"."owningId" = "p"."objectId" ORDER BY "t"."name")::text FROM (SELECT "objectId", "title", "body", "category", "score", "active", "publishedAt", "createdAt", "author" FROM "Post" WHERE "#,
        readable!(postgres),
        r#" ORDER BY "createdAt", "objectId" LIMIT 100) AS "p" LEFT JOIN "Author" AS "a" ON "a"."objectId" = "p"."author" ORDER BY "p"."createdAt", "p"."objectId""#
    ),
    sqlite: concat!(
        r#"SELECT "p".*, "a"."objectId", "a"."name", (SELECT group_concat("name", ',') FROM (SELECT "t"."name" FROM "_Join:tags:Post" AS "j" JOIN "Tag" AS "t" ON "t"."objectId" = "j"."relatedId" WHERE "j"."owningId" = "p"."objectId" ORDER BY "t"."name")) FROM (SELECT "objectId", "title", "body", "category", "score", "active", "publishedAt", "createdAt", "author" FROM "Post" WHERE "#,
        readable!(sqlite),
        r#" ORDER BY "createdAt", "objectId" LIMIT 100) AS "p" LEFT JOIN "Author" AS "a" ON "a"."objectId" = "p"."author" ORDER BY "p"."createdAt", "p"."objectId""#
    ),
};

pub(super) const FIND_FILTERED: Statement = Statement {
    postgres: concat!(
        post!(),
        r#""category" = $1 AND "score" > $2 AND "active" AND "#,
        readable!(postgres),
        r#" ORDER BY "createdAt", "objectId" LIMIT 100"#
    ),
    sqlite: concat!(
        post!(),
        r#""category" = ?1 AND "score" > ?2 AND "active" AND "#,
        readable!(sqlite),
        r#" ORDER BY "createdAt", "objectId" LIMIT 100"#
    ),
};

pub(super) const COUNT: Statement = Statement {
    postgres: concat!(r#"SELECT count(*) FROM "Post" WHERE "category" = $1 AND "#, readable!(postgres)),
    sqlite: concat!(r#"SELECT count(*) FROM "Post" WHERE "category" = ?1 AND "#, readable!(sqlite)),
};

pub(super) const OWN: Statement = Statement {
    postgres: concat!(
        r#"SELECT "objectId", "title", "createdAt" FROM "Diary" WHERE "#,
        readable!(postgres),
        r#" ORDER BY "createdAt", "objectId" LIMIT 100"#
    ),
    sqlite: r#"SELECT "objectId", "title", "createdAt" FROM "Diary" WHERE "objectId" IN (SELECT "objectId" FROM "_Readers:Diary" WHERE "principal" IN ('*', 'u000000000', 'role:R00', 'role:R03', 'role:R10', 'role:R13')) ORDER BY "createdAt", "objectId" LIMIT 100"#,
};

pub(super) const PAGE_1: Statement = Statement {
    postgres: concat!(
        r#"SELECT "objectId", "title", "createdAt" FROM "Post" WHERE "#,
        readable!(postgres),
        r#" ORDER BY "createdAt", "objectId" LIMIT 50"#
    ),
    sqlite: concat!(
        r#"SELECT "objectId", "title", "createdAt" FROM "Post" WHERE "#,
        readable!(sqlite),
        r#" ORDER BY "createdAt", "objectId" LIMIT 50"#
    ),
};

pub(super) const PAGE_1000: Statement = Statement {
    postgres: concat!(
        r#"SELECT "objectId", "title", "createdAt" FROM "Post" WHERE ("createdAt", "objectId") > ($1, $2) AND "#,
        readable!(postgres),
        r#" ORDER BY "createdAt", "objectId" LIMIT 50"#
    ),
    sqlite: concat!(
        r#"SELECT "objectId", "title", "createdAt" FROM "Post" WHERE ("createdAt", "objectId") > (?1, ?2) AND "#,
        readable!(sqlite),
        r#" ORDER BY "createdAt", "objectId" LIMIT 50"#
    ),
};

/// The row before page 1,000.
pub(super) const CURSOR: Statement = Statement {
    postgres: concat!(
        r#"SELECT "objectId", "createdAt" FROM "Post" WHERE "#,
        readable!(postgres),
        r#" ORDER BY "createdAt", "objectId" OFFSET $1 LIMIT 1"#
    ),
    sqlite: concat!(
        r#"SELECT "objectId", "createdAt" FROM "Post" WHERE "#,
        readable!(sqlite),
        r#" ORDER BY "createdAt", "objectId" LIMIT 1 OFFSET ?1"#
    ),
};

pub(super) const PAPERS: Statement = Statement {
    postgres: concat!(
        r#"SELECT "objectId", "title", "createdAt" FROM "Paper" WHERE "#,
        readable!(postgres),
        r#" ORDER BY "createdAt", "objectId" LIMIT 100"#
    ),
    sqlite: concat!(
        r#"SELECT "objectId", "title", "createdAt" FROM "Paper" WHERE "#,
        readable!(sqlite),
        r#" ORDER BY "createdAt", "objectId" LIMIT 100"#
    ),
};

pub(super) const CREATE: Statement = Statement {
    postgres: r#"INSERT INTO "Note" ("objectId", "createdAt", "updatedAt", "title", "body", "number", "done", "_rperm", "_wperm") VALUES ($1, $2, $2, $3, $4, $5, $6, '{u000000000}', '{u000000000}')"#,
    sqlite: r#"INSERT INTO "Note" ("objectId", "createdAt", "updatedAt", "title", "body", "number", "done", "_rperm", "_wperm") VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, '["u000000000"]', '["u000000000"]')"#,
};

pub(super) const CREATE_WITH_EDITOR: Statement = Statement {
    postgres: r#"INSERT INTO "Note" ("objectId", "createdAt", "updatedAt", "title", "body", "number", "done", "editor", "_rperm", "_wperm") VALUES ($1, $2, $2, $3, $4, $5, $6, $7, '{u000000000}', '{u000000000}')"#,
    sqlite: r#"INSERT INTO "Note" ("objectId", "createdAt", "updatedAt", "title", "body", "number", "done", "editor", "_rperm", "_wperm") VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, '["u000000000"]', '["u000000000"]')"#,
};

pub(super) const CREATE_EDITOR: Statement = Statement {
    postgres: r#"INSERT INTO "Editor" ("objectId", "createdAt", "updatedAt", "name", "_rperm", "_wperm") VALUES ($1, $2, $2, $3, '{u000000000}', '{u000000000}')"#,
    sqlite: r#"INSERT INTO "Editor" ("objectId", "createdAt", "updatedAt", "name", "_rperm", "_wperm") VALUES (?1, ?2, ?2, ?3, '["u000000000"]', '["u000000000"]')"#,
};

pub(super) const UPDATE: Statement = Statement {
    postgres: r#"UPDATE "Note" SET "updatedAt" = $2, "title" = $3, "number" = $4, "done" = $5 WHERE "objectId" = $1 AND "_wperm" && '{*,u000000000,role:R00,role:R03,role:R10,role:R13}'"#,
    sqlite: r#"UPDATE "Note" SET "updatedAt" = ?2, "title" = ?3, "number" = ?4, "done" = ?5 WHERE "objectId" = ?1 AND EXISTS (SELECT 1 FROM json_each("_wperm") WHERE "value" IN ('*', 'u000000000', 'role:R00', 'role:R03', 'role:R10', 'role:R13'))"#,
};

pub(super) const ACCOUNT: Statement = Statement {
    postgres: r#"SELECT "objectId", "_hashed_password" FROM "_User" WHERE "username" = $1"#,
    sqlite: r#"SELECT "objectId", "_hashed_password" FROM "_User" WHERE "username" = ?1"#,
};

pub(super) const OPEN_SESSION: Statement = Statement {
    postgres: r#"INSERT INTO "_Session" ("objectId", "createdAt", "updatedAt", "user", "sessionToken", "expiresAt", "createdWith", "_rperm", "_wperm") VALUES ($1, $2, $2, $3, $4, $2 + interval '365 days', '{"action":"login","authProvider":"password"}', ARRAY[$3], ARRAY[$3])"#,
    sqlite: r#"INSERT INTO "_Session" ("objectId", "createdAt", "updatedAt", "user", "sessionToken", "expiresAt", "createdWith", "_rperm", "_wperm") VALUES (?1, ?2, ?2, ?3, ?4, ?2 + 31536000000, '{"action":"login","authProvider":"password"}', json_array(?3), json_array(?3))"#,
};

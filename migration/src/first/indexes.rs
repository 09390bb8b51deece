//! The indexes of the fixed tables in PostgreSQL.
//!
//! They are made in the migration only where that is quick: a database that a Parse Server filled for years must not stand
//! still at the first start. `portcullis adopt` makes the others while everybody goes on working.

/// An index of a fixed table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FixedIndex {
    /// Its name.
    pub name: &'static str,
    /// The table.
    pub table: &'static str,
    /// True if it keeps two rows from being alike.
    pub unique: bool,
    /// What follows the name of the table.
    pub on: &'static str,
}

/// Tables from this size on, in bytes, are left to `portcullis adopt`: about thirty thousand users, or a second.
const LARGE: u32 = 16 << 20;

const CREATED: &str = r#"("createdAt", "objectId" COLLATE "C")"#;
const READERS: &str = r#"USING gin ("_rperm")"#;
const PUBLIC: &str = r#"("createdAt") WHERE "_rperm" IS NULL"#;

/// All of them: first those of Parse Server, by its names.
pub const FIXED_INDEXES: &[FixedIndex] = &[
    plain("case_insensitive_username", "_User", r#"(lower("username") varchar_pattern_ops)"#),
    plain("case_insensitive_email", "_User", r#"(lower("email") varchar_pattern_ops)"#),
    plain("_email_verify_token", "_User", r#"("_email_verify_token")"#),
    plain("_perishable_token", "_User", r#"("_perishable_token")"#),
    unique("_User_unique_username", "_User", r#"("username")"#),
    unique("_User_unique_email", "_User", r#"("email")"#),
    unique(
        "_User_unique_authData_anonymous_id",
        "_User",
        r#"(("authData" -> 'anonymous' ->> 'id')) WHERE "authData" -> 'anonymous' ->> 'id' IS NOT NULL"#,
    ),
    unique("_Role_unique_name", "_Role", r#"("name")"#),
    unique("_User_folded_username", "_User", r#"(lower("username"))"#),
    unique("_User_folded_email", "_User", r#"(lower("email"))"#),
    plain("_User__created", "_User", CREATED),
    plain("_User__readers", "_User", READERS),
    plain("_User__public", "_User", PUBLIC),
    plain("_Role__created", "_Role", CREATED),
    plain("_Role__readers", "_Role", READERS),
    plain("_Role__public", "_Role", PUBLIC),
    plain("_Session__created", "_Session", CREATED),
    plain("_Session__token", "_Session", r#"("sessionToken")"#),
    plain("_Session__user", "_Session", r#"("user")"#),
    plain("_Join:users:_Role_owner", "_Join:users:_Role", r#"("owningId")"#),
    plain("_Join:roles:_Role_owner", "_Join:roles:_Role", r#"("owningId")"#),
];

const fn plain(name: &'static str, table: &'static str, on: &'static str) -> FixedIndex {
    FixedIndex { name, table, unique: false, on }
}

const fn unique(name: &'static str, table: &'static str, on: &'static str) -> FixedIndex {
    FixedIndex { name, table, unique: true, on }
}

/// The block that makes them all, but for what is large, busy, contradicted by the rows that are there, or about columns that are not.
pub(super) fn script() -> String {
    let mut rows = Vec::new();
    for FixedIndex { name, table, unique, on } in FIXED_INDEXES {
        let unique = if *unique { "UNIQUE " } else { "" };
        let statement = format!(r#"CREATE {unique}INDEX IF NOT EXISTS "{name}" ON "{table}" {on}"#);
        rows.push(format!("(quote_ident({}), {})", quoted(table), quoted(&statement)));
    }
    format!(
        r"DO $$
DECLARE
    wanted record;
    busy text[] := '{{}}';
BEGIN
    -- Others wait behind a lock that is waited for, so it is not waited for long; nor long enough to be the end of a
    -- transaction that waits for this one.
    SET LOCAL lock_timeout = '500ms';
    FOR wanted IN SELECT * FROM (VALUES {}) AS t (relation, statement) LOOP
        IF wanted.relation = ANY(busy) OR pg_relation_size(wanted.relation::regclass) >= {LARGE} THEN
            RAISE NOTICE 'left to portcullis adopt: %', wanted.statement;
            CONTINUE;
        END IF;
        BEGIN
            EXECUTE wanted.statement;
        EXCEPTION
            WHEN unique_violation THEN
                RAISE NOTICE 'left out, because there are duplicates: %', wanted.statement;
            WHEN lock_not_available THEN
                busy := busy || wanted.relation;
                RAISE NOTICE 'left to portcullis adopt: %', wanted.statement;
            WHEN undefined_column THEN
                RAISE NOTICE 'left to portcullis adopt: %', wanted.statement;
        END;
    END LOOP;
    SET LOCAL lock_timeout = 0;
END
$$",
        rows.join(",\n        ")
    )
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

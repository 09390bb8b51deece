//! How the databases carry out what the guard makes of plans: on big tables, an index serves wherever there is one.
//!
//! Each case is a statement of the store and what its plan must name; none may read a table from end to end.

use std::fmt::Write as _;
use std::sync::Arc;

use super::execute::Executor;
use super::render::{self, Ways};
use super::rows::Raw;
use super::sql::Sql;
use super::write::{self, Tokens};
use super::{Options, Store};
use crate::auth::{Caller, Master, proofs};
use crate::class::{
    Acl, Alteration, Class, ClassName, Clp, ClpChange, Field, FieldName, FieldType, Index, Operation, Permission, USER,
};
use crate::guard;
use crate::plan::{
    Alter, Changes, Comparison, Count, Cursor, Delete, Filter, Find, Page, Position, Related, Subquery, Test, Update,
};
use crate::store::dialect::Dialect;
use crate::value::{Date, ObjectId, Value};

#[path = "../../tests/api/harness/postgres.rs"]
mod postgres;
#[path = "../../tests/api/harness/scratch.rs"]
mod scratch;

/// How many rows each class has.
const ROWS: u32 = 40_000;

/// The user who asks.
const USER_ID: &str = "u7";

fn master() -> Caller {
    Caller::Master(Master::Full(proofs::MASTER), None)
}

fn user() -> Caller {
    proofs::user(ObjectId::new(USER_ID), &["Nobody", "Few"])
}

fn pointers(fields: &[&str]) -> Permission {
    Permission { pointer_fields: fields.iter().copied().map(FieldName::known).collect(), ..Permission::default() }
}

/// A class of these permissions; its table is filled by [`fill`].
async fn class(store: &Store, name: &str, adapt: impl FnOnce(&mut Clp)) -> Arc<Class> {
    let mut clp = Clp::open();
    adapt(&mut clp);
    let users = || ClassName::known(USER);
    let index = Index([("kind".to_owned(), 1.into()), ("createdAt".to_owned(), 1.into())].into_iter().collect());
    let alteration = Alteration {
        add: vec![
            Field::new("kind", FieldType::String),
            Field::new("owner", FieldType::Pointer(users())),
            Field::new("friends", FieldType::Array),
            Field::new("near", FieldType::Relation(ClassName::known("Open"))),
        ],
        clp: ClpChange::Replace(Box::new(clp)),
        add_indexes: vec![("byKind".to_owned(), index)],
        ..Alteration::default()
    };
    let alter = Alter::Create { name: name.to_owned(), alteration };
    let catalog = store.alter(guard::alter(&master(), alter).unwrap()).await.unwrap();
    Arc::clone(catalog.class(name).unwrap())
}

/// Rows, all of them public or each readable by one of 1,000 users, and three in the relation of each. Arrays differ from row to
/// row: how rare an element is, PostgreSQL can only guess.
async fn fill(executor: Executor<'_>, class: &str, readers: &str) {
    let (made, friends, numbers) = match executor.dialect() {
        Dialect::Postgres => (
            "to_timestamp(n)",
            "jsonb_build_array(jsonb_build_object('__type', 'Pointer', 'className', '_User', 'objectId', 'u' || n))",
            format!("generate_series(1, {ROWS}) AS n"),
        ),
        Dialect::Sqlite => (
            "n * 1000",
            "'[]'",
            format!(
                "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {ROWS}) SELECT n FROM s) AS s"
            ),
        ),
    };
    executor
        .define(&format!(
            r#"INSERT INTO "{class}" ("objectId", "createdAt", "updatedAt", "kind", "owner", "friends", "_rperm", "_wperm")
            SELECT 'o' || n, {made}, {made}, 'kind ' || n % 500, 'u' || n % 1000, {friends}, {readers}, {readers} FROM {numbers};
            INSERT INTO "_Join:near:{class}" ("owningId", "relatedId")
            SELECT 'o' || n, 'o' || ((n + m) % {ROWS} + 1) FROM {numbers}, (SELECT 7 AS m UNION ALL SELECT 1100 UNION ALL SELECT 13000) AS times;"#
        ))
        .await
        .unwrap();
}

/// What is explained: a name, the statement, and what its plan must name.
type Case = (&'static str, Sql, &'static [&'static str]);

/// The classes of the cases: public rows, private rows, and rows for whom pointers name.
struct Classes {
    open: Arc<Class>,
    private: Arc<Class>,
    pointed: Arc<Class>,
    listed: Arc<Class>,
}

impl Classes {
    async fn make(store: &Store) -> Self {
        let executor = store.shared.executor();
        let open = class(store, "Open", |_| {}).await;
        let private = class(store, "Private", |_| {}).await;
        let by_owner = |clp: &mut Clp| *clp.permission_mut(Operation::Find) = pointers(&["owner"]);
        let pointed = class(store, "Pointed", by_owner).await;
        let listed = class(store, "Listed", |clp| {
            *clp.permission_mut(Operation::Find) = Permission::default();
            clp.read_user_fields = vec![FieldName::known("friends")];
        });
        let listed = listed.await;
        let (everybody, one) = match executor.dialect() {
            Dialect::Postgres => ("'{*}'", "ARRAY['u' || n % 1000]"),
            Dialect::Sqlite => (r#"'["*"]'"#, "json_array('u' || n % 1000)"),
        };
        for (class, readers) in [("Open", everybody), ("Private", one), ("Pointed", everybody), ("Listed", everybody)] {
            fill(executor, class, readers).await;
        }
        executor.define("ANALYZE").await.unwrap();
        Self { open, private, pointed, listed }
    }

    /// Reads of all kinds. `listed` is how SQLite finds the rows of few readers.
    fn reads(&self, dialect: Dialect) -> Vec<Case> {
        let user = user();
        let find_in = |plan, ways| render::find(dialect, &guard::find(&user, plan).unwrap(), ways).0;
        let find = |plan: Find, listed: bool| {
            let listed = listed && dialect == Dialect::Sqlite;
            find_in(plan, Ways { listed, numbered: false })
        };
        let field = |class: &Arc<Class>, name: &str| Arc::clone(class.field(name).unwrap());
        let page = || Page { limit: Some(50), ..Page::default() };
        let all = |class: &Arc<Class>| Find { page: page(), ..Find::all(Arc::clone(class)) };
        let middle =
            Position { keys: vec![Value::Date(Date::from_millis(20_000_000).unwrap())], id: ObjectId::new("o") };
        let behind = Page { after: Some(Cursor::Row(middle.clone())), ..page() };
        let before = Page { before: Some(Cursor::Row(middle)), from_end: true, ..page() };
        let kind = Test::Compare(Comparison::Equal, Value::String("kind 3".to_owned()));
        let of_kind = |class: &Arc<Class>| Filter::Field(field(class, "kind"), kind.clone());
        let near = |class: &Arc<Class>| Related {
            class: Arc::clone(class),
            field: field(class, "near"),
            owners: (1..20).map(|n| ObjectId::new(format!("o{}", n * 10))).collect(),
        };
        let large = || Page { limit: Some(100), ..Page::default() };
        let relations = || Find { related: Some(near(&self.open)), page: large(), ..Find::all(Arc::clone(&self.open)) };
        let near_one = Related { owners: vec![ObjectId::new("o39990")], ..near(&self.open) };
        let of_one = Find { related: Some(near_one), ..all(&self.open) };
        let inner = || Box::new(Find { filter: of_kind(&self.open), ..Find::all(Arc::clone(&self.open)) });
        let related_to = Filter::Subquery(field(&self.open, "near"), Subquery::RelatesTo, inner());
        let count = |class: &Arc<Class>, listed| {
            let plan = Count { class: Arc::clone(class), filter: Filter::Always, order: Vec::new(), related: None };
            render::count(dialect, &guard::count(&user, plan).unwrap(), listed && dialect == Dialect::Sqlite)
        };
        let ids = || (1..100).map(|n| ObjectId::new(format!("o{n}"))).collect();
        vec![
            (
                "by its id",
                find(Find::by_ids(Arc::clone(&self.private), vec![ObjectId::new("o8")], Vec::new()), false),
                &["key"],
            ),
            ("by many ids", find(Find::by_ids(Arc::clone(&self.open), ids(), Vec::new()), false), &["key"]),
            ("the first page", find(all(&self.open), false), &["Open__created"]),
            ("a page behind a row", find(Find { page: behind, ..all(&self.open) }, false), &["Open__created"]),
            ("a page before a row", find(Find { page: before, ..all(&self.open) }, false), &["Open__created"]),
            ("own rows", find(all(&self.private), true), &["readers"]),
            ("own rows, counted", count(&self.private, true), &["readers"]),
            ("of a kind", find(Find { filter: of_kind(&self.open), ..all(&self.open) }, false), &["Open_byKind"]),
            ("own rows of a kind", find(Find { filter: of_kind(&self.private), ..all(&self.private) }, true), &[]),
            ("whom a pointer names", find(all(&self.pointed), false), &["Pointed__pointer_owner"]),
            ("relations", find(relations(), false), &["_Join:near:Open", "key"]),
            ("the relation of one", find(of_one, false), &["_Join:near:Open", "key"]),
            (
                "relations with many objects",
                find_in(relations(), Ways { listed: false, numbered: true }),
                &["_Join:near:Open", "key"],
            ),
            (
                "related to something of a kind",
                find(Find { filter: related_to, ..all(&self.open) }, false),
                &["Open_byKind", "_Join:near:Open"],
            ),
        ]
    }

    /// Writes, which name a row.
    fn writes(&self, dialect: Dialect) -> Vec<Case> {
        let (id, now) = (ObjectId::new("o8"), Date::from_millis(1).unwrap());
        let changes = Changes { acl: Some(Acl::public()), ..Changes::default() };
        let update = Update { class: Arc::clone(&self.private), id: id.clone(), now, changes };
        let delete = Delete { class: Arc::clone(&self.private), id };
        vec![
            ("an update", write::set(dialect, &guard::update(&user(), update).unwrap(), Tokens::Hashed), &["key"]),
            ("a delete", write::remove(dialect, &guard::delete(&user(), delete).unwrap()), &["key"]),
        ]
    }
}

/// The plan of a statement, a line for each step.
async fn explained(executor: Executor<'_>, sql: Sql) -> String {
    let how = match executor.dialect() {
        Dialect::Postgres => ("EXPLAIN ", 0),
        Dialect::Sqlite => ("EXPLAIN QUERY PLAN ", 3),
    };
    let rows = executor.rows(sql.behind(how.0)).await.unwrap();
    let lines = rows.iter().map(|row| Raw::new(row).unwrap().text(how.1).unwrap().unwrap_or_default().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// True if a plan reads one of the big tables from end to end, or sorts one.
fn reads_all(plan: &str) -> bool {
    let classes = ["Open", "Private", "Pointed", "Listed", "_Join"];
    plan.lines().map(str::trim).any(|line| {
        let postgres = classes.iter().any(|class| line.contains(&format!("Seq Scan on \"{class}")));
        // SQLite says SCAN for a walk along an index, too; with LIMIT that is what a page is.
        postgres || (line.starts_with("SCAN t") && !line.contains("USING"))
    })
}

async fn open(url: &str) -> Store {
    let options = Options { max_connections: 2, ..Options::of_test(url) };
    Box::pin(Store::open(&options)).await.unwrap()
}

async fn plans_use_indexes(store: &Store) {
    let executor = store.shared.executor();
    let classes = Classes::make(store).await;
    let mut cases = classes.reads(executor.dialect());
    cases.extend(classes.writes(executor.dialect()));
    if executor.dialect() == Dialect::Postgres {
        let plan = Find { page: Page { limit: Some(50), ..Page::default() }, ..Find::all(Arc::clone(&classes.listed)) };
        let listed = render::find(Dialect::Postgres, &guard::find(&user(), plan).unwrap(), Ways::default()).0;
        cases.push(("whom an array names", listed, &["Listed__pointer_friends"]));
    }
    let mut wrong = String::new();
    for (name, sql, named) in cases {
        let text = sql.as_str().to_owned();
        let plan = explained(executor, sql).await;
        let missing = named.iter().any(|part| !names(&plan, part));
        if reads_all(&plan) || missing {
            writeln!(wrong, "# {name}: wanted {named:?}\n{text}\n{plan}\n").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A plan for any values knows nothing of who asks, so lists have none; the way to objects by their ids is always the same.
async fn lists_are_planned_for_their_values(store: &Store) {
    let classes = Classes::make(store).await;
    let transaction = store.begin().await.unwrap();
    let executor = transaction.executor();
    for (name, is_list) in [
        ("own rows", true),
        ("own rows, counted", true),
        ("relations", true),
        ("by many ids", false),
        ("by its id", false),
    ] {
        let mut text = String::new();
        for _ in 0..10 {
            let mut cases = classes.reads(Dialect::Postgres).into_iter();
            let (_, sql, _) = cases.find(|(of, ..)| *of == name).unwrap();
            sql.as_str().clone_into(&mut text);
            executor.rows(sql).await.unwrap();
        }
        let question = "SELECT generic_plans FROM pg_prepared_statements WHERE statement = ";
        let mut sql = Sql::from(Dialect::Postgres, question);
        sql.text(text);
        let row = executor.row(sql).await.unwrap().unwrap();
        let for_any_values = Raw::new(&row).unwrap().integer(0).unwrap().unwrap();
        assert_eq!(for_any_values == 0, is_list, "{name}: {for_any_values} of 10 were for any values");
    }
}

/// True if a plan uses an index whose name, in the words of either database, contains this.
fn names(plan: &str, part: &str) -> bool {
    match part {
        "key" => plan.contains("_pkey") || plan.contains("sqlite_autoindex"),
        "readers" => plan.contains("__readers") || plan.contains("PRIMARY KEY (principal=?"),
        // Without an index of its own, SQLite walks the key of the join table.
        part => plan.contains(part) || (part.starts_with("_Join") && plan.contains("SEARCH t1 USING")),
    }
}

async fn indexes_follow_permissions(store: &Store) {
    let executor = store.shared.executor();
    let there = async || {
        let (table, name) = match executor.dialect() {
            Dialect::Postgres => ("pg_indexes", "indexname"),
            Dialect::Sqlite => ("sqlite_schema", "name"),
        };
        let sql = format!("SELECT {name} FROM {table} WHERE substr({name}, 1, 13) = 'Trip__pointer' ORDER BY {name}");
        let rows = executor.rows(Sql::from(executor.dialect(), &sql)).await.unwrap();
        rows.iter().map(|row| Raw::new(row).unwrap().required(0).unwrap().to_owned()).collect::<Vec<_>>()
    };
    let set = async |clp: Clp, remove: &[&str]| {
        let remove = remove.iter().map(|&name| name.to_owned()).collect();
        let alteration = Alteration { clp: ClpChange::Replace(Box::new(clp)), remove, ..Alteration::default() };
        let alter = Alter::Update { name: "Trip".to_owned(), alteration };
        store.alter(guard::alter(&master(), alter).unwrap()).await.unwrap();
    };
    let by_owner = || {
        let mut clp = Clp::open();
        *clp.permission_mut(Operation::Count) = pointers(&["owner"]);
        clp
    };
    class(store, "Trip", |_| {}).await;
    assert!(there().await.is_empty());
    set(by_owner(), &[]).await;
    assert_eq!(there().await, ["Trip__pointer_owner"]);
    set(by_owner(), &[]).await;
    assert_eq!(there().await, ["Trip__pointer_owner"]);
    set(Clp::open(), &[]).await;
    assert!(there().await.is_empty());
    set(by_owner(), &[]).await;
    set(Clp::open(), &["owner"]).await;
    assert!(there().await.is_empty());
}

async fn on_sqlite(check: impl AsyncFnOnce(&Store)) {
    let directory = scratch::Scratch::new();
    check(&open(&format!("sqlite:{}", directory.path().join("big.db").display())).await).await;
}

async fn on_postgres(check: impl AsyncFnOnce(&Store)) {
    match postgres::cluster() {
        Ok(cluster) => {
            let database = postgres::PostgresDatabase::create(cluster).await;
            check(&open(database.url()).await).await;
        }
        Err(reason) if postgres::is_required() => panic!("PostgreSQL is needed in CI: {reason}"),
        Err(reason) => eprintln!("SKIPPED, there is no PostgreSQL: {reason}"),
    }
}

#[tokio::test]
async fn an_index_serves_every_kind_of_plan_on_sqlite() {
    on_sqlite(plans_use_indexes).await;
}

#[tokio::test]
async fn an_index_serves_every_kind_of_plan_on_postgres() {
    on_postgres(plans_use_indexes).await;
}

#[tokio::test]
async fn lists_are_planned_for_their_values_on_postgres() {
    on_postgres(lists_are_planned_for_their_values).await;
}

#[tokio::test]
async fn indexes_follow_permissions_on_sqlite() {
    on_sqlite(indexes_follow_permissions).await;
}

#[tokio::test]
async fn indexes_follow_permissions_on_postgres() {
    on_postgres(indexes_follow_permissions).await;
}

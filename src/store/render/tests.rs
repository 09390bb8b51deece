//! Every kind of statement, as text, for both databases: a change of what is sent shows in review.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::json;

use super::{Table, Ways, count, find};
use crate::auth::{Caller, Master, proofs};
use crate::class::{Acl, Class, ClassName, Clp, Definition, Field, FieldName, FieldType, Group, Operation, Permission};
use crate::guard::{self, Clause, Right, RowScope};
use crate::plan::{
    Changes, Comparison, Count, Create, Cursor, Delete, Direction, Filter, Find, Geo, Order, OrderKey, Page, Pattern,
    Position, Related, Subquery, Test, TextSearch, Update,
};
use crate::store::dialect::Dialect;
use crate::store::lone;
use crate::store::sql::Sql;
use crate::store::write::{self, Tokens};
use crate::value::{Date, GeoPoint, ObjectId, Polygon, Value};

const BOTH: [Dialect; 2] = [Dialect::Postgres, Dialect::Sqlite];

fn master() -> Caller {
    Caller::Master(Master::Full(proofs::MASTER), None)
}

fn alice() -> Caller {
    proofs::user(ObjectId::new("alice"), &["Admin"])
}

/// Trips: everybody may do everything, if `adapt` says nothing else.
fn trip(adapt: impl FnOnce(&mut Clp)) -> Arc<Class> {
    let field = Field::new;
    let fields = vec![
        field("notes", FieldType::String),
        field("fare", FieldType::Number),
        field("paid", FieldType::Boolean),
        field("startedAt", FieldType::Date),
        field("meta", FieldType::Object),
        field("stops", FieldType::Array),
        field("hash", FieldType::Bytes),
        field("photo", FieldType::File),
        field("place", FieldType::GeoPoint),
        field("area", FieldType::Polygon),
        field("driver", FieldType::Pointer(ClassName::known("_User"))),
        field("next", FieldType::Pointer(ClassName::known("Trip"))),
        field("shared", FieldType::Relation(ClassName::known("Trip"))),
    ];
    let mut clp = Clp::open();
    adapt(&mut clp);
    Arc::new(Definition::new(ClassName::known("Trip"), fields, Some(clp)).to_class())
}

fn field(class: &Class, name: &str) -> Arc<Field> {
    Arc::clone(class.field(name).unwrap())
}

/// The statements for both databases, one under the other.
fn both(mut render: impl FnMut(Dialect) -> Sql) -> String {
    let mut text = String::new();
    for dialect in BOTH {
        writeln!(text, "{dialect:?}: {}", render(dialect).as_str()).unwrap();
    }
    text
}

fn found(caller: &Caller, plan: &Find) -> String {
    found_in(caller, plan, Ways::default())
}

fn found_in(caller: &Caller, plan: &Find, ways: Ways) -> String {
    both(|dialect| find(dialect, &guard::find(caller, plan.clone()).unwrap(), ways).0)
}

fn filtered(filter: Filter<Find>) -> String {
    let plan = Find { filter, ..Find::all(trip(|_| {})) };
    let text = found(&master(), &plan);
    let conditions = text.lines().map(|line| {
        let (dialect, sql) = line.split_once(": ").unwrap();
        let (_, condition) = sql.split_once(" WHERE TRUE AND ").unwrap();
        let condition = condition.rsplit_once(" ORDER BY ").map_or(condition, |(condition, _)| condition);
        // What follows says how the statement is planned.
        let cut = condition.rsplit_once(" AND ($").filter(|(_, planned)| planned.contains("generate_series"));
        let condition = cut.map_or(condition, |(condition, _)| condition);
        format!("{dialect}: {condition}\n")
    });
    conditions.collect()
}

#[test]
fn scopes_are_part_of_the_statement() {
    let by_pointer = trip(|clp| {
        *clp.permission_mut(Operation::Find) = Permission {
            // The last points to no user, so it opens nothing.
            pointer_fields: ["driver", "stops", "next"].iter().map(FieldName::known).collect(),
            ..Permission::default()
        };
    });
    let mut text = String::new();
    let roles: Vec<String> = (0..100).map(|number| format!("Role {number}")).collect();
    let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
    let of_many_roles = proofs::user(ObjectId::new("bob"), &roles);
    let callers =
        [("master", master()), ("nobody", Caller::Anonymous), ("alice", alice()), ("many roles", of_many_roles)];
    for (who, caller) in callers {
        for (class, rule) in [(trip(|_| {}), "acl"), (Arc::clone(&by_pointer), "pointers")] {
            writeln!(text, "# {who}, {rule}\n{}", found(&caller, &Find::all(class))).unwrap();
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_empty_opens_nothing() {
    let class = trip(|_| {});
    let nobody = || ObjectId::new("nobody");
    let scopes = [
        RowScope::Granted(Vec::new()),
        RowScope::Granted(vec![Clause::Acl(Right::Read, Arc::default())]),
        RowScope::Granted(vec![Clause::PointsTo(nobody(), Vec::new())]),
        RowScope::Granted(vec![Clause::PointsTo(nobody(), vec![field(&class, "next")])]),
        RowScope::Granted(vec![Clause::Nobody]),
    ];
    for (scope, dialect) in scopes.iter().flat_map(|scope| BOTH.map(|dialect| (scope, dialect))) {
        let mut sql = Sql::new(dialect);
        let table = Table::new(&mut sql, &class);
        super::scope(&mut sql, table, scope);
        assert_eq!(sql.as_str().trim_matches(['(', ')']), "FALSE", "{scope:?}");
    }
}

#[test]
fn hidden_values_do_not_leave_the_database() {
    let secret = |group: Group| (group, vec![FieldName::known("fare")]);
    let of_driver = (Group::UserField(FieldName::known("driver")), Vec::new());
    let class = trip(|clp| clp.protected = vec![secret(Group::Public), of_driver]);
    let by_row = trip(|clp| clp.protected = vec![secret(Group::UserField(FieldName::known("driver")))]);
    let mut text = String::new();
    for (who, caller) in [("nobody", Caller::Anonymous), ("alice", alice())] {
        for (rule, class) in [("hidden but from the driver", &class), ("hidden from the driver", &by_row)] {
            let columns = vec![field(class, "fare"), field(class, "ACL")];
            let plan = Find { columns, ..Find::all(Arc::clone(class)) };
            writeln!(text, "# {who}, {rule}\n{}", found(&caller, &plan)).unwrap();
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn pages_begin_behind_a_row() {
    let class = trip(|_| {});
    let order = vec![
        Order { key: OrderKey::Field(field(&class, "fare")), direction: Direction::Descending },
        Order::ascending(field(&class, "notes")),
    ];
    let row = |keys| Some(Cursor::Row(Position { keys, id: ObjectId::new("id") }));
    let at = row(vec![Value::Number(5.0), Value::Null]);
    let pages = [
        ("first", Vec::new(), Page { limit: Some(10), ..Page::default() }),
        (
            "behind a row",
            Vec::new(),
            Page { after: row(vec![Value::Date(Date::from_millis(0).unwrap())]), limit: Some(10), ..Page::default() },
        ),
        ("two keys", order.clone(), Page { after: at.clone(), skip: 3, limit: Some(10), ..Page::default() }),
        ("from the end", order, Page { before: at, limit: Some(10), from_end: true, ..Page::default() }),
    ];
    let mut text = String::new();
    for (name, order, page) in pages {
        let plan = Find { order, page, cursors: true, ..Find::all(Arc::clone(&class)) };
        writeln!(text, "# {name}\n{}", found(&master(), &plan)).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn relations_are_read_for_all_owners_at_once() {
    let class = trip(|_| {});
    let owners = vec![ObjectId::new("a"), ObjectId::new("b")];
    let related = Some(Related { class: Arc::clone(&class), field: field(&class, "shared"), owners });
    let plan =
        Find { related: related.clone(), columns: vec![field(&class, "notes")], ..Find::all(Arc::clone(&class)) };
    let first = |limit| Find { page: Page { limit: Some(limit), ..Page::default() }, ..plan.clone() };
    let numbered = found_in(&alice(), &first(100), Ways { numbered: true, ..Ways::default() });
    let paged = Find { page: Page { limit: Some(5), skip: 1, ..Page::default() }, ..plan.clone() };
    let counted = Count { class, filter: Filter::Always, order: Vec::new(), related };
    let (all, paged) = (found(&alice(), &plan), found(&alice(), &paged));
    let (large, small) = (found(&alice(), &first(100)), found(&alice(), &first(99)));
    let mut text = format!(
        "# all\n{all}\n# large pages\n{large}\n# large pages, cut\n{numbered}\n# small pages\n{small}\n# later\n{paged}\n# counted\n"
    );
    text.push_str(&both(|dialect| count(dialect, &guard::count(&alice(), counted.clone()).unwrap(), false)));
    insta::assert_snapshot!(text);
}

#[test]
fn objects_are_found_by_their_ids_in_any_order() {
    let ids = ["a", "b"].map(ObjectId::new);
    let plan = |total| {
        let page = Page { total, ..Page::default() };
        Find { page, ..Find::by_ids(trip(|_| {}), ids.to_vec(), Vec::new()) }
    };
    for total in [None, Some(2)] {
        let text = found(&alice(), &plan(total));
        assert!(!text.contains("ORDER BY") && !text.contains("LIMIT"), "{text}");
    }
    assert_eq!(found(&alice(), &plan(Some(1))).matches(" LIMIT 1\n").count(), BOTH.len());
}

#[test]
fn sqlite_can_take_the_list_of_readers() {
    let class = trip(|_| {});
    let plan = guard::find(&alice(), Find::all(class)).unwrap();
    insta::assert_snapshot!(find(Dialect::Sqlite, &plan, Ways { listed: true, ..Ways::default() }).0.as_str());
}

#[test]
fn tests_of_fields() {
    let class = trip(|_| {});
    let passes = |name: &str, test: Test| Filter::Field(field(&class, name), test);
    let is = |name: &str, value: Value| passes(name, Test::Compare(Comparison::Equal, value));
    let less = |name: &str, value: Value| passes(name, Test::Compare(Comparison::Less, value));
    let point = |latitude, longitude| GeoPoint::new(latitude, longitude).unwrap();
    let area = Polygon::new(vec![point(0.0, 0.0), point(0.0, 1.0), point(1.0, 1.0)]).unwrap();
    let pattern = Pattern {
        expression: "^a.c".to_owned(),
        ignore_case: true,
        multi_line: false,
        dot_matches_new_line: false,
        ignore_white_space: false,
    };
    let search = TextSearch {
        term: "Running shoes".to_owned(),
        language: None,
        case_sensitive: true,
        diacritic_sensitive: false,
    };
    let path = || vec!["a".to_owned(), "b".to_owned()];
    let cases = [
        ("no id", Filter::Ids(Vec::new())),
        ("one id", Filter::Ids(vec![ObjectId::new("a")])),
        ("ids", Filter::Ids(vec![ObjectId::new("a"), ObjectId::new("b")])),
        ("and, or, not", Filter::Not(Box::new(Filter::And(vec![Filter::Or(Vec::new()), Filter::And(Vec::new())])))),
        ("text", is("notes", Value::String("x".to_owned()))),
        ("less text", less("notes", Value::String("x".to_owned()))),
        ("texts", passes("notes", Test::In(vec![Value::String("x".to_owned()), Value::String("y".to_owned())]))),
        ("no text", passes("notes", Test::In(Vec::new()))),
        ("numbers", passes("fare", Test::In(vec![Value::Number(1.0), Value::Number(2.5)]))),
        ("date", less("startedAt", Value::Date(Date::from_millis(1).unwrap()))),
        ("bytes", less("hash", Value::Bytes("aGk=".to_owned()))),
        ("pointer", is("driver", Value::Pointer(ObjectId::new("alice")))),
        ("element", is("stops", Value::Number(1.0))),
        ("all", passes("stops", Test::ContainsAll(vec![json!(1), json!({"a": 1})]))),
        ("any", passes("stops", Test::ContainsAny(vec![json!(1), json!("x")]))),
        ("nothing but", passes("stops", Test::ContainedBy(vec![json!(1)]))),
        ("member", passes("meta", Test::Member(path(), Comparison::Equal, json!(1)))),
        ("less member", passes("meta", Test::Member(path(), Comparison::Less, json!("x")))),
        ("member in", passes("meta", Test::MemberIn(path(), vec![json!(1), json!("x")]))),
        ("pattern", passes("notes", Test::Matches(pattern))),
        ("words", passes("notes", Test::Search(search))),
        ("near", passes("place", Test::Geo(Geo::Near(point(1.0, 2.0), Some(0.1))))),
        ("box", passes("place", Test::Geo(Geo::InBox(point(1.0, 2.0), point(3.0, 4.0))))),
        ("inside", passes("place", Test::Geo(Geo::InPolygon(area)))),
        ("around", passes("area", Test::Geo(Geo::Around(point(1.0, 2.0))))),
    ];
    let mut text = String::new();
    for (name, filter) in cases {
        writeln!(text, "# {name}\n{}", filtered(filter)).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn queries_inside_have_their_own_scope() {
    let class = trip(|_| {});
    let inner = || Box::new(Find::all(trip(|_| {})));
    let cases = [
        ("points to", Filter::Subquery(field(&class, "next"), Subquery::PointsTo, inner())),
        ("array points to", Filter::Subquery(field(&class, "stops"), Subquery::PointsTo, inner())),
        ("relates to", Filter::Subquery(field(&class, "shared"), Subquery::RelatesTo, inner())),
        ("value of", Filter::Subquery(field(&class, "notes"), Subquery::ValueOf(field(&class, "notes")), inner())),
        ("element of", Filter::Subquery(field(&class, "stops"), Subquery::ValueOf(field(&class, "notes")), inner())),
    ];
    let mut text = String::new();
    for (name, filter) in cases {
        let plan = Find { filter, ..Find::all(Arc::clone(&class)) };
        writeln!(text, "# {name}\n{}", found(&Caller::Anonymous, &plan)).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn writes_carry_their_scope() {
    let class = trip(|_| {});
    let (id, now) = (ObjectId::new("id"), Date::from_millis(1).unwrap());
    let changes = || {
        let point = GeoPoint::new(1.0, 2.0).unwrap();
        let values = vec![
            (field(&class, "notes"), Value::Null),
            (field(&class, "hash"), Value::Bytes("aGk=".to_owned())),
            (field(&class, "place"), Value::GeoPoint(point)),
        ];
        Changes { values, acl: Some(Acl::public()), ..Changes::default() }
    };
    let create = || Create { class: Arc::clone(&class), id: id.clone(), now, changes: changes() };
    let update = || Update { class: Arc::clone(&class), id: id.clone(), now, changes: changes() };
    let delete = || Delete { class: Arc::clone(&class), id: id.clone() };
    let caller = alice();
    let text = [
        both(|dialect| write::insert(dialect, &guard::create(&caller, create()).unwrap(), Tokens::Hashed)),
        both(|dialect| write::set(dialect, &guard::update(&caller, update()).unwrap(), Tokens::Hashed)),
        both(|dialect| write::remove(dialect, &guard::delete(&caller, delete()).unwrap())),
    ];
    insta::assert_snapshot!(text.concat());

    let find = || Find::by_ids(Arc::clone(&class), vec![id.clone()], vec![Arc::clone(class.field("fare").unwrap())]);
    let find = || guard::find(&caller, find()).unwrap();
    let creates = |count| -> Vec<_> { (0..count).map(|_| guard::create(&caller, create()).unwrap()).collect() };
    insta::assert_snapshot!("lone_create", lone::creation(&creates(1), (&find(), &[]), Tokens::Hashed).0.as_str());
    insta::assert_snapshot!("several_creates", lone::creation(&creates(2), (&find(), &[]), Tokens::Hashed).0.as_str());
    let update = guard::update(&caller, update()).unwrap();
    insta::assert_snapshot!("lone_update", lone::change(&update, &find(), Tokens::Hashed).0.as_str());
}

#[test]
fn what_is_behind_pointers_is_read_where_it_is_made() {
    let pointer = |name, class| Field::new(name, FieldType::Pointer(ClassName::known(class)));
    let class = |name, fields| Arc::new(Definition::new(ClassName::known(name), fields, Some(Clp::open())).to_class());
    let (driver, car) = (class("Driver", Vec::new()), class("Car", Vec::new()));
    let trip = class("Trip", vec![pointer("by", "Driver"), pointer("in", "Car")]);
    let caller = alice();
    let create = |class: &Arc<Class>, id: &str, changes| {
        let (class, id, now) = (Arc::clone(class), ObjectId::new(id), Date::from_millis(1).unwrap());
        guard::create(&caller, Create { class, id, now, changes }).unwrap()
    };
    let new = |class: &Arc<Class>, id: &str| create(class, id, Changes::default());
    let new_trip = || {
        let values = [("by", "one"), ("in", "any")];
        let values = values.map(|(name, id)| (field(&trip, name), Value::Pointer(ObjectId::new(id))));
        create(&trip, "trip", Changes { values: values.into(), ..Changes::default() })
    };
    let find = |class: &Arc<Class>, id: &str| {
        guard::find(&caller, Find::by_ids(Arc::clone(class), vec![ObjectId::new(id)], Vec::new())).unwrap()
    };
    let creates = [new(&driver, "one"), new_trip()];
    let (sql, ..) = lone::creation(&creates, (&find(&trip, "trip"), &[find(&driver, "one")]), Tokens::Hashed);
    insta::assert_snapshot!(sql.as_str());

    let behind = |creates: Vec<_>| {
        let together = lone::Together::new(Dialect::Postgres, creates).unwrap();
        ["by", "in"].map(|name| together.made_behind(&field(&trip, name)).map(ToString::to_string))
    };
    assert_eq!(behind(creates.into()), [Some("one".to_owned()), None]);
    assert_eq!(behind(vec![new(&driver, "two"), new(&car, "any"), new_trip()]), [None, Some("any".to_owned())]);
    // Two of a class cannot both go by the name of their table.
    assert_eq!(behind(vec![new(&driver, "one"), new(&driver, "two"), new_trip()]), [None, None]);
}

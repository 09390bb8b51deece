//! Protected fields: what is shown to whom, and what may be asked about.

use std::sync::Arc;

use crate::auth::{Caller, Master, proofs};
use crate::class::{
    Catalog, Class, ClassName, Clp, Definition, Field, FieldName, FieldType, Group, RoleName, SESSION, USER,
};
use crate::fault::Code;
use crate::guard::{Shown, find};
use crate::plan::{Comparison, Filter, Find, Order, Related, Subquery, Test};
use crate::value::{ObjectId, Value};

/// Trips with secrets, which these lists protect.
fn trip(lists: &[(Group, &[&str])]) -> Arc<Class> {
    let user = || FieldType::Pointer(ClassName::known(USER));
    let fields = vec![
        Field::new("fare", FieldType::Number),
        Field::new("notes", FieldType::String),
        Field::new("driver", user()),
        Field::new("guide", user()),
        Field::new("stops", FieldType::Relation(ClassName::known("Trip"))),
    ];
    let names = |names: &[&str]| names.iter().map(FieldName::known).collect();
    let mut clp = Clp::open();
    clp.protected = lists.iter().map(|(group, list)| (group.clone(), names(list))).collect();
    Arc::new(Definition::new(ClassName::known("Trip"), fields, Some(clp)).to_class())
}

fn user_field(name: &str) -> Group {
    Group::UserField(FieldName::known(name))
}

fn alice() -> Caller {
    proofs::user(ObjectId::new("alice"), &["Admin"])
}

fn masters() -> [Caller; 2] {
    [Master::Full(proofs::MASTER), Master::ReadOnly(proofs::READ_ONLY)].map(|master| Caller::Master(master, None))
}

/// When a field is shown: always, never, or in which rows.
fn shown(caller: &Caller, class: &Arc<Class>, field: &str) -> String {
    let columns = vec![Arc::clone(class.field(field).unwrap())];
    let admitted = find(caller, Find { columns, ..Find::all(Arc::clone(class)) }).unwrap();
    let names = |fields: &[Arc<Field>]| {
        let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
        names.join(",")
    };
    match &admitted.columns().first().unwrap().shown {
        Shown::Always => "always".to_owned(),
        Shown::Never => "never".to_owned(),
        Shown::When { user, own_row, revealed_by, hidden_by } => {
            assert_eq!(user.as_str(), "alice");
            let own = if *own_row { "own " } else { "" };
            let hidden = hidden_by.as_ref().map(|fields| format!(" unless({})", names(fields)));
            format!("{own}if({}){}", names(revealed_by), hidden.unwrap_or_default())
        }
    }
}

/// What becomes of asking about a field: in a condition, an order, a query inside a condition, and its values there.
fn asked(caller: &Caller, class: &Arc<Class>, field: &str) -> [Option<Code>; 4] {
    let field = || Arc::clone(class.field(field).unwrap());
    let all = || Find::all(Arc::clone(class));
    let condition = || Filter::Field(field(), Test::Compare(Comparison::Equal, Value::Null));
    let inside = |inner: Find| {
        let id = Arc::clone(class.field("objectId").unwrap());
        Filter::Subquery(id, Subquery::PointsTo, Box::new(inner))
    };
    [
        Find { filter: condition(), ..all() },
        Find { order: vec![Order::ascending(field())], ..all() },
        Find { filter: Filter::Not(Box::new(inside(Find { filter: condition(), ..all() }))), ..all() },
        Find { filter: inside(Find { columns: vec![field()], ..all() }), ..all() },
    ]
    .map(|plan| find(caller, plan).err().map(|fault| fault.code()))
}

const REFUSED: [Option<Code>; 4] = [Some(Code::OperationForbidden); 4];

#[test]
fn what_is_protected_is_neither_shown_nor_asked_about() {
    let class = trip(&[(Group::Public, &["fare"])]);
    for caller in [Caller::Anonymous, alice()] {
        assert_eq!(shown(&caller, &class, "fare"), "never");
        assert_eq!(asked(&caller, &class, "fare"), REFUSED);
        assert_eq!(shown(&caller, &class, "notes"), "always");
        assert_eq!(asked(&caller, &class, "notes"), [None; 4]);
    }
    for caller in masters() {
        assert_eq!(shown(&caller, &class, "fare"), "always");
        assert_eq!(asked(&caller, &class, "fare"), [None; 4]);
    }
}

#[test]
fn what_one_list_shows_is_shown() {
    let both = trip(&[(Group::Public, &["fare", "notes"]), (Group::Authenticated, &["notes"])]);
    assert_eq!([shown(&alice(), &both, "fare"), shown(&alice(), &both, "notes")], ["always", "never"]);
    assert_eq!(shown(&Caller::Anonymous, &both, "fare"), "never");
    let others = [
        (Group::User(ObjectId::new("alice")), "always"),
        (Group::User(ObjectId::new("bob")), "never"),
        (Group::Role(RoleName::known("Admin")), "always"),
        (Group::Role(RoleName::known("Editor")), "never"),
    ];
    for (group, expected) in others {
        let class = trip(&[(Group::Public, &["fare"]), (group, &[])]);
        assert_eq!(shown(&alice(), &class, "fare"), expected);
        assert_eq!(shown(&Caller::Anonymous, &class, "fare"), "never");
    }
    let signed_in = trip(&[(Group::Authenticated, &["fare"])]);
    assert_eq!(
        [shown(&Caller::Anonymous, &signed_in, "fare"), shown(&alice(), &signed_in, "fare")],
        ["always", "never"]
    );
}

#[test]
fn whom_a_row_points_to_counts_in_that_row() {
    let revealed = trip(&[(Group::Public, &["fare"]), (user_field("driver"), &[]), (user_field("guide"), &["fare"])]);
    assert_eq!(shown(&alice(), &revealed, "fare"), "if(driver)");
    assert_eq!(asked(&alice(), &revealed, "fare"), REFUSED);
    assert_eq!(shown(&Caller::Anonymous, &revealed, "fare"), "never");
    let hidden = trip(&[(user_field("driver"), &[]), (user_field("guide"), &["fare"])]);
    assert_eq!(shown(&alice(), &hidden, "fare"), "if(driver) unless(guide)");
    assert_eq!(asked(&alice(), &hidden, "fare"), REFUSED);
    assert_eq!(shown(&alice(), &hidden, "notes"), "always");
    assert_eq!(shown(&Caller::Anonymous, &hidden, "fare"), "always");
}

#[test]
fn users_see_what_is_protected_in_their_own_row() {
    let system = Catalog::new(0, []);
    let mut clp = Clp::open();
    clp.protected = vec![(Group::Public, vec![FieldName::known("email")])];
    let class = Arc::new(Definition::new(ClassName::known(USER), Vec::new(), Some(clp)).to_class());
    assert_eq!(shown(&alice(), &class, "email"), "own if()");
    assert_eq!(asked(&alice(), &class, "email"), REFUSED);
    assert_eq!(shown(&Caller::Anonymous, &class, "email"), "never");
    assert_eq!(shown(&alice(), &class, "username"), "always");
    // Whatever the permissions say.
    let open = system.class(USER).unwrap();
    assert_eq!(shown(&alice(), open, "authData"), "own if()");
    assert_eq!(shown(&Caller::Anonymous, open, "authData"), "never");
    for caller in [Caller::Anonymous, alice()] {
        assert_eq!(asked(&caller, open, "authData"), REFUSED);
    }
    // With the id of an anonymous user, the read-only key would be good for writing.
    let [full, read_only] = masters();
    assert_eq!([shown(&full, open, "authData"), shown(&read_only, open, "authData")], ["always", "never"]);
    assert_eq!(asked(&full, open, "authData"), [None; 4]);
    assert_eq!(asked(&read_only, open, "authData"), REFUSED);
    // Another class may have a field of this name.
    let own = Field::new("authData", FieldType::String);
    let other = Arc::new(Definition::new(ClassName::known("Trip"), vec![own], Some(Clp::open())).to_class());
    assert_eq!(shown(&Caller::Anonymous, &other, "authData"), "always");
}

#[test]
fn nobody_asks_about_tokens() {
    let system = Catalog::new(0, []);
    let class = system.class(SESSION).unwrap();
    for caller in [alice()].into_iter().chain(masters()) {
        assert_eq!(shown(&caller, class, "sessionToken"), "never");
        assert_eq!(asked(&caller, class, "sessionToken"), REFUSED);
        assert_eq!(shown(&caller, class, "user"), "always");
    }
    // Who has no session learns that a session is needed, and nothing else.
    assert_eq!(asked(&Caller::Anonymous, class, "sessionToken"), [Some(Code::InvalidSessionToken); 4]);
    let own = Field::new("sessionToken", FieldType::String);
    let other = Arc::new(Definition::new(ClassName::known("Trip"), vec![own], Some(Clp::open())).to_class());
    assert_eq!(shown(&alice(), &other, "sessionToken"), "always");
}

#[test]
fn a_protected_relation_is_not_followed() {
    let class = trip(&[(Group::Public, &["stops"])]);
    let plan = || {
        let field = Arc::clone(class.field("stops").unwrap());
        let related = Some(Related { class: Arc::clone(&class), field, owners: vec![ObjectId::new("trip")] });
        Find { related, ..Find::all(Arc::clone(&class)) }
    };
    assert_eq!(find(&alice(), plan()).err().map(|fault| fault.code()), Some(Code::OperationForbidden));
    for caller in masters() {
        assert!(find(&caller, plan()).is_ok());
    }
}

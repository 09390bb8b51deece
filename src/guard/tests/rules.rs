//! The rules that do not depend on rows, each beside its opposite.

use std::sync::Arc;

use serde_json::json;

use crate::auth::{Caller, Master, SessionToken, proofs};
use crate::class::{
    Acl, Catalog, Class, ClassName, Clp, DefaultAcl, Definition, Field, FieldName, FieldType, Operation, Permission,
    Principal, ROLE, Rights, RoleName, SESSION, USER,
};
use crate::fault::{Code, Fault};
use crate::guard::{
    Clause, RowScope, Uploaders, count, create, delete, find, read_classes, read_config, update, upload, write_config,
};
use crate::plan::{Changes, Count, Create, Delete, Filter, Find, Internal, Related, Update, Upload};
use crate::value::{Date, JsonText, ObjectId, Value};

fn class(name: &str) -> Arc<Class> {
    Arc::clone(Catalog::new(0, []).class(name).unwrap())
}

fn master() -> Caller {
    Caller::Master(Master::Full(proofs::MASTER), None)
}

fn read_only_master() -> Caller {
    Caller::Master(Master::ReadOnly(proofs::READ_ONLY), None)
}

fn alice() -> Caller {
    proofs::user(ObjectId::new("alice"), &[])
}

fn moment() -> Date {
    Date::from_millis(0).unwrap()
}

fn changes(class: &Class, values: &[(&str, Value)]) -> Changes {
    let values = values.iter().map(|(name, value)| (Arc::clone(class.field(name).unwrap()), value.clone()));
    Changes { values: values.collect(), ..Changes::default() }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn object(json: &serde_json::Value) -> Value {
    Value::Object(JsonText::new(json))
}

/// How an anonymous user signs in, as a field and its value.
fn provider() -> (&'static str, Value) {
    ("authData", object(&json!({"anonymous": {"id": "1"}})))
}

fn code<T>(result: Result<T, Fault>) -> Option<Code> {
    result.err().map(|fault| fault.code())
}

fn created(caller: &Caller, class: &Arc<Class>, changes: Changes) -> Option<Code> {
    code(create(caller, Create { class: Arc::clone(class), id: ObjectId::new("new"), now: moment(), changes }))
}

fn updated(caller: &Caller, class: &Arc<Class>, id: &str, changes: Changes) -> Option<Code> {
    code(update(caller, Update { class: Arc::clone(class), id: ObjectId::new(id), now: moment(), changes }))
}

#[test]
fn a_read_only_key_opens_every_row_and_writes_none() {
    let class = class(ROLE);
    let found = find(&read_only_master(), Find::all(Arc::clone(&class))).unwrap();
    assert!(matches!(found.scope(), RowScope::Every(_)));
    let values = || Changes { acl: Some(Acl::default()), ..changes(&class, &[("name", text("Admin"))]) };
    let delete = || delete(&read_only_master(), Delete { class: Arc::clone(&class), id: ObjectId::new("role") });
    assert_eq!(created(&read_only_master(), &class, values()), Some(Code::OperationForbidden));
    assert_eq!(updated(&read_only_master(), &class, "role", Changes::default()), Some(Code::OperationForbidden));
    assert_eq!(code(delete()), Some(Code::OperationForbidden));
    assert_eq!(created(&master(), &class, values()), None);
}

#[test]
fn parameters_are_for_master_keys() {
    assert_eq!(read_config(&master(), "rate").unwrap().name(), "rate");
    assert_eq!(read_config(&read_only_master(), "rate").unwrap().name(), "rate");
    for master_key_only in [true, false] {
        let written = write_config(&master(), "rate", "1", master_key_only).unwrap();
        assert_eq!((written.name(), written.value(), written.master_key_only()), ("rate", "1", master_key_only));
    }
    for caller in [Caller::Anonymous, alice()] {
        assert_eq!(code(read_config(&caller, "rate")), Some(Code::OperationForbidden));
        assert_eq!(code(write_config(&caller, "rate", "1", false)), Some(Code::OperationForbidden));
    }
    assert_eq!(code(write_config(&read_only_master(), "rate", "1", false)), Some(Code::OperationForbidden));
    for (name, value) in [("", "1"), ("a\0", "1"), ("rate", "\0")] {
        assert_eq!(code(write_config(&master(), name, value, false)), Some(Code::InvalidKeyName), "{name:?} {value:?}");
    }
}

#[test]
fn classes_are_read_with_master_keys() {
    assert_eq!(code(read_classes(&master())), None);
    assert_eq!(code(read_classes(&read_only_master())), None);
    assert_eq!(code(read_classes(&Caller::Anonymous)), Some(Code::OperationForbidden));
    assert_eq!(code(read_classes(&alice())), Some(Code::OperationForbidden));
}

#[test]
fn a_setting_says_who_uploads() {
    let nobody = Uploaders { public: false, anonymous: false, users: false };
    let somebody = || proofs::anonymous_user(ObjectId::new("somebody"));
    let admitted = |caller: Caller, uploaders| {
        let asked = Upload { name: "a".to_owned(), content_type: None, content: "text".into() };
        upload(&caller, asked, uploaders)
    };
    for (uploaders, public, anonymous, users) in [
        (nobody, false, false, false),
        (Uploaders { public: true, ..nobody }, true, false, false),
        (Uploaders { anonymous: true, ..nobody }, false, true, false),
        (Uploaders { users: true, ..nobody }, false, false, true),
    ] {
        for (caller, allowed) in [(Caller::Anonymous, public), (somebody(), anonymous), (alice(), users)] {
            match admitted(caller, uploaders) {
                Ok(upload) => assert!(allowed && upload.any_kind().is_none()),
                Err(fault) => assert!(!allowed && fault.code() == Code::FileSaveError),
            }
        }
        let of_master = admitted(master(), uploaders).unwrap();
        assert!(of_master.any_kind().is_some());
        assert_eq!(of_master.into_upload().content, "text");
        assert_eq!(code(admitted(read_only_master(), uploaders)), Some(Code::OperationForbidden));
    }
}

#[test]
fn a_user_has_a_name_and_a_way_to_sign_in() {
    let class = class(USER);
    let sign_up = |values: &[(&str, Value)]| created(&Caller::Anonymous, &class, changes(&class, values));
    assert_eq!(sign_up(&[("username", text("a")), provider()]), None);
    assert_eq!(sign_up(&[("username", text("")), provider()]), Some(Code::UsernameMissing));
    assert_eq!(sign_up(&[("username", Value::Null), provider()]), Some(Code::UsernameMissing));
    assert_eq!(sign_up(&[provider()]), Some(Code::UsernameMissing));
    assert_eq!(sign_up(&[("username", text("a"))]), Some(Code::PasswordMissing));
    assert_eq!(sign_up(&[("username", text("a")), ("authData", Value::Null)]), Some(Code::PasswordMissing));

    let rename = |name: Value| updated(&alice(), &class, "alice", changes(&class, &[("username", name)]));
    assert_eq!(rename(text("b")), None);
    assert_eq!(rename(text("")), Some(Code::UsernameMissing));
    assert_eq!(rename(Value::Null), Some(Code::UsernameMissing));
    assert_eq!(updated(&alice(), &class, "alice", Changes::default()), None);
}

#[test]
fn addresses_have_two_sides() {
    let class = class(USER);
    for (email, refused) in [("a@b", None), ("a@", Some(())), ("@b", Some(())), ("@", Some(())), ("ab", Some(()))] {
        let refused = refused.map(|()| Code::InvalidEmailAddress);
        let email = ("email", text(email));
        let values = [("username", text("a")), email.clone(), provider()];
        assert_eq!(created(&Caller::Anonymous, &class, changes(&class, &values)), refused, "{email:?}");
        assert_eq!(updated(&alice(), &class, "alice", changes(&class, &[email])), refused);
    }
}

#[test]
fn a_user_does_not_vouch_for_an_address() {
    let class = class(USER);
    let verified = || changes(&class, &[("emailVerified", Value::Boolean(true))]);
    assert_eq!(updated(&alice(), &class, "alice", verified()), Some(Code::OperationForbidden));
    assert_eq!(updated(&master(), &class, "alice", verified()), None);
    let values = [("username", text("a")), provider(), ("emailVerified", Value::Boolean(true))];
    for (caller, refused) in [(Caller::Anonymous, Some(Code::OperationForbidden)), (master(), None)] {
        assert_eq!(created(&caller, &class, changes(&class, &values)), refused);
    }
}

#[test]
fn how_somebody_signs_in_is_for_that_user_to_change() {
    let class = class(USER);
    let data = || changes(&class, &[("authData", object(&json!({})))]);
    assert_eq!(updated(&alice(), &class, "alice", data()), None);
    assert_eq!(updated(&alice(), &class, "bob", data()), Some(Code::SessionMissing));
    assert_eq!(updated(&alice(), &class, "bob", Changes::default()), None);
    assert_eq!(updated(&master(), &class, "bob", data()), None);
    let ends = || Changes { internal: vec![Internal::EndAnonymity], ..Changes::default() };
    assert_eq!(updated(&alice(), &class, "alice", ends()), None);
    assert_eq!(updated(&alice(), &class, "bob", ends()), Some(Code::SessionMissing));
    assert_eq!(updated(&master(), &class, "bob", ends()), None);
}

#[test]
fn users_keep_the_access_to_themselves() {
    let class = class(USER);
    let closed = || Changes { acl: Some(Acl::default()), ..Changes::default() };
    let acl = |caller: &Caller, id: &str| {
        let plan = Update { class: Arc::clone(&class), id: ObjectId::new(id), now: moment(), changes: closed() };
        update(caller, plan).unwrap().acl().clone().unwrap()
    };
    let mut own = Acl::default();
    own.grant(Principal::User(ObjectId::new("alice")), Rights::ALL);
    assert_eq!(acl(&alice(), "alice"), own);
    assert_eq!(acl(&alice(), "bob"), Acl::default());
    assert_eq!(acl(&master(), "alice"), Acl::default());

    let changes = Changes { acl: Some(Acl::default()), ..changes(&class, &[("username", text("a")), provider()]) };
    let plan = Create { class: Arc::clone(&class), id: ObjectId::new("alice"), now: moment(), changes };
    assert_eq!(*create(&Caller::Anonymous, plan).unwrap().acl(), own);
}

#[test]
fn objects_that_bring_no_acl_get_that_of_their_class() {
    let class = |name: &str, default_acl: Option<DefaultAcl>| {
        let mut clp = Clp::open();
        clp.default_acl = default_acl;
        Arc::new(Definition::new(ClassName::known(name), Vec::new(), Some(clp)).to_class())
    };
    let acl = |caller: &Caller, class: &Arc<Class>| {
        let values = [("username", text("a")), provider()];
        let changes = if class.name.is_user() { changes(class, &values) } else { Changes::default() };
        let plan = Create { class: Arc::clone(class), id: ObjectId::new("new"), now: moment(), changes };
        create(caller, plan).unwrap().acl().clone()
    };
    let granted = |grants: &[(Principal, Rights)]| {
        let mut acl = Acl::default();
        for (principal, rights) in grants {
            acl.grant(principal.clone(), *rights);
        }
        acl
    };
    let user = |id: &str| Principal::User(ObjectId::new(id));
    let reads = Rights { read: true, write: false };
    let default = || Some(DefaultAcl { current_user: reads, others: vec![(user("bob"), Rights::ALL)] });

    assert_eq!(acl(&alice(), &class("Trip", None)), Acl::public());
    let own = (user("alice"), reads);
    let bob = (user("bob"), Rights::ALL);
    assert_eq!(acl(&alice(), &class("Trip", default())), granted(&[own, bob.clone()]));
    assert_eq!(acl(&Caller::Anonymous, &class("Trip", default())), granted(std::slice::from_ref(&bob)));
    assert_eq!(acl(&master(), &class("Trip", default())), granted(std::slice::from_ref(&bob)));
    // Users are closed to others, unless the class says something else.
    let new = (user("new"), Rights::ALL);
    assert_eq!(acl(&Caller::Anonymous, &class(USER, None)), granted(std::slice::from_ref(&new)));
    assert_eq!(acl(&Caller::Anonymous, &class(USER, default())), granted(&[bob, new]));
}

#[test]
fn sessions_are_of_who_makes_them() {
    let class = class(SESSION);
    let token = || Internal::Session {
        token: SessionToken::parse("r:0123456789abcdef0123456789abcdef").unwrap(),
        expires_at: None,
    };
    let asked = |caller: &Caller| {
        let values = [
            ("user", Value::Pointer(ObjectId::new("bob"))),
            ("expiresAt", Value::Date(moment())),
            ("createdWith", object(&json!({"action": "login"}))),
            ("sessionToken", text("chosen")),
            ("installationId", text("phone")),
        ];
        let changes = Changes { internal: vec![token()], ..changes(&class, &values) };
        let plan = Create { class: Arc::clone(&class), id: ObjectId::new("new"), now: moment(), changes };
        create(caller, plan).unwrap()
    };
    let value = |caller: &Caller, name: &str| {
        let made = asked(caller);
        made.values().iter().find(|(field, _)| field.name.as_str() == name).map(|(_, value)| value.clone())
    };
    assert_eq!(value(&alice(), "user"), Some(Value::Pointer(ObjectId::new("alice"))));
    assert_eq!(value(&alice(), "expiresAt"), None);
    assert_eq!(value(&alice(), "createdWith"), Some(object(&json!({"action": "create"}))));
    assert_eq!(value(&alice(), "sessionToken"), None);
    assert_eq!(value(&alice(), "installationId"), Some(text("phone")));
    assert_eq!(value(&master(), "user"), Some(Value::Pointer(ObjectId::new("bob"))));
    assert_eq!(value(&master(), "createdWith"), Some(object(&json!({"action": "login"}))));
    assert_eq!(value(&master(), "sessionToken"), None);

    assert_eq!(created(&alice(), &class, Changes::default()), Some(Code::Internal));
    let with_acl = Changes { acl: Some(Acl::public()), internal: vec![token()], ..Changes::default() };
    assert_eq!(created(&alice(), &class, with_acl), Some(Code::InvalidKeyName));
}

#[test]
fn what_the_server_keeps_of_sessions_does_not_change() {
    let class = class(SESSION);
    let change =
        |caller: &Caller, name: &str| updated(caller, &class, "session", changes(&class, &[(name, Value::Null)]));
    for name in ["user", "installationId", "sessionToken"] {
        assert_eq!(change(&alice(), name), Some(Code::InvalidKeyName));
        assert_eq!(change(&master(), name), Some(Code::InvalidKeyName));
    }
    for name in ["expiresAt", "createdWith"] {
        assert_eq!(change(&alice(), name), Some(Code::InvalidKeyName));
        assert_eq!(change(&master(), name), None);
    }
    assert_eq!(updated(&alice(), &class, "session", Changes::default()), None);
    let with_acl = Changes { acl: Some(Acl::public()), ..Changes::default() };
    assert_eq!(updated(&master(), &class, "session", with_acl), Some(Code::InvalidKeyName));
}

#[test]
fn a_role_keeps_its_name() {
    let class = class(ROLE);
    let named = |name: Value| Changes { acl: Some(Acl::default()), ..changes(&class, &[("name", name)]) };
    assert_eq!(created(&master(), &class, named(text("Admin"))), None);
    assert_eq!(created(&master(), &class, named(text("a:b"))), Some(Code::InvalidRoleName));
    for nothing in [text(""), Value::Null] {
        assert_eq!(created(&master(), &class, named(nothing)), Some(Code::IncorrectType));
    }
    let without_acl = changes(&class, &[("name", text("Admin"))]);
    assert_eq!(created(&master(), &class, without_acl), Some(Code::IncorrectType));
    assert_eq!(updated(&master(), &class, "role", named(text("Admin"))), Some(Code::InvalidRoleName));
    assert_eq!(updated(&master(), &class, "role", Changes::default()), None);
}

/// What a count sees of a class where `find` is so restricted and everybody may count: which clauses there are beside the ACL's.
fn counted(caller: &Caller, find: Permission, filter: Filter<Find>) -> Result<Vec<&'static str>, Code> {
    counted_of(caller, find, filter, None)
}

fn counted_of(
    caller: &Caller,
    find: Permission,
    filter: Filter<Find>,
    related: Option<Related>,
) -> Result<Vec<&'static str>, Code> {
    let mut clp = Clp::open();
    *clp.permission_mut(Operation::Find) = find;
    let driver = Field::new("driver", FieldType::Pointer(ClassName::known(USER)));
    let class = Arc::new(Definition::new(ClassName::known("Trip"), vec![driver], Some(clp)).to_class());
    let plan = Count { class, filter, order: Vec::new(), related };
    let admitted = count(caller, plan).map_err(|fault| fault.code())?;
    let RowScope::Granted(clauses) = admitted.scope() else { return Ok(vec!["every"]) };
    let names = clauses.iter().map(|clause| match clause {
        Clause::Acl(..) => "acl",
        Clause::PointsTo(..) => "points to",
        Clause::Nobody => "nobody",
    });
    Ok(names.collect())
}

#[test]
fn a_count_sees_no_row_that_is_not_found() {
    let by_driver = |requires_authentication| Permission {
        pointer_fields: vec![FieldName::known("driver")],
        requires_authentication,
        ..Permission::default()
    };
    for requires_authentication in [true, false] {
        let find = || by_driver(requires_authentication);
        for filter in [Filter::Always, Filter::Never] {
            assert_eq!(counted(&Caller::Anonymous, find(), filter.clone()), Ok(vec!["nobody", "acl"]));
            assert_eq!(counted(&alice(), find(), filter), Ok(vec!["points to", "acl"]));
        }
        assert_eq!(counted(&master(), find(), Filter::Always), Ok(vec!["every"]));
    }
    assert_eq!(counted(&alice(), Permission::everybody(), Filter::Never), Ok(vec!["acl"]));
    // Who may not find at all learns how many there are, and nothing else.
    assert_eq!(counted(&alice(), Permission::default(), Filter::Always), Ok(vec!["acl"]));
    assert_eq!(counted(&alice(), Permission::default(), Filter::Never), Err(Code::OperationForbidden));
    assert_eq!(counted(&Caller::Anonymous, Permission::signed_in(), Filter::Never), Err(Code::ObjectNotFound));
    // Who can put an id into a relation would learn whether there is such an object.
    let related = || {
        let field = Field::new("trips", FieldType::Relation(ClassName::known("Trip")));
        let class = Arc::new(Definition::new(ClassName::known("Tour"), vec![field], Some(Clp::open())).to_class());
        Some(Related { field: Arc::clone(class.field("trips").unwrap()), class, owners: vec![ObjectId::new("tour")] })
    };
    let closed = counted_of(&alice(), Permission::default(), Filter::Always, related());
    assert_eq!(closed, Err(Code::OperationForbidden));
    assert_eq!(counted_of(&alice(), Permission::everybody(), Filter::Always, related()), Ok(vec!["acl"]));
}

#[test]
fn a_user_or_a_role_is_enough() {
    let users = || Permission { users: [ObjectId::new("alice")].into_iter().collect(), ..Permission::default() };
    let roles = || Permission { roles: [RoleName::known("Admin")].into_iter().collect(), ..Permission::default() };
    let admin = || proofs::user(ObjectId::new("bob"), &["Admin"]);
    for (caller, by_user, by_role) in
        [(alice(), true, false), (admin(), false, true), (Caller::Anonymous, false, false)]
    {
        assert_eq!(counted(&caller, users(), Filter::Never).is_ok(), by_user);
        assert_eq!(counted(&caller, roles(), Filter::Never).is_ok(), by_role);
    }
}

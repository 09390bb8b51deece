//! Requests at the same moment: whatever order they get, nobody sees or does what no order would allow.

use futures::future::join_all;
use serde_json::{Value, json};

use super::harness::{Answer, Client, Database, Server, User, on_both_databases};

on_both_databases![
    fifty_who_sign_up_with_names_of_their_own_all_get_in,
    no_session_outlives_a_change_of_the_password,
    of_parallel_password_changes_with_one_session_one_wins,
    a_withdrawn_role_opens_nothing_to_requests_that_follow,
    of_twenty_who_fight_over_an_acl_one_wins,
    a_session_that_ends_opens_nothing_to_requests_that_follow,
    parallel_log_ins_on_one_installation_leave_one_session,
    an_anonymous_user_who_signs_in_many_times_at_once_is_one_user,
    no_session_outlives_the_anonymous_id_that_opened_it,
    of_fifty_who_make_one_class_one_wins,
    of_two_types_for_one_field_one_wins,
    a_class_that_is_deleted_takes_no_object_along,
];

const LOG_IN: &str = "mutation ($username: String!, $password: String!) {
    logIn(input: { username: $username, password: $password }) { viewer { sessionToken } }
}";
const UPDATE: &str = "mutation ($id: ID!, $fields: UpdateUserFieldsInput) {
    updateUser(input: { id: $id, fields: $fields }) { user { objectId } }
}";
const VIEWER: &str = "{ viewer { user { username } } }";

/// Each answer is good, or has only this code.
#[track_caller]
fn good_or(answers: &[Answer], code: i64) {
    let wrong = answers.iter().find(|answer| !answer.codes().is_empty() && answer.codes() != [json!(code)]);
    assert!(wrong.is_none(), "{}", wrong.map_or("", |answer| answer.body.as_str()));
}

fn good(answers: &[Answer]) -> usize {
    answers.iter().filter(|answer| answer.codes().is_empty()).count()
}

/// How many sessions the database has.
async fn sessions(server: &Server) -> Value {
    server.master().query("{ sessions { count } }", Value::Null).await.data("sessions.count").clone()
}

async fn fifty_who_sign_up_with_names_of_their_own_all_get_in(database: &Database) {
    let server = Server::start(database).await;
    let text = "mutation ($fields: CreateUserFieldsInput) {
        signUp(input: { fields: $fields }) { viewer { sessionToken } }
    }";
    let sign_up = |number: usize| {
        let caller = server.anonymous();
        let fields = json!({"username": format!("user{number}"), "password": "secret"});
        async move { caller.query(text, json!({"fields": fields})).await }
    };
    let answers = join_all((0..50).map(sign_up)).await;
    assert_eq!(good(&answers), 50, "{:?}", answers.iter().map(Answer::codes).collect::<Vec<_>>());
    assert_eq!(sessions(&server).await, 50);
}

async fn no_session_outlives_a_change_of_the_password(database: &Database) {
    let (server, other) = (Server::start(database).await, Server::start(database).await);
    let alice = server.sign_up("alice").await;
    let ask = |number: usize| {
        // Some log in with the old password, some open sessions with the old one, some just ask.
        let server = if number.is_multiple_of(2) { &server } else { &other };
        let (caller, text, variables) = match number % 3 {
            0 => (server.anonymous(), LOG_IN, json!({"username": "alice", "password": alice.password})),
            1 => {
                let text = "mutation { createSession(input: { fields: {} }) { session { objectId } } }";
                (server.user(&alice), text, Value::Null)
            }
            _ => (server.user(&alice), VIEWER, Value::Null),
        };
        async move { (number, caller.query(text, variables).await) }
    };
    let change = async {
        // Let some of the others be on their way.
        server.user(&alice).query(VIEWER, Value::Null).await.ok();
        server.user(&alice).query(UPDATE, json!({"id": alice.id, "fields": {"password": "new"}})).await
    };
    let (changed, asked) = tokio::join!(change, join_all((0..30).map(ask)));
    changed.ok();
    for (number, answer) in asked {
        good_or(&[answer], if number % 3 == 0 { 101 } else { 209 });
    }
    assert_eq!(sessions(&server).await, 0, "nobody is signed in with the old password");
    assert_eq!(server.user(&alice).query(VIEWER, Value::Null).await.code(), 209);
    // Another server may have a session in mind for a second, which is over once this has been asked often enough.
    let begun = std::time::Instant::now();
    while other.user(&alice).query(VIEWER, Value::Null).await.codes().is_empty() {
        assert!(
            begun.elapsed() < std::time::Duration::from_secs(10),
            "a session outlives the change on another server"
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(other.user(&alice).query(VIEWER, Value::Null).await.code(), 209);
}

async fn of_parallel_password_changes_with_one_session_one_wins(database: &Database) {
    for history in ["0", "2"] {
        let server = Server::options(database).flag("--password-history", history).start().await;
        let alice = server.sign_up(&format!("alice{history}")).await;
        let change = |number: usize| {
            let caller = server.user(&alice);
            let variables = json!({"id": alice.id, "fields": {"password": format!("secret {number}")}});
            async move { caller.query(UPDATE, variables).await }
        };
        let answers = join_all((0..8).map(change)).await;
        good_or(&answers, 209);
        assert_eq!(good(&answers), 1);
        for (number, answer) in answers.iter().enumerate() {
            let credentials = json!({"username": alice.username, "password": format!("secret {number}")});
            let opened = server.anonymous().query(LOG_IN, credentials).await;
            assert_eq!(opened.codes().is_empty(), answer.codes().is_empty(), "{number}");
        }
    }
}

async fn a_withdrawn_role_opens_nothing_to_requests_that_follow(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let role = server.create_role("Team", &[&alice], &[]).await;
    server.create_class("Note", &[("text", "String")]).await;
    let acl = json!({"roles": [{"roleName": "Team", "read": true, "write": true}]});
    let note = server.master().create("Note", json!({"text": "for the team", "ACL": acl})).await;

    let read = "query ($id: ID!) { note(id: $id) { text } }";
    let write =
        "mutation ($id: ID!) { updateNote(input: { id: $id, fields: { text: \"of the team\" } }) { note { text } } }";
    let ask = |number: usize| {
        let caller = server.user(&alice);
        let (text, variables) = (if number.is_multiple_of(2) { read } else { write }, json!({"id": note}));
        async move { caller.query(text, variables).await }
    };
    let withdraw = async {
        let text = "mutation ($id: ID!, $users: [ID!]) {
            updateRole(input: { id: $id, fields: { users: { remove: $users } } }) { role { name } }
        }";
        server.user(&alice).query(VIEWER, Value::Null).await.ok();
        server.master().query(text, json!({"id": role.id, "users": [alice.id]})).await.ok();
        // From here on, nothing is open.
        let late = join_all((0..10).map(ask)).await;
        assert!(late.iter().all(|answer| answer.codes() == [json!(101)]), "{late:?}");
    };
    let ((), early) = tokio::join!(withdraw, join_all((0..30).map(ask)));
    good_or(&early, 101);
}

async fn of_twenty_who_fight_over_an_acl_one_wins(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String")]).await;
    let mut users = Vec::new();
    for number in 0..20 {
        users.push(server.sign_up(&format!("user{number}")).await);
    }
    let everybody = json!({"public": {"read": true, "write": true}});
    let note = server.master().create("Note", json!({"text": "free", "ACL": everybody})).await;
    let text = "mutation ($id: ID!, $fields: UpdateNoteFieldsInput) {
        updateNote(input: { id: $id, fields: $fields }) { note { text ACL { users { userId } } } }
    }";
    let take = |user: &User| {
        let acl = json!({"users": [{"userId": user.id, "read": true, "write": true}]});
        let variables = json!({"id": note, "fields": {"text": user.username, "ACL": acl}});
        let caller = server.user(user);
        async move { caller.query(text, variables).await }
    };
    let answers = join_all(users.iter().map(take)).await;
    good_or(&answers, 101);
    assert_eq!(good(&answers), 1, "{answers:?}");

    let read = "query ($id: ID!) { note(id: $id) { text } }";
    for (user, answer) in users.iter().zip(&answers) {
        let seen = server.user(user).query(read, json!({"id": note})).await;
        if answer.codes().is_empty() {
            assert_eq!(answer.data("updateNote.note.text"), user.username.as_str());
            assert_eq!(answer.data("updateNote.note.ACL.users"), &json!([{"userId": user.id}]));
            assert_eq!(seen.data("note.text"), user.username.as_str());
        } else {
            assert_eq!(answer.partial("updateNote"), &Value::Null);
            assert_eq!(seen.code(), 101);
        }
    }
}

async fn a_session_that_ends_opens_nothing_to_requests_that_follow(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let ask = |_| {
        let caller = server.user(&alice);
        async move { caller.query(VIEWER, Value::Null).await }
    };
    let end = async {
        ask(0).await.ok();
        server.user(&alice).query("mutation { logOut(input: {}) { ok } }", Value::Null).await.ok();
        let late = join_all((0..10).map(ask)).await;
        assert!(late.iter().all(|answer| answer.codes() == [json!(209)]), "{late:?}");
    };
    let ((), early) = tokio::join!(end, join_all((0..30).map(ask)));
    good_or(&early, 209);
    assert_eq!(sessions(&server).await, 0);
}

async fn parallel_log_ins_on_one_installation_leave_one_session(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let phone = server.anonymous().with("X-Parse-Installation-Id", "phone");
    let log_in = |_| {
        let (caller, variables) = (phone.clone(), json!({"username": "alice", "password": alice.password}));
        async move { caller.query(LOG_IN, variables).await }
    };
    let answers = join_all((0..10).map(log_in)).await;
    assert_eq!(good(&answers), 10);
    let open = async |client: &Client| client.query(VIEWER, Value::Null).await.codes().is_empty();
    let mut left = 0;
    for answer in &answers {
        left += usize::from(open(&server.session(&answer.text("logIn.viewer.sessionToken"))).await);
    }
    assert_eq!(left, 1);
    assert!(open(&server.user(&alice)).await, "the session of no installation stays");
}

async fn an_anonymous_user_who_signs_in_many_times_at_once_is_one_user(database: &Database) {
    let server = Server::start(database).await;
    let text = "mutation { logInWith(input: { authData: { anonymous: { id: \"a-long-random-id\" } } }) { viewer { sessionToken } } }";
    let log_in = |_| {
        let caller = server.anonymous();
        async move { caller.query(text, Value::Null).await }
    };
    let answers = join_all((0..10).map(log_in)).await;
    assert_eq!(good(&answers), 10, "{answers:?}");
    assert_eq!(server.master().query("{ users { count } }", Value::Null).await.data("users.count"), 1);
}

async fn no_session_outlives_the_anonymous_id_that_opened_it(database: &Database) {
    let (server, other) = (Server::start(database).await, Server::start(database).await);
    let text = "mutation ($authData: Object!) {
        logInWith(input: { authData: $authData }) { viewer { sessionToken user { id } } }
    }";
    let opened =
        |answer: &Answer| (answer.text("logInWith.viewer.sessionToken"), answer.text("logInWith.viewer.user.id"));
    for round in 0..10 {
        let auth_data = json!({"authData": {"anonymous": {"id": format!("the-id-of-round-{round}")}}});
        let first = server.anonymous().query(text, auth_data.clone()).await;
        let (token, user) = opened(&first);
        let named = json!({"id": user, "fields": {"username": format!("user{round}"), "password": "secret"}});
        let (owner, others) = (server.session(&token), other.anonymous());
        let log_ins = (0..6).map(|_| others.query(text, auth_data.clone()));
        let (named, answers) = futures::join!(owner.query(UPDATE, named), join_all(log_ins));
        named.ok();
        for answer in answers.iter().filter(|answer| answer.codes().is_empty()) {
            // Either it was before, and has been ended, or it is somebody new.
            let (token, who) = opened(answer);
            let viewer = server.session(&token).query(VIEWER, Value::Null).await;
            assert!(who != user || viewer.code() == 209, "{}", viewer.body);
        }
        good_or(&answers, 101);
    }
}

/// The answers of many who do something at the same moment, half of them on each server.
async fn at_once(servers: [&Server; 2], count: usize, ask: impl AsyncFn(Client, usize) -> Answer) -> Vec<Answer> {
    let asks = (0..count).map(|number| ask(servers[number % 2].master(), number));
    join_all(asks).await
}

/// Asks until the answer of each server is good.
async fn is_known(servers: [&Server; 2], query: &str) {
    for server in servers {
        let start = std::time::Instant::now();
        while !server.master().query(query, Value::Null).await.codes().is_empty() {
            assert!(start.elapsed() < std::time::Duration::from_secs(20), "{query} is not answered in time");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

async fn of_fifty_who_make_one_class_one_wins(database: &Database) {
    let (one, other) = (Server::start(database).await, Server::start(database).await);
    let create = "mutation ($name: String!) {
        createClass(input: { name: $name, schemaFields: { addStrings: [{ name: \"text\" }] } }) { class { name } }
    }";
    let answers =
        at_once([&one, &other], 50, async |caller, _| caller.query(create, json!({"name": "Note"})).await).await;
    good_or(&answers, 103);
    assert_eq!(good(&answers), 1, "{answers:?}");
    is_known([&one, &other], "{ notes { count } }").await;
    for server in [&one, &other] {
        server.master().create("Note", json!({"text": "x"})).await;
    }
    let answer = one.master().query("{ notes { edges { node { text } } } classes { name } }", Value::Null).await;
    assert_eq!(answer.each("notes", "text"), ["x", "x"]);
    let named = answer.data("classes").as_array().unwrap().iter().filter(|class| class["name"] == "Note");
    assert_eq!(named.count(), 1);
}

async fn of_two_types_for_one_field_one_wins(database: &Database) {
    let (one, other) = (Server::start(database).await, Server::start(database).await);
    one.create_class("Note", &[("text", "String")]).await;
    is_known([&one, &other], "{ notes { count } }").await;
    let add = "mutation ($fields: SchemaFieldsInput) {
        updateClass(input: { name: \"Note\", schemaFields: $fields }) { class { name } }
    }";
    let answers = at_once([&one, &other], 20, async |caller, number| {
        let list = if number % 4 < 2 { "addStrings" } else { "addNumbers" };
        caller.query(add, json!({"fields": {list: [{"name": "size"}]}})).await
    })
    .await;
    let refused = answers.iter().filter(|answer| !answer.codes().is_empty());
    let codes: Vec<_> = refused.map(Answer::code).collect();
    assert!(codes.iter().all(|code| *code == 105), "{codes:?}");
    let (texts, numbers): (Vec<_>, Vec<_>) = answers
        .iter()
        .enumerate()
        .filter(|(_, answer)| answer.codes().is_empty())
        .partition(|(number, _)| number % 4 < 2);
    assert!(texts.is_empty() != numbers.is_empty(), "{} added a text, {} a number", texts.len(), numbers.len());

    is_known([&one, &other], "{ notes(where: { size: { exists: true } }) { count } }").await;
    let value = if numbers.is_empty() { json!("large") } else { json!(1.5) };
    for server in [&one, &other] {
        server.master().create("Note", json!({"size": value})).await;
        let answer = server.master().query("{ notes { edges { node { size } } } }", Value::Null).await;
        assert_eq!(answer.each("notes", "size").last(), Some(&value));
    }
}

/// A class is deleted as long as it is empty: either there was no object, or it stays with those that were made.
async fn a_class_that_is_deleted_takes_no_object_along(database: &Database) {
    let (one, other) = (Server::start(database).await, Server::start(database).await);
    for round in 0..6 {
        let class = format!("Note{round}");
        one.create_class(&class, &[("text", "String")]).await;
        is_known([&one, &other], &format!("{{ note{round}s {{ count }} }}")).await;
        let create =
            format!("mutation {{ create{class}(input: {{ fields: {{ text: \"x\" }} }}) {{ note{round} {{ id }} }} }}");
        let delete = format!("mutation {{ deleteClass(input: {{ name: \"{class}\" }}) {{ class {{ name }} }} }}");
        let answers = at_once([&one, &other], 12, async |caller, number| {
            // The one who deletes comes first, in the middle, or last.
            let text = if number == round * 2 { &delete } else { &create };
            caller.query(text, Value::Null).await
        })
        .await;
        let (deleted, created) =
            (&answers[round * 2], answers.iter().enumerate().filter(|(number, _)| *number != round * 2));
        let (made, missed): (Vec<_>, Vec<_>) =
            created.map(|(_, answer)| answer).partition(|answer| answer.codes().is_empty());
        let gone = [json!(103), json!(119), json!("GRAPHQL_VALIDATION_FAILED"), json!("BAD_USER_INPUT")];
        for answer in missed {
            assert!(answer.codes().iter().all(|code| gone.contains(code)), "{}", answer.body);
        }
        if deleted.codes().is_empty() {
            assert_eq!(made.len(), 0, "objects went with their class");
            continue;
        }
        assert_eq!((deleted.code(), made.len()), (255, 11), "{}", deleted.body);
        let count = one.master().query(&format!("{{ note{round}s {{ count }} }}"), Value::Null).await;
        assert_eq!(count.data(&format!("note{round}s.count")), 11);
    }
}

//! D: hidden values that show through conditions, orders, failures and answers of another kind.

use serde_json::{Value, json};

use super::{LOG_IN, WHOLE_USER, refused};
use crate::harness::{CANARY, Database, Server, User, on_both_databases};

on_both_databases![
    adv_2m6gcrv8_what_is_hidden_is_no_condition,
    adv_72hpqff8_what_is_hidden_is_no_condition_inside_others,
    adv_r2m8pxm9_a_part_of_what_is_hidden_is_hidden,
    adv_g4v2qx3q_what_is_hidden_of_a_session_is_hidden_everywhere,
    adv_9cp73q5w_a_database_that_fails_says_nothing,
    a_log_in_keeps_hidden_what_is_hidden,
    no_answer_about_a_user_has_a_token_of_an_email,
];

const FIND: &str = "query ($where: NoteWhereInput, $order: [NoteOrder!]) {
    notes(where: $where, order: $order) { count edges { node { id } } }
}";

/// A note whose secret nobody sees who is not master, and a holder that leads to it.
async fn scene(database: &Database) -> (Server, User) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let fields = [
        ("text", "String"),
        ("secret", "String"),
        ("more", "Object"),
        ("next", "Pointer:Note"),
        ("many", "Relation:Note"),
    ];
    server.create_class("Note", &fields).await;
    let everybody = json!({"public": true});
    let permissions = json!({
        "get": everybody, "find": everybody, "count": everybody, "create": everybody, "update": everybody,
        "protectedFields": [{"public": true, "fields": ["secret", "more"]}],
    });
    server.set_permissions("Note", permissions).await;
    let master = server.master();
    let value = format!("{CANARY}secret");
    let hidden = master.create("Note", json!({"text": "a", "secret": value, "more": {"a": {"b": value}}})).await;
    master.create("Note", json!({"text": "b", "next": {"link": hidden}, "many": {"add": [hidden]}})).await;
    (server, alice)
}

async fn adv_2m6gcrv8_what_is_hidden_is_no_condition(database: &Database) {
    let (server, alice) = scene(database).await;
    for caller in [server.anonymous(), server.user(&alice)] {
        for condition in [
            json!({"secret": {"equalTo": "x"}}),
            json!({"secret": {"matchesRegex": "^p"}}),
            json!({"secret": {"exists": true}}),
            json!({"secret": {"in": []}}),
            json!({"secret": {"greaterThan": "p"}}),
            json!({"secret": {"text": {"search": {"term": "secret"}}}}),
        ] {
            refused(&caller.query(FIND, json!({"where": condition})).await, 119, &condition.to_string());
        }
        for order in ["secret_ASC", "secret_DESC", "more_ASC"] {
            refused(&caller.query(FIND, json!({"order": [order]})).await, 119, order);
        }
        // Columns that no class has, in conditions with and without types.
        for column in ["_hashed_password", "_rperm", "_session_token", "_perishable_token", "sessionToken"] {
            let typed = json!({"where": {column: {"equalTo": "x"}}});
            refused(
                &caller.query("query ($where: UserWhereInput) { users(where: $where) { count } }", typed).await,
                "BAD_USER_INPUT",
                column,
            );
            for operator in ["equalTo", "$regex", "$ne", "notEqualTo"] {
                let query = json!({"className": "_User", "where": {column: {operator: "."}}});
                let untyped = json!({"where": {"text": {"notInQueryKey": {"query": query, "key": "username"}}}});
                let answer = caller.query(FIND, untyped).await;
                assert!(
                    !answer.codes().is_empty() || answer.data("notes.count") == 2,
                    "{column} is a condition: {}",
                    answer.body
                );
            }
            let key = json!({"where": {"text": {"inQueryKey": {"query": {"className": "_User", "where": {}}, "key": column}}}});
            let answer = caller.query(FIND, key).await;
            assert!(
                !answer.codes().is_empty() || answer.data("notes.count") == 0,
                "{column} is a key: {}",
                answer.body
            );
        }
    }
    let seen = server.master().query(FIND, json!({"where": {"secret": {"matchesRegex": "^prot"}}})).await;
    assert_eq!(seen.data("notes.count"), 1, "the master key may");
}

async fn adv_72hpqff8_what_is_hidden_is_no_condition_inside_others(database: &Database) {
    let (server, alice) = scene(database).await;
    let plain = json!({"secret": {"matchesRegex": "^p"}});
    for caller in [server.anonymous(), server.user(&alice)] {
        for word in ["OR", "AND", "NOR"] {
            let mut condition = plain.clone();
            for depth in 1..=5 {
                condition = json!({word: [{"text": {"equalTo": "a"}}, condition]});
                refused(
                    &caller.query(FIND, json!({"where": condition})).await,
                    119,
                    &format!("{word}, {depth} levels"),
                );
            }
        }
        for field in ["next", "many"] {
            for word in ["have", "haveNot"] {
                let mut condition = plain.clone();
                for depth in 1..=3 {
                    condition = json!({"OR": [{field: {word: condition}}]});
                    refused(
                        &caller.query(FIND, json!({"where": condition})).await,
                        119,
                        &format!("{field}, {word}, {depth} levels"),
                    );
                }
            }
        }
        // Without types, in Parse's own words.
        for inner in [
            json!({"secret": {"$regex": "^p"}}),
            json!({"$or": [{"secret": {"$regex": "^p"}}]}),
            json!({"$and": [{"$nor": [{"secret": "x"}]}]}),
            json!({"$or": [{"next": {"have": {"secret": {"matchesRegex": "^p"}}}}]}),
        ] {
            let query = json!({"className": "Note", "where": inner});
            let condition = json!({"text": {"inQueryKey": {"query": query, "key": "text"}}});
            refused(&caller.query(FIND, json!({"where": condition})).await, 119, &inner.to_string());
        }
    }
}

async fn adv_r2m8pxm9_a_part_of_what_is_hidden_is_hidden(database: &Database) {
    let (server, alice) = scene(database).await;
    for caller in [server.anonymous(), server.user(&alice)] {
        for key in ["a", "a.b", "a.b.c"] {
            for operator in ["equalTo", "notEqualTo", "greaterThan", "lessThan"] {
                let condition = json!({"more": {operator: {"key": key, "value": "p"}}});
                refused(&caller.query(FIND, json!({"where": condition})).await, 119, &condition.to_string());
                let nested = json!({"NOR": [{"next": {"have": condition}}]});
                refused(&caller.query(FIND, json!({"where": nested})).await, 119, &nested.to_string());
            }
            // A path as the name of a field is none, whoever asks.
            let path = format!("more.{key}");
            refused(&caller.query(FIND, json!({"where": {&path: {"equalTo": "p"}}})).await, "BAD_USER_INPUT", &path);
            refused(&caller.query(FIND, json!({"order": [format!("{path}_ASC")]})).await, "BAD_USER_INPUT", &path);
            let query = json!({"className": "Note", "where": {&path: {"$regex": "^p"}}});
            let condition = json!({"where": {"text": {"notInQueryKey": {"query": query, "key": "text"}}}});
            let answer = caller.query(FIND, condition).await;
            assert!(!answer.codes().is_empty() || answer.data("notes.count") == 2, "{path}: {}", answer.body);
            let of_key =
                json!({"where": {"text": {"inQueryKey": {"query": {"className": "Note", "where": {}}, "key": &path}}}});
            let answer = caller.query(FIND, of_key).await;
            assert!(!answer.codes().is_empty() || answer.data("notes.count") == 0, "{path}: {}", answer.body);
        }
    }
}

async fn adv_g4v2qx3q_what_is_hidden_of_a_session_is_hidden_everywhere(database: &Database) {
    let server = Server::start(database).await;
    let everybody = json!({"public": true});
    let permissions = json!({
        "get": everybody, "find": everybody, "count": everybody, "create": everybody, "update": everybody, "delete": everybody,
        "protectedFields": [{"public": true, "fields": ["installationId", "createdWith"]}],
    });
    server.set_permissions("_Session", permissions).await;
    let phone = server.anonymous().with("X-Parse-Installation-Id", &format!("{CANARY}phone"));
    let sign_up =
        "mutation { signUp(input: { fields: { username: \"alice\", password: \"x\" } }) { viewer { sessionToken } } }";
    let token = phone.query(sign_up, Value::Null).await.text("signUp.viewer.sessionToken");
    let alice = server.session(&token);
    let id = alice.query("{ sessions { edges { node { id } } } }", Value::Null).await.text("sessions.edges.0.node.id");
    for condition in ["installationId: { matchesRegex: \"^p\" }", "createdWith: { exists: true }"] {
        let text = format!("{{ sessions(where: {{ {condition} }}) {{ count }} }}");
        refused(&alice.query(&text, Value::Null).await, 119, condition);
    }
    for text in [
        "query ($id: ID!) { session(id: $id) { HIDDEN } }",
        "query ($id: ID!) { node(id: $id) { ... on Session { HIDDEN } } }",
        "query { sessions { edges { node { HIDDEN } } } }",
        "mutation ($id: ID!) { updateSession(input: { id: $id, fields: {} }) { session { HIDDEN } } }",
        "mutation { createSession(input: { fields: {} }) { session { HIDDEN } } }",
        "mutation ($id: ID!) { deleteSession(input: { id: $id }) { session { HIDDEN } } }",
    ] {
        let variables = if text.contains("$id") { json!({"id": id}) } else { Value::Null };
        let answer = alice.query(&text.replace("HIDDEN", "installationId createdWith"), variables).await;
        let shown = answer.body.contains(CANARY) || answer.body.contains("authProvider");
        assert!(!shown, "{text}: {}", answer.body);
    }
}

async fn a_log_in_keeps_hidden_what_is_hidden(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    let bob = server.sign_up("bob").await;
    let fields = "schemaFields: { addStrings: [{ name: \"nickname\" }], addPointers: [{ name: \"friend\", targetClassName: \"_User\" }] }";
    let add = format!("mutation {{ updateClass(input: {{ name: \"_User\", {fields} }}) {{ class {{ name }} }} }}");
    server.master().query(&add, Value::Null).await.ok();
    let set = "mutation ($id: ID!, $name: String, $friend: ID) {
        updateUser(input: { id: $id, fields: {
            nickname: $name, friend: { link: $friend }, ACL: { public: { read: true, write: false } }
        } }) { user { id } }
    }";
    for (user, friend) in [(&alice, &bob), (&bob, &alice)] {
        let variables = json!({"id": user.id, "name": format!("{CANARY}{}", user.username), "friend": friend.id});
        server.master().privy().query(set, variables).await.ok();
    }
    let everybody = json!({"public": true});
    let permissions = json!({
        "get": everybody, "find": everybody, "create": everybody, "update": everybody,
        "protectedFields": [{"public": true, "fields": ["nickname"]}],
    });
    server.set_permissions("_User", permissions).await;

    // One's own is no secret; the friend's is, and the scanner looks for it in what is not privy.
    let own = "username nickname";
    let by_id = "query ($id: ID!) { user(id: $id) { OWN } }".replace("OWN", own);
    let log_in = LOG_IN.replace("user { objectId }", "user { OWN }").replace("OWN", own);
    let credentials = json!({"username": "alice", "password": alice.password});
    let mine = json!({"username": "alice", "nickname": format!("{CANARY}alice")});
    let caller = server.user(&alice).privy();
    assert_eq!(caller.query(&by_id, json!({"id": alice.id})).await.data("user"), &mine);
    assert_eq!(server.anonymous().privy().query(&log_in, credentials.clone()).await.data("logIn.viewer.user"), &mine);

    let friend = "friend { username nickname friend { username } }";
    for (text, variables) in [
        (LOG_IN.replace("user { objectId }", &format!("user {{ {friend} }}")), credentials),
        (format!("{{ viewer {{ user {{ {friend} }} }} }}"), Value::Null),
        (format!("query ($id: ID!) {{ user(id: $id) {{ {friend} }} }}"), json!({"id": alice.id})),
    ] {
        let answer = server.user(&alice).query(&text, variables).await;
        assert!(answer.body.contains("bob") || !answer.codes().is_empty(), "{}", answer.body);
    }
    let foreign = server.user(&bob).query(&by_id, json!({"id": alice.id})).await;
    assert_eq!(foreign.json.pointer("/data/user/nickname").unwrap_or(&Value::Null), &Value::Null);
}

async fn no_answer_about_a_user_has_a_token_of_an_email(database: &Database) {
    let server = Server::start(database).await;
    let alice = server.sign_up("alice").await;
    // Parse Server has these columns; a server beside it finds what they hold.
    for column in ["_email_verify_token", "_perishable_token"] {
        let kept = format!(r"SELECT name FROM pragma_table_info('_User') WHERE name = '{column}'");
        let on_postgres = format!(
            r"SELECT column_name::text FROM information_schema.columns WHERE table_name = '_User' AND column_name = '{column}'"
        );
        if database.texts(if database.is_postgres() { &on_postgres } else { &kept }).await.is_empty() {
            database.texts(&format!(r#"ALTER TABLE "_User" ADD COLUMN "{column}" text"#)).await;
        }
        let set = format!(r#"UPDATE "_User" SET "{column}" = '{CANARY}token' RETURNING "objectId""#);
        assert_eq!(database.texts(&set).await.len(), 1);
    }
    let id = json!({"id": alice.id});
    for caller in [server.anonymous(), server.user(&alice), server.master()] {
        // The scanner looks for the tokens.
        caller.query(&format!("query ($id: ID!) {{ user(id: $id) {{ {WHOLE_USER} }} }}"), id.clone()).await;
        caller.query(&format!("{{ users {{ edges {{ node {{ {WHOLE_USER} }} }} }} }}"), Value::Null).await;
        caller.query(&format!("{{ viewer {{ user {{ {WHOLE_USER} }} }} }}"), Value::Null).await;
        for field in ["_email_verify_token", "_perishable_token"] {
            let text = format!("query ($id: ID!) {{ user(id: $id) {{ {field} }} }}");
            refused(&caller.query(&text, id.clone()).await, "GRAPHQL_VALIDATION_FAILED", field);
        }
    }
    let log_in = LOG_IN.replace("user { objectId }", &format!("user {{ {WHOLE_USER} }}"));
    server.anonymous().query(&log_in, json!({"username": "alice", "password": alice.password})).await.ok();
}

async fn adv_9cp73q5w_a_database_that_fails_says_nothing(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String"), ("size", "Number")]).await;
    server.master().create("Note", json!({"text": "a"})).await;
    // What no statement can do, the scanner looks at each answer.
    for condition in [
        json!({"text": {"matchesRegex": "[[:foo:]"}}),
        json!({"text": {"matchesRegex": "*"}}),
        json!({"text": {"matchesRegex": "a{2,1}"}}),
        json!({"text": {"matchesRegex": "(?<=a)b"}}),
        json!({"text": {"matchesRegex": "\\"}}),
        json!({"size": {"greaterThan": 1e308}}),
    ] {
        let answer = server.anonymous().query(FIND, json!({"where": condition})).await;
        assert!(answer.codes().is_empty() || answer.codes() == [json!(102)], "{condition}: {}", answer.body);
    }
    // A statement that fails for a reason of the database's own,
    let (create, find) =
        ("mutation { createNote(input: { fields: { text: \"b\" } }) { note { id } } }", "{ notes { count } }");
    let rule = if database.is_postgres() {
        r#"ALTER TABLE "Note" ADD CONSTRAINT "the_rule" CHECK ("text" <> 'b')"#
    } else {
        r#"CREATE TRIGGER "the_rule" BEFORE INSERT ON "Note" BEGIN SELECT RAISE(ABORT, 'the_rule'); END"#
    };
    database.texts(rule).await;
    let answer = server.anonymous().query(create, Value::Null).await;
    assert_eq!((answer.codes(), answer.messages()), (vec![json!(1)], vec!["Internal server error.".to_owned()]));
    // and one without its table.
    database.texts(r#"ALTER TABLE "Note" RENAME TO "Gone""#).await;
    for text in [create, find] {
        refused(&server.anonymous().query(text, Value::Null).await, 103, text);
    }
    let log = server.stop().await.stderr;
    assert!(log.contains("the_rule"), "the log says what happened: {log}");
}

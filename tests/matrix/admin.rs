//! What belongs to no row: classes, configuration, and signing in.

use serde_json::{Value, json};

use crate::cast::Cast;
use crate::cell::word;
use crate::harness::{Answer, Client};
use crate::table::Section;

pub(crate) async fn sections(cast: &Cast<'_>) -> Vec<Section> {
    let mut administration = Section::new("classes and configuration");
    let mut accounts = Section::new("signing in");
    for caller in cast.callers() {
        for (label, cell) in classes(cast, &caller).await.into_iter().chain(configuration(&caller).await) {
            administration.push(label, cell);
        }
        for (label, cell) in entering(cast, &caller).await.into_iter().chain(leaving(&caller).await) {
            accounts.push(label, cell);
        }
    }
    // Last, because it ends the sessions of the callers.
    for caller in cast.callers() {
        let answer = caller.query("mutation { logOut(input: {}) { ok } }", Value::Null).await;
        accounts.push("logOut:", word(&answer, "logOut.ok"));
    }
    vec![administration, accounts]
}

async fn ask(caller: &Client, query: &str, at: &str) -> String {
    word(&caller.query(query, Value::Null).await, at)
}

async fn classes(cast: &Cast<'_>, caller: &Client) -> Vec<(&'static str, String)> {
    let remove = "mutation { deleteClass(input: { name: \"Fleeting\" }) { class { name } } }";
    let make = "mutation { createClass(input: { name: \"Fleeting\" }) { class { name } } }";
    let mut cells = vec![
        ("class:", ask(caller, "{ class(name: \"_User\") { name } }", "class.name").await),
        (
            "class: classLevelPermissions",
            ask(
                caller,
                "{ class(name: \"_User\") { classLevelPermissions { find { public } } } }",
                "class.classLevelPermissions",
            )
            .await,
        ),
        ("class: unknown", ask(caller, "{ class(name: \"Unknown\") { name } }", "class.name").await),
        ("classes:", ask(caller, "{ classes { name } }", "classes").await),
        ("createClass:", ask(caller, make, "createClass.class.name").await),
    ];
    cast.master.query(make, Value::Null).await;
    cells.push((
        "updateClass: a field",
        ask(caller, "mutation { updateClass(input: { name: \"Fleeting\", schemaFields: { addStrings: [{ name: \"text\" }] } }) { class { name } } }", "updateClass.class.name").await,
    ));
    cells.push((
        "updateClass: permissions",
        ask(caller, "mutation { updateClass(input: { name: \"Fleeting\", classLevelPermissions: { find: { public: true } } }) { class { name } } }", "updateClass.class.name").await,
    ));
    cells.push(("deleteClass:", ask(caller, remove, "deleteClass.class.name").await));
    cast.master.query(remove, Value::Null).await;
    cells
}

async fn configuration(caller: &Client) -> Vec<(&'static str, String)> {
    let set = "mutation { updateCloudConfig(input: { paramName: \"p\", value: \"v\" }) { cloudConfig { value } } }";
    vec![
        ("updateCloudConfig:", ask(caller, set, "updateCloudConfig.cloudConfig.value").await),
        ("cloudConfig:", ask(caller, "{ cloudConfig(paramName: \"p\") { isMasterKeyOnly } }", "cloudConfig").await),
        ("health:", ask(caller, "{ health }", "health").await),
        ("__schema", ask(caller, "{ __schema { queryType { name } } }", "__schema.queryType").await),
        ("__type", ask(caller, "{ __type(name: \"User\") { name } }", "__type.name").await),
        ("createFile:", word(&upload(caller).await, "createFile.fileInfo.name")),
    ]
}

async fn upload(caller: &Client) -> Answer {
    let query = "mutation ($upload: Upload!) { createFile(input: { upload: $upload }) { fileInfo { name } } }";
    let file = reqwest::multipart::Part::bytes(b"content".to_vec()).file_name("a.txt").mime_str("text/plain").unwrap();
    let form = reqwest::multipart::Form::new()
        .text("operations", json!({"query": query, "variables": {"upload": null}}).to_string())
        .text("map", json!({"0": ["variables.upload"]}).to_string())
        .part("0", file);
    Answer::of(caller.request(reqwest::Method::POST, "").multipart(form)).await
}

/// Ways to a session.
async fn entering(cast: &Cast<'_>, caller: &Client) -> Vec<(&'static str, String)> {
    let sign_up = "mutation { signUp(input: { fields: { username: \"new\", password: \"secret\" } }) { viewer { user { objectId } } } }";
    let create =
        "mutation { createUser(input: { fields: { username: \"new\", password: \"secret\" } }) { user { objectId } } }";
    let log_in = |password| {
        format!(
            "mutation {{ logIn(input: {{ username: \"named\", password: \"{password}\" }}) {{ viewer {{ user {{ username }} }} }} }}"
        )
    };
    let mut cells = Vec::new();
    for (label, query, at) in
        [("signUp:", sign_up, "signUp.viewer.user.objectId"), ("createUser:", create, "createUser.user.objectId")]
    {
        cells.push((label, ask(caller, query, at).await));
        forget(cast, "new").await;
    }
    cells.push(("logIn:", ask(caller, &log_in("named-secret"), "logIn.viewer.user.username").await));
    cells.push(("logIn: with a wrong password", ask(caller, &log_in("wrong"), "logIn.viewer").await));
    let provider =
        "mutation { logInWith(input: { authData: { nothing: { id: \"1\" } } }) { viewer { sessionToken } } }";
    cells.push(("logInWith: an unknown provider", ask(caller, provider, "logInWith.viewer").await));
    cells
}

/// What is said about oneself, and what e-mails would do.
async fn leaving(caller: &Client) -> Vec<(&'static str, String)> {
    let confirm =
        "mutation { confirmResetPassword(input: { username: \"named\", token: \"x\", password: \"y\" }) { ok } }";
    vec![
        ("viewer:", ask(caller, "{ viewer { user { username } } }", "viewer.user.username").await),
        ("viewer: sessionToken", ask(caller, "{ viewer { sessionToken } }", "viewer.sessionToken").await),
        (
            "resetPassword:",
            ask(
                caller,
                "mutation { resetPassword(input: { email: \"named@example.org\" }) { ok } }",
                "resetPassword.ok",
            )
            .await,
        ),
        ("confirmResetPassword:", ask(caller, confirm, "confirmResetPassword.ok").await),
        (
            "sendVerificationEmail:",
            ask(
                caller,
                "mutation { sendVerificationEmail(input: { email: \"named@example.org\" }) { ok } }",
                "sendVerificationEmail.ok",
            )
            .await,
        ),
        (
            "challenge:",
            ask(
                caller,
                "mutation { challenge(input: { username: \"named\", password: \"named-secret\" }) { challengeData } }",
                "challenge.challengeData",
            )
            .await,
        ),
    ]
}

/// Deletes a user if there is one.
async fn forget(cast: &Cast<'_>, name: &str) {
    let query =
        format!("{{ users(where: {{ username: {{ equalTo: \"{name}\" }} }}) {{ edges {{ node {{ id }} }} }} }}");
    for id in cast.must(&query, Value::Null).await.each("users", "id") {
        let delete = "mutation ($id: ID!) { deleteUser(input: { id: $id }) { clientMutationId } }";
        cast.must(delete, json!({"id": id})).await;
    }
}

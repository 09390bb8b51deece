//! A commit whose answer is lost: the client learns that nobody knows, and what may be there is left whole.

use serde_json::{Value, json};

use super::agreement;
use super::forwarder::{Forwarder, Passage};
use super::harness::{Database, File, Server};
use super::outage::{Stage, impatient};
use super::writers::{PATIENCE, Told, prepare};

const UNKNOWN: &str = "The database was lost before it confirmed the change, which may have been made or not.";

const CREATE: &str = "mutation ($name: String) { createParent(input: { fields: {
    name: $name, child: { createAndLink: { name: $name } }, kids: { createAndAdd: [{ name: $name }, { name: $name }] }
} }) { parent { name } } }";

#[tokio::test]
async fn whoever_lost_the_answer_to_a_commit_is_told_that_it_may_be_done() {
    let Some(stage) = Stage::set(&[]).await else { return };
    let address = Forwarder::to(stage.cluster.port()).await;
    let database = Database::at(address.url("app"));
    let server = impatient(Server::options(&database)).start().await;
    prepare(&server).await;
    server.create_class("Paper", &[("scan", "File")]).await;

    let mut told = Told::default();
    for (passage, name) in [(Passage::LosingAnswers, "kept"), (Passage::LosingCommits, "lost")] {
        address.set(passage);
        let answer = server.anonymous().query(CREATE, json!({"name": name})).await;
        assert_eq!((answer.code(), answer.messages()), (100, vec![UNKNOWN.to_owned()]), "{}", answer.body);
        address.set(Passage::Open);
        if passage == Passage::LosingAnswers {
            told.made.insert(name.to_owned());
        } else {
            told.refused.insert(name.to_owned());
        }
        agreement::check(&stage.database, &told).await;
    }

    address.set(Passage::LosingAnswers);
    let class = "mutation { createClass(input: { name: \"More\" }) { class { name } } }";
    let answer = server.master().query(class, Value::Null).await;
    assert_eq!((answer.code(), answer.messages()), (100, vec![UNKNOWN.to_owned()]));
    let upload = "mutation ($upload: Upload!) { createPaper(input: { fields: { scan: { upload: $upload } } }) { paper { id } } }";
    let create = async |content: &'static [u8]| {
        let file = File { place: "variables.upload", name: "scan.txt", content_type: "text/plain", content };
        server.anonymous().upload(upload, json!({"upload": null}), &[file]).await
    };
    // Who makes one object sends no COMMIT: the statement is a transaction by itself. Its connection is there already.
    address.set(Passage::Open);
    create(b"paint").await.ok();
    address.set(Passage::LosingRows);
    let answer = create(b"ink").await;
    assert_eq!((answer.code(), answer.messages()), (100, vec![UNKNOWN.to_owned()]), "{}", answer.body);
    address.set(Passage::Open);

    let papers = server.anonymous().query("{ papers { edges { node { scan { url } } } } }", Value::Null).await;
    let url = papers.text("papers.edges.1.node.scan.url");
    let path = url.strip_prefix(server.origin()).unwrap();
    assert_eq!(server.anonymous().get(path).await.body, "ink", "the object keeps its file");
    let begun = std::time::Instant::now();
    while server.master().query("{ class(name: \"More\") { name } }", Value::Null).await.codes() != [0; 0] {
        assert!(begun.elapsed() < PATIENCE, "the server does not know the class that was made");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    agreement::check(&stage.database, &told).await;
}

//! The price of the guard: the same rows, asked for as a user and with the master key.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::Result;
use crate::http;
use crate::load::{self, Sample};
use crate::options::{Engine, Kind, Options};
use crate::rows;
use crate::subject::Stage;
use crate::workload::Caller;

/// How many connections ask.
const CONNECTIONS: usize = 16;

/// What was measured of one read.
#[derive(Debug, Clone)]
pub(crate) struct Price {
    pub(crate) engine: Engine,
    pub(crate) read: &'static str,
    /// As a user.
    pub(crate) user: Vec<Sample>,
    /// With the master key.
    pub(crate) master: Vec<Sample>,
    /// With the master key and a session, which is looked up as the user's is: what is left is the guard alone.
    pub(crate) master_with_session: Vec<Sample>,
}

/// Reads of reports, all of which user 0 may see.
const READS: &[(&str, &str)] = &[
    ("get", "query ($id: ID!) { report(id: $id) { objectId title body category score active publishedAt createdAt } }"),
    (
        "find",
        "query { reports(first: 100, order: [createdAt_ASC]) { edges { node { objectId title body category score active publishedAt createdAt } } } }",
    ),
    (
        "find-nested",
        "query { reports(first: 100, order: [createdAt_ASC]) { edges { node { objectId title author { objectId name } tags(order: [name_ASC]) { edges { node { name } } } } } } }",
    ),
    (
        "find-filtered",
        "query ($category: String!) { reports(first: 100, order: [createdAt_ASC], where: {category: {equalTo: $category}, score: {greaterThan: 2000}, active: {equalTo: true}}) { edges { node { objectId title body } } } }",
    ),
    ("count", "query ($category: String!) { reports(where: {category: {equalTo: $category}}) { count } }"),
    (
        "page",
        "query { reports(first: 50, skip: 100, order: [createdAt_ASC]) { edges { node { objectId title createdAt } } } }",
    ),
];

/// Measures all reads.
pub(crate) async fn measure(stage: &Stage, options: &Options) -> Result<Vec<Price>> {
    let subject = stage.subject(Kind::Portcullis)?;
    let (address, process) = (subject.process.address, &subject.process);
    let token = rows::token(0);
    let callers = [Caller::User(token.clone()), Caller::Master, Caller::MasterWithSession(token)];
    let mut all = Vec::new();
    for (read, query) in READS {
        let variables = |n: u64| {
            let id = rows::id('e', n * 7919 % subject.scene.size.reports);
            json!({"id": id, "category": format!("category {}", n % rows::CATEGORIES)})
        };
        let text =
            |caller: &Caller, n| http::request("/graphql", caller, &json!({"query": query, "variables": variables(n)}));
        let mut answers: Vec<Json> = Vec::new();
        for caller in &callers {
            answers.push(http::Connection::open(address).await?.data(&text(caller, 1)).await?);
        }
        if answers.iter().any(|answer| *answer != answers[0]) {
            return Err(format!("{read}: the user and the master key do not see the same").into());
        }
        let requests: Vec<Arc<[Vec<u8>]>> =
            callers.iter().map(|caller| (0..512).map(|n| text(caller, n)).collect()).collect();
        let mut samples = vec![Vec::new(); callers.len()];
        for _ in 0..options.rounds.max(3) {
            for (requests, samples) in requests.iter().zip(&mut samples) {
                samples.push(load::run(address, process, requests, CONNECTIONS, options.seconds).await?);
            }
        }
        let mut samples = samples.into_iter();
        let mut next = || samples.next().unwrap_or_default();
        let (user, master, master_with_session) = (next(), next(), next());
        let price = Price { engine: stage.engine, read, user, master, master_with_session };
        println!("{}", crate::report::price_line(&price));
        all.push(price);
    }
    Ok(all)
}

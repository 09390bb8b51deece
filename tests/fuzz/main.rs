//! Random requests: whatever is asked, the server gives a proper answer, and both databases the same.
//!
//! One case is one GraphQL request to a server on each database, or one HTTP request. `PORTCULLIS_TEST_FUZZ_CASES` says how
//! many there are and `PORTCULLIS_TEST_FUZZ_SEED` repeats a run: a failure names the seed with which it comes first.
//!
//! ```text
//! PORTCULLIS_TEST_FUZZ_CASES=50000 cargo test --release --test fuzz
//! ```

#[cfg(test)]
mod case;
#[cfg(test)]
mod check;
#[cfg(test)]
mod compare;
#[cfg(test)]
mod dice;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod names;
#[cfg(test)]
mod run;
#[cfg(test)]
mod server;
#[cfg(test)]
mod shape;
#[cfg(test)]
mod shrink;
#[cfg(test)]
mod web;
#[cfg(test)]
mod world;

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use crate::harness::Database;
    use crate::harness::postgres::{self, PostgresDatabase};
    use crate::harness::scratch::Scratch;
    use crate::run::{self, Tally};
    use crate::server::{Log, Server};
    use crate::web;

    /// How many cases there are unless somebody says otherwise: less than a minute.
    const CASES: usize = 1600;

    #[tokio::test]
    async fn every_request_has_a_proper_answer() {
        let cluster = match postgres::cluster() {
            Ok(cluster) => Some(cluster),
            Err(reason) if postgres::is_required() => panic!("PostgreSQL is needed in CI: {reason}"),
            Err(reason) => {
                eprintln!("WITHOUT PostgreSQL, there is none: {reason}");
                None
            }
        };
        let (seed, cases) = settings();
        let log = Log::default();
        let _listening = log.listen();
        let begin = Instant::now();
        // Only the newest databases are kept, as a world has all of them.
        let (mut directory, mut database) = (None, None);
        let run = run::run(seed, cases, async || {
            let mut servers = Vec::new();
            let path = directory.insert(Scratch::new()).path().join("world.db");
            servers.push(Box::pin(Server::open("SQLite", format!("sqlite:{}", path.display()), log.clone())).await);
            if let Some(cluster) = cluster {
                drop(database.take());
                let url = database.insert(PostgresDatabase::create(cluster).await).url().to_owned();
                servers.push(Box::pin(Server::open("PostgreSQL", url, log.clone())).await);
            }
            servers
        });
        let Tally { cases, executed, clean, compared, wrong } = Box::pin(run).await;
        let seconds = begin.elapsed().as_secs();
        eprintln!(
            "seed {seed}: {cases} cases, {executed} answers, of which {clean} without errors, {compared} compared, in {seconds} s"
        );
        let found: Vec<String> =
            wrong.iter().map(|(kind, (count, text))| format!("{kind} ({count} times)\n{text}")).collect();
        assert!(found.is_empty(), "{}", found.join("\n\n----------\n\n"));
    }

    #[tokio::test]
    async fn every_http_request_has_a_proper_answer_on_sqlite() {
        let (seed, cases) = settings();
        Database::on_sqlite(async |database| web::run(database, seed, cases / 4).await).await;
    }

    #[tokio::test]
    async fn every_http_request_has_a_proper_answer_on_postgres() {
        let (seed, cases) = settings();
        Database::on_postgres(async |database| web::run(database, seed, cases / 8).await).await;
    }

    /// The seed, and how many cases there are.
    fn settings() -> (u64, usize) {
        let cases = setting("PORTCULLIS_TEST_FUZZ_CASES").map_or(CASES, |cases| cases.parse().expect("a number"));
        let seed = setting("PORTCULLIS_TEST_FUZZ_SEED");
        (seed.map_or_else(rand::random, |seed| seed.parse().expect("a number")), cases)
    }

    #[expect(clippy::disallowed_methods, reason = "a setting of the tests is none of the server")]
    fn setting(name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

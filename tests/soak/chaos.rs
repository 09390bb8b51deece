//! Three servers and their database, and whoever kills them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::book::Book;
use crate::dice::Dice;
use crate::harness::{Database, Options, Server};
use crate::postgres_server::{PostgresServer, Stop, free_port};
use crate::writers::PATIENCE;

/// A server that keeps its address when it is killed.
pub(crate) struct Seat {
    options: Options,
    pub(crate) server: Option<Server>,
}

impl Seat {
    /// Starts a server at an address that nobody has.
    pub(crate) async fn start(database: &Database) -> Self {
        let listen = format!("127.0.0.1:{}", free_port());
        let options = Server::options(database)
            .flag("--listen", &listen)
            .flag("--max-connections", "8")
            .flag("--connect-timeout", "2s")
            .flag("--request-timeout", "5s");
        let server = Some(options.clone().start().await);
        Self { options, server }
    }

    pub(crate) fn server(&self) -> &Server {
        self.server.as_ref().expect("nobody has been killed yet")
    }

    /// Starts the server again, which fails as long as the database is away.
    async fn start_again(&mut self) {
        let begun = Instant::now();
        while self.server.is_none() {
            match self.options.clone().attempt().await {
                Ok(server) => self.server = Some(server),
                Err(said) => assert!(begun.elapsed() < PATIENCE, "the server does not start any more: {said}"),
            }
        }
    }
}

/// Kills servers and the database, one or several, and starts them again, until it is told to stop. All of them run at the
/// end.
pub(crate) async fn wreak(
    (cluster, seats): (&PostgresServer, &mut [Seat]),
    book: &Book,
    mut dice: Dice,
    stop: &AtomicBool,
) {
    while !stop.load(Ordering::Relaxed) {
        pause(&mut dice, 500, 2_500).await;
        let database = dice.percent(35);
        if database {
            if dice.percent(50) {
                cluster.kill().await;
            } else {
                cluster.stop(Stop::Immediate).await;
            }
            book.open().figures.databases_killed += 1;
        }
        // Now and then they go at the same time.
        if !database || dice.percent(20) {
            for _ in 0..=dice.below(2) {
                let seat = dice.below(seats.len());
                if let Some(server) = seats[seat].server.take() {
                    server.kill().await;
                    book.open().figures.servers_killed += 1;
                }
            }
        }
        pause(&mut dice, 0, 1_500).await;
        if database {
            cluster.start_again().await;
        }
        for seat in &mut *seats {
            seat.start_again().await;
        }
    }
}

/// Lets some time go by, so that requests meet what was done.
async fn pause(dice: &mut Dice, least: usize, most: usize) {
    let millis = least + dice.below(most - least);
    tokio::time::sleep(Duration::from_millis(millis.try_into().unwrap())).await;
}

//! The run: the scene, eight writers, two readers, the killing, and the verdict.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::task::JoinSet;

use crate::book::{Book, Figures};
use crate::chaos::{Seat, wreak};
use crate::dice::Dice;
use crate::harness::{Client, Database, User};
use crate::postgres_server::PostgresServer;
use crate::reader::{Who, read};
use crate::verdict;
use crate::writer::Writer;
use crate::writers::{PATIENCE, prepare};

/// A number that whoever runs the test has set.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests is none of the server")]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_half_done_or_shown_while_servers_and_the_database_are_killed() {
    let seconds = setting("PORTCULLIS_TEST_SOAK_SECONDS").unwrap_or(25);
    let seed = setting("PORTCULLIS_TEST_SOAK_SEED").unwrap_or_else(rand::random);
    eprintln!("{seconds} s with PORTCULLIS_TEST_SOAK_SEED={seed}");
    let Some(cluster) = PostgresServer::start(&["fsync = on", "max_connections = 60"]).await else { return };
    let database = Database::at(cluster.create_database("app").await);
    let mut seats = seats(&database).await;

    let (book, stop) = (Arc::new(Book::new()), Arc::new(AtomicBool::new(false)));
    let mut clients = clients(&seats, &book, (seed, &stop)).await;
    let end = AtomicBool::new(false);
    let timer = async {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        end.store(true, Ordering::Relaxed);
    };
    let chaos = async { tokio::join!(wreak((&cluster, &mut seats), &book, Dice::new(seed), &end), timer) };
    tokio::select! {
        // A client that has seen what must not be ends the run at once.
        Some(ended) = clients.join_next() => {
            ended.unwrap();
            panic!("a client has stopped by itself");
        }
        ((), ()) = chaos => {}
    }

    let (begun, before) = (Instant::now(), book.acknowledged());
    while book.acknowledged() < before + 50 {
        assert!(begun.elapsed() < PATIENCE, "the servers do not recover");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.store(true, Ordering::Relaxed);
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
    let known = Arc::into_inner(book).expect("the clients have ended").close();
    let (notes, parents) = (known.notes.len(), known.nested.made.len());
    eprintln!("{:#?}\n{notes} notes, {parents} parents with their children", known.figures);
    assert_eventful(&known.figures);
    verdict::check(&database, &known).await;
}

/// Three servers with the classes that the clients write to.
async fn seats(database: &Database) -> Vec<Seat> {
    let mut seats = Vec::new();
    for _ in 0..3 {
        seats.push(Seat::start(database).await);
    }
    let server = seats[0].server();
    prepare(server).await;
    server.create_class("Note", &[("key", "String"), ("value", "Number")]).await;
    // A writer would take a server that does not know the classes yet for one that refuses it.
    for seat in &seats {
        let (begun, nobody) = (Instant::now(), seat.server().anonymous());
        loop {
            let answer = nobody.query("{ notes { count } parents { count } }", Value::Null).await;
            if answer.status == 200 && answer.codes().is_empty() {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "a server does not follow");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    seats
}

/// The writers and the readers, at work.
async fn clients(seats: &[Seat], book: &Arc<Book>, (seed, stop): (u64, &Arc<AtomicBool>)) -> JoinSet<()> {
    let server = seats[0].server();
    let at_all = |user: &User| -> Vec<Client> { seats.iter().map(|seat| seat.server().user(user)).collect() };
    let member = server.sign_up("member").await;
    let stranger = server.sign_up("stranger").await;
    let mut clients = JoinSet::new();
    for (number, who, user) in [(100, Who::Stranger, &stranger), (101, Who::Member, &member)] {
        let dice = Dice::new(seed.wrapping_add(number));
        clients.spawn(read(who, at_all(user), (Arc::clone(book), dice), Arc::clone(stop)));
    }
    for number in 1..=8 {
        let user = server.sign_up(&format!("writer{number}")).await;
        let writer = Writer {
            number,
            clients: at_all(&user),
            user,
            member: member.clone(),
            book: Arc::clone(book),
            dice: Dice::new(seed.wrapping_add(number)),
        };
        clients.spawn(writer.run(Arc::clone(stop)));
    }
    clients
}

/// A run in which nothing happened would prove nothing.
fn assert_eventful(figures: &Figures) {
    assert!(figures.servers_killed > 0 && figures.databases_killed > 0, "nobody was killed");
    assert!(figures.reads_that_showed_something > 0, "the member never saw anything");
    for what in ["created", "created with children", "updated", "deleted", "withdrawn by ACL", "withdrawn by role"] {
        assert!(figures.acknowledged.contains_key(what), "nothing was {what}");
    }
}

//! PostgreSQL that is restarted, killed, stopped for a while, or sends its clients away.

use std::time::Duration;

use super::agreement;
use super::outage::{Stage, eight, is_away, recovers, told, try_to_alter};
use super::postgres_server::Stop;
use super::writers::Told;

/// Ends every connection, that of the listener included.
const TERMINATE: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";

#[tokio::test]
async fn a_database_that_is_restarted_or_crashes_under_load_is_taken_up_again() {
    let Some(stage) = Stage::set(&[]).await else { return };
    let server = stage.server().await;
    let mut all = Told::default();
    for (round, how) in [Some(Stop::Fast), Some(Stop::Immediate), None].into_iter().enumerate() {
        let writers = eight(&format!("r{round}"), &server);
        writers.wait_for(8).await;
        let (master, name) = (server.master(), format!("Kind{round}"));
        let alter = tokio::spawn(async move { try_to_alter(&master, &name).await });
        match how {
            Some(how) => stage.cluster.stop(how).await,
            None => stage.cluster.kill().await,
        }
        is_away(&server).await;
        stage.cluster.start_again().await;
        eprintln!("works again after {:?}", recovers(&server, &writers).await);
        alter.await.unwrap();
        all.add(told(writers).await);
        agreement::check(&stage.database, &all).await;
    }
    assert!(all.codes.contains(&100), "somebody was turned away: {:?}", all.codes);
}

#[tokio::test]
async fn a_database_that_is_stopped_for_a_while_is_waited_for() {
    let Some(stage) = Stage::set(&[]).await else { return };
    let server = stage.server().await;
    let writers = eight("w", &server);
    writers.wait_for(8).await;
    stage.cluster.stop(Stop::Fast).await;
    // Long enough for requests that begin and end while the database is away.
    let begun = std::time::Instant::now();
    while begun.elapsed() < Duration::from_secs(5) {
        is_away(&server).await;
    }
    stage.cluster.start_again().await;
    eprintln!("works again after {:?}", recovers(&server, &writers).await);
    let told = told(writers).await;
    assert!(told.refused.len() > 8, "requests ended meanwhile: {}", told.refused.len());
    agreement::check(&stage.database, &told).await;
}

#[tokio::test]
async fn connections_that_are_cut_again_and_again_cost_only_what_was_in_flight() {
    let Some(stage) = Stage::set(&[]).await else { return };
    let server = stage.server().await;
    let writers = eight("w", &server);
    for round in 0..5 {
        writers.wait_for(8).await;
        stage.cluster.execute("postgres", TERMINATE).await;
        try_to_alter(&server.master(), &format!("Kind{round}")).await;
    }
    eprintln!("works again after {:?}", recovers(&server, &writers).await);
    let told = told(writers).await;
    agreement::check(&stage.database, &told).await;
}

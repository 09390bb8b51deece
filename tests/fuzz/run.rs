//! A run: worlds one after the other, and many cases in each.

use std::collections::BTreeMap;

use portcullis::graphql::Outcome;
use serde_json::Value as Json;

use crate::case::Case;
use crate::check::{Wrong, check, general};
use crate::compare;
use crate::dice::Dice;
use crate::generate::{Generator, mutate};
use crate::server::{Reply, Server};
use crate::shrink::shrink;
use crate::world::World;

/// How many cases a world is good for: first only questions, which must have one answer on all databases.
const CASES_OF_A_WORLD: usize = 400;
const QUESTIONS: usize = 150;

/// After so many kinds of failures a run ends.
const ENOUGH: usize = 60;

/// What has been asked, and what went wrong, by kind.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) cases: usize,
    pub(crate) executed: usize,
    pub(crate) clean: usize,
    pub(crate) compared: usize,
    pub(crate) wrong: BTreeMap<String, (usize, String)>,
}

/// Runs so many cases. World number `n` has the seed `seed + n`.
pub(crate) async fn run(seed: u64, cases: usize, mut servers: impl AsyncFnMut() -> Vec<Server>) -> Tally {
    let mut tally = Tally::default();
    let mut seed = seed;
    while tally.cases < cases && tally.wrong.len() < ENOUGH {
        let mut dice = Dice::new(seed);
        let mut world = World::new(servers().await).await;
        for number in 0..CASES_OF_A_WORLD.min(cases - tally.cases) {
            tally.cases += 1;
            let reading = number < QUESTIONS;
            let mut case = Generator::new(&mut dice, &world.schema, &world.names).case(reading);
            if dice.percent(15) {
                mutate(&mut dice, &mut case);
            }
            let reading = reading && !case.text.contains("mutation");
            if let Some((database, wrong)) = play(&mut world, &case, reading, &mut tally).await {
                report(&mut world, seed, (&case, &wrong), (reading, database), &mut tally).await;
            }
            if case.text.contains("Class")
                && let Err(reason) = world.refresh()
            {
                note(&mut tally, &Wrong { kind: general(&reason), detail: reason }, seed, &case.to_string());
                break;
            }
        }
        seed = seed.wrapping_add(1);
    }
    tally
}

/// Asks all servers, and says what is wrong with the first wrong answer.
async fn play(world: &mut World, case: &Case, compared: bool, tally: &mut Tally) -> Option<(usize, Wrong)> {
    let mut answers = Vec::new();
    for (database, server) in world.servers.iter().enumerate() {
        drop(server.log.take());
        let case = world.names.put_in(case, database);
        let reply = server.ask(&case).await;
        if let Reply::Answer { outcome: Outcome::Executed, body, .. } = &reply {
            tally.executed += 1;
            tally.clean += usize::from(!body.contains("\"errors\":"));
        }
        match check(&world.schema, &case, &reply, &server.log.take()) {
            Ok(json) => answers.push(json),
            Err(wrong) => return Some((database, wrong)),
        }
    }
    if compared && let Err(reason) = compare::answers(&mut world.names, case, &answers) {
        let detail = answers.iter().map(Json::to_string).collect::<Vec<_>>().join("\n");
        return Some((
            0,
            Wrong {
                kind: format!("differ: {}", reason.split([':', '_']).next().unwrap_or_default()),
                detail: format!("{reason}\n{detail}"),
            },
        ));
    }
    tally.compared += usize::from(compared && !compare::depends_on_names(case) && answers.len() > 1);
    // Where the answers may be about different things, only cursors are of use.
    let equal = !compared || !compare::depends_on_names(case);
    world.names.learn_all(&answers, |key| equal || key.ends_with("ursor"));
    None
}

async fn report(
    world: &mut World,
    seed: u64,
    (case, wrong): (&Case, &Wrong),
    (compared, database): (bool, usize),
    tally: &mut Tally,
) {
    let mut kind = format!("{}: {}", world.servers[database].name, wrong.kind);
    if wrong.kind.starts_with("differ") {
        kind.clone_from(&wrong.kind);
    }
    if let Some((count, _)) = tally.wrong.get_mut(&kind) {
        *count += 1;
        return;
    }
    let mut unused = Tally::default();
    let small = shrink(case.clone(), async |smaller| {
        let again = play(world, smaller, compared, &mut unused).await;
        again.is_some_and(|(_, again)| again.kind == wrong.kind)
    });
    let small = Box::pin(small).await;
    let last = play(world, &small, compared, &mut unused)
        .await
        .map_or_else(|| "not again".to_owned(), |(_, wrong)| wrong.detail);
    let small = world.names.put_in(&small, database);
    let detail = if last == "not again" { &wrong.detail } else { &last };
    let text =
        format!("PORTCULLIS_TEST_FUZZ_SEED={seed}\n{small}\n--\n{}", detail.chars().take(1500).collect::<String>());
    eprintln!("!! {kind}\n{text}\n");
    tally.wrong.insert(kind, (1, text));
}

fn note(tally: &mut Tally, wrong: &Wrong, seed: u64, case: &str) {
    let text = format!("PORTCULLIS_TEST_FUZZ_SEED={seed}\n{case}\n--\n{}", wrong.detail);
    eprintln!("!! {}\n{text}\n", wrong.kind);
    tally.wrong.entry(wrong.kind.clone()).or_insert((0, text)).0 += 1;
}

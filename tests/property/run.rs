//! A run: worlds one after the other, and many cases in each.

use crate::check::{Difference, Pair, compare};
use crate::dice::Dice;
use crate::generate::{self, Generator};
use crate::model::{Answer, Caller, Faults, Model, Pick, Write};
use crate::properties;
use crate::render;
use crate::report;
use crate::server::Server;
use crate::world;

/// How many cases a world is good for.
const CASES_OF_A_WORLD: usize = 250;
/// After so many failures a run ends.
const ENOUGH: usize = 5;

/// A change of the world went wrong, so that nothing more can be learned from it.
type Lost = bool;

/// What has been asked, and what went wrong.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) cases: usize,
    pub(crate) refused: usize,
    pub(crate) failures: Vec<String>,
}

/// Runs so many cases. World number `n` has the seed `seed + n`, so that the seed of a failure is the first of a new run.
pub(crate) async fn run(seed: u64, cases: usize, mut database: impl AsyncFnMut() -> String) -> Tally {
    let mut tally = Tally::default();
    let mut seed = seed;
    while tally.cases < cases && tally.failures.len() < ENOUGH {
        let mut dice = Dice::new(seed);
        let mut model = generate::world(&mut dice);
        let mut server = Server::open(database().await).await;
        world::install(&mut server, &mut model).await;
        let mut pair = Pair { server, model };
        if let Err(difference) = pair.contents(0..pair.model.classes.len()).await {
            let world = report::world(&pair.model, Caller::Master);
            tally.failures.push(headed(seed, &format!("as it was installed: {difference}\n{world}")));
        }
        let wanted = CASES_OF_A_WORLD.min(cases - tally.cases);
        for _ in 0..wanted {
            tally.cases += 1;
            let (outcome, lost) = case(&mut pair, &mut dice, &mut tally).await;
            if let Err(difference) = outcome {
                tally.failures.push(headed(seed, &difference));
            }
            if lost || tally.failures.len() >= ENOUGH {
                break;
            }
        }
        seed = seed.wrapping_add(1);
    }
    tally
}

fn headed(seed: u64, difference: &str) -> String {
    format!("PORTCULLIS_TEST_PROPERTY_SEED={seed}\n\n{difference}")
}

async fn case(pair: &mut Pair, dice: &mut Dice, tally: &mut Tally) -> (Result<(), Difference>, Lost) {
    let mut generator = Generator { dice, model: &pair.model };
    let caller = generator.caller();
    match generator.dice.below(100) {
        0..60 => {
            let question = generator.question();
            tally.refused += usize::from(pair.model.seen_by(caller).answer(&question).is_err());
            (pair.question(caller, &question).await, false)
        }
        60..82 => {
            let write = generator.write();
            let classes = touched(&pair.model, &write);
            let picks = generator.picks(write.row().class, 0);
            tally.refused += usize::from(pair.model.after(caller, &write).is_err());
            let outcome = self::write(pair, caller, &write, (&classes, &picks)).await;
            let lost = outcome.is_err();
            (outcome, lost)
        }
        82..88 => {
            let class = generator.class();
            let clp = generator.clp(class);
            pair.server.master(&render::permissions(&pair.model, class, &clp)).await;
            pair.model.classes[class].clp = clp;
            let question = Generator { dice, model: &pair.model }.question();
            (pair.question(caller, &question).await, false)
        }
        88..94 => {
            let (question, filter) = properties::narrowing(&mut generator);
            (properties::a_filter_never_adds_a_row(pair, caller, &question, &filter).await, false)
        }
        _ => {
            let question = generator.question();
            let hiding = properties::hiding(&mut generator, &question);
            (properties::hiding_shows_nothing_else(pair, caller, &question, hiding).await, false)
        }
    }
}

/// Writes, compares what is answered, and then the rows.
async fn write(
    pair: &mut Pair,
    caller: Caller,
    write: &Write,
    (classes, picks): (&[usize], &[Pick]),
) -> Result<(), Difference> {
    let before = report::world(&pair.model, caller);
    let told = |difference: Difference| format!("{difference}\n\n{write:?}\n\nThe world before: {before}");
    let document = render::write(&pair.model, write, picks);
    let expected = pair.model.after(caller, write);
    let got = pair.server.ask(caller, &document).await;
    let seen = match expected {
        Err(faults) => Err(faults),
        Ok(mut after) => {
            if !world::discover(&pair.server, &mut after).await {
                let document = report::document(&document);
                return Err(told(format!("No new row, or more than one.\n{document}\n\ngot: {got:?}")));
            }
            // What is deleted is shown as it was.
            let shown = if matches!(write, Write::Delete { .. }) { &pair.model } else { &after };
            let object = shown.shown_after(&pair.model, caller).object_after_write(write.row(), picks);
            let singular = after.class(write.row().class).singular();
            pair.model = after;
            Ok(Answer { data: serde_json::json!({ singular: object }), faults: Faults::new() })
        }
    };
    if let Some(wrong) = compare(&document, &seen, &got) {
        return Err(told(wrong));
    }
    pair.contents(classes.iter().copied()).await.map_err(told)
}

/// The classes that a change can have changed.
fn touched(model: &Model, write: &Write) -> Vec<usize> {
    let own = write.row().class;
    let mut classes = vec![own];
    let fields = model.class(own).fields.iter();
    classes.extend(
        fields.filter(|field| matches!(field.name, "link" | "many")).map(|field| model.target(own, field.name)),
    );
    classes.sort_unstable();
    classes.dedup();
    classes
}

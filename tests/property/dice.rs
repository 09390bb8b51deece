//! Chance, which a seed repeats.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// Makes every choice of a run.
#[derive(Debug)]
pub(crate) struct Dice(StdRng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// True in so many of a hundred cases.
    pub(crate) fn percent(&mut self, chance: u32) -> bool {
        self.0.random_range(0..100) < chance
    }

    /// A number below `end`, which is not zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    /// One of several things.
    pub(crate) fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    /// Up to so many of several things, each at most once, in any order.
    pub(crate) fn some<T: Clone>(&mut self, items: &[T], at_most: usize) -> Vec<T> {
        let mut left = items.to_vec();
        let count = self.below(at_most.min(left.len()) + 1);
        (0..count).map(|_| left.remove(self.0.random_range(0..left.len()))).collect()
    }

    /// As [`some`](Self::some), and at least one.
    pub(crate) fn few<T: Clone>(&mut self, items: &[T], at_most: usize) -> Vec<T> {
        let some = self.some(items, at_most);
        if some.is_empty() { vec![self.pick(items)] } else { some }
    }
}

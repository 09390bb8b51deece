//! The seal: none of the ways around the guard compiles.
//!
//! Each file in `tests/compile_fail/` is one way, and beside it stands what the compiler says to it;
//! `TRYBUILD=overwrite cargo test --test compile_fail` writes that anew. The first run builds the dependencies once more.

#[cfg(test)]
mod tests {
    #[test]
    fn no_way_around_the_guard_compiles() {
        trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
    }
}

//! The seal: none of the ways around the guard compiles.
//!
//! Each file in `tests/compile_fail/` is one way, and beside it stands what the compiler says to it;
//! `TRYBUILD=overwrite cargo test --test compile_fail` writes that anew. The first run builds the dependencies once more.

#[cfg(test)]
mod tests {
    use std::fmt::Display;

    use portcullis::auth::{Keys, Password, PasswordHash, SessionToken};
    use serde::Serialize;
    use static_assertions::assert_not_impl_any;

    // Secrets are printed nowhere and are in no JSON. This compiles, or does not: what the compiler says about types whose
    // names other crates have as well depends on which of these crates it has looked at.
    assert_not_impl_any!(SessionToken: Display, Serialize);
    assert_not_impl_any!(Password: Display, Serialize);
    assert_not_impl_any!(PasswordHash: Display, Serialize);
    assert_not_impl_any!(Keys: Display, Serialize);

    #[test]
    fn no_way_around_the_guard_compiles() {
        trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
    }
}

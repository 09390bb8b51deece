//! Who is signed in does not become somebody else.

use portcullis::auth::SignedIn;

fn promote(mut signed_in: SignedIn, admin: SignedIn) -> SignedIn {
    signed_in.identity = admin.identity;
    signed_in
}

fn main() {}

//! Keys are made to be given to a server; nobody reads them back.

use portcullis::auth::Keys;

fn read(keys: Keys) {
    drop(keys.master_key);
}

fn replace(mut keys: Keys, other: Keys) {
    keys.master_key = other.master_key;
}

fn main() {}

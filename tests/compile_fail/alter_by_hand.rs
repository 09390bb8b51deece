//! Even who holds the master key asks the guard.

use portcullis::auth::MasterKey;
use portcullis::guard::AdmittedAlter;
use portcullis::plan::Alter;

fn forge(key: MasterKey, alter: Alter) -> AdmittedAlter {
    AdmittedAlter { _key: key, alter }
}

fn main() {}

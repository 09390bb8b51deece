//! Admits changes of classes, and reading them.

use super::admitted::AdmittedAlter;
use crate::auth::{Caller, Master};
use crate::fault::Fault;
use crate::plan::Alter;

/// Admits changing classes: the master key only.
pub fn alter(caller: &Caller, alter: Alter) -> Result<AdmittedAlter, Fault> {
    match caller {
        Caller::Master(Master::Full(key), _) => Ok(AdmittedAlter { _key: *key, alter }),
        Caller::Master(Master::ReadOnly(_), _) | Caller::User(_) | Caller::Anonymous => Err(Fault::denied()),
    }
}

/// Lets those who hold a master key read the definitions of classes, and the configuration.
pub fn read_classes(caller: &Caller) -> Result<(), Fault> {
    match caller {
        Caller::Master(..) => Ok(()),
        Caller::User(_) | Caller::Anonymous => Err(Fault::denied()),
    }
}

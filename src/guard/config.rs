//! Admits reading and writing the application's configuration: with a master key only, as in Parse's GraphQL API.

use super::admitted::{AdmittedParameter, AdmittedParameterName};
use crate::auth::{Caller, Master};
use crate::fault::{Code, Fault};

/// Admits reading a parameter.
pub fn read_config(caller: &Caller, name: &str) -> Result<AdmittedParameterName, Fault> {
    match caller {
        Caller::Master(master, _) => Ok(AdmittedParameterName { _key: (*master).into(), name: name.to_owned() }),
        Caller::User(_) | Caller::Anonymous => Err(Fault::denied()),
    }
}

/// Admits setting a parameter.
pub fn write_config(
    caller: &Caller,
    name: &str,
    value: &str,
    master_key_only: bool,
) -> Result<AdmittedParameter, Fault> {
    let Caller::Master(Master::Full(key), _) = caller else { return Err(Fault::denied()) };
    if name.is_empty() || name.contains('\0') || value.contains('\0') {
        return Err(Fault::with(Code::InvalidKeyName, "A parameter needs a name, and no character NUL."));
    }
    Ok(AdmittedParameter { _key: *key, name: name.to_owned(), value: value.to_owned(), master_key_only })
}

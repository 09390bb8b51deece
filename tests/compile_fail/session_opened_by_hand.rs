//! Nobody becomes a user but by a request that brings the credentials.

use portcullis::auth::Directory;
use portcullis::auth::NewSession;
use portcullis::auth::SessionRecord;
use portcullis::auth::accept_log_in;
use portcullis::auth::open_session;

fn main() {}

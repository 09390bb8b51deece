//! Sessions that are looked up together.
//!
//! With many callers, most requests look up a session of their own, which is as dear as what they came for. Whoever asks while
//! others are being answered waits, and then one statement asks for all that wait. Nobody who is alone waits, and nobody
//! waits long: a connection that does not answer holds up those only who asked by it. One that was lost meanwhile fails them only
//! if the next one was, too.
//!
//! **Invariant:** a token is in no statement that was begun before it was asked for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tracing::Instrument as _;

use super::directory::Answer;
use crate::auth::SessionToken;
use crate::fault::{Code, Fault};

/// How long somebody waits for others to be answered.
const PATIENCE: Duration = Duration::from_millis(5);

/// How soon it shows that a connection was lost before it was used.
const AT_ONCE: Duration = Duration::from_millis(100);

/// The tokens that wait.
pub(super) struct LookUps {
    waiting: Mutex<Vec<Waiting>>,
    turn: Arc<Semaphore>,
}

/// A token that waits for its session.
struct Waiting {
    token: SessionToken,
    answer: oneshot::Sender<Answer>,
}

impl LookUps {
    /// Nobody waits yet.
    pub(super) fn new() -> Self {
        Self { waiting: Mutex::default(), turn: Semaphore::new(1).into() }
    }

    /// The session of a token, which `look_up` asks for together with those that wait. Its answers are in the order of the tokens.
    pub(super) async fn answer<F>(
        &self,
        token: &SessionToken,
        look_up: impl Fn(Arc<[SessionToken]>) -> F + Send + 'static,
    ) -> Answer
    where
        F: Future<Output = Result<Vec<Answer>, Fault>> + Send + 'static,
    {
        let (answer, mut answered) = oneshot::channel();
        self.lock().push(Waiting { token: token.clone(), answer });
        let turn = tokio::select! {
            biased;
            answer = &mut answered => return answer.map_err(Fault::internal)?,
            turn = self.turn() => turn,
        };
        let together = std::mem::take(&mut *self.lock());
        // A task of its own: whoever hangs up takes nobody along.
        tokio::spawn(ask(together, look_up, turn).in_current_span());
        answered.await.map_err(Fault::internal)?
    }

    /// Waits for one's turn to ask, or for long enough.
    async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        let turn = Arc::clone(&self.turn);
        match Arc::clone(&turn).try_acquire_owned() {
            Ok(turn) => Some(turn),
            Err(_) => tokio::time::timeout(PATIENCE, turn.acquire_owned()).await.ok()?.ok(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks for all of them that still wait. It is somebody else's turn afterwards.
async fn ask<F>(together: Vec<Waiting>, look_up: impl Fn(Arc<[SessionToken]>) -> F, _turn: Option<OwnedSemaphorePermit>)
where
    F: Future<Output = Result<Vec<Answer>, Fault>>,
{
    let waiting = together.into_iter().filter(|one| !one.answer.is_closed());
    let (tokens, mut askers): (Vec<_>, Vec<_>) = waiting.map(|one| (one.token, one.answer)).unzip();
    let all_gone = async {
        for asker in &mut askers {
            asker.closed().await;
        }
    };
    let answers = tokio::select! {
        biased;
        () = all_gone => return,
        answers = persistently(tokens.into(), look_up) => answers,
    };
    let answers = answers.unwrap_or_else(|fault| vec![Err(fault); askers.len()]);
    for (asker, answer) in askers.into_iter().zip(answers) {
        // Whoever does not wait any more needs no answer.
        drop(asker.send(answer));
    }
}

/// Asks once more if the connection had been lost before: that is not to fail all who wait.
async fn persistently<F>(
    tokens: Arc<[SessionToken]>,
    look_up: impl Fn(Arc<[SessionToken]>) -> F,
) -> Result<Vec<Answer>, Fault>
where
    F: Future<Output = Result<Vec<Answer>, Fault>>,
{
    let begun = Instant::now();
    match look_up(Arc::clone(&tokens)).await {
        Err(fault) if fault.code() == Code::ConnectionFailed && begun.elapsed() < AT_ONCE => look_up(tokens).await,
        answers => answers,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::task::JoinHandle;

    use super::*;
    use crate::auth::{Identity, SessionRecord};
    use crate::value::ObjectId;

    /// A database whose statements take place when they are let.
    struct Database {
        look_ups: LookUps,
        let_through: Semaphore,
        begun: AtomicUsize,
        /// How statements fail, the last first.
        failures: Mutex<Vec<Code>>,
    }

    type Asked = JoinHandle<Result<String, Fault>>;

    impl Database {
        fn new(let_through: usize, failures: &[Code]) -> Arc<Self> {
            let (let_through, failures) = (Semaphore::new(let_through), failures.to_vec().into());
            Arc::new(Self { look_ups: LookUps::new(), let_through, begun: AtomicUsize::new(0), failures })
        }

        async fn sessions(self: Arc<Self>, tokens: Arc<[SessionToken]>) -> Result<Vec<Answer>, Fault> {
            self.begun.fetch_add(1, Ordering::Relaxed);
            self.let_through.acquire().await.unwrap().forget();
            if let Some(code) = self.failures.lock().unwrap().pop() {
                return Err(Fault::caused(code, "the cause"));
            }
            let identity = |token: &SessionToken| {
                let session = ObjectId::new(token.reveal().trim_start_matches("r:"));
                Identity::new(session, ObjectId::new("user000000"), false, Vec::new()).unwrap().into()
            };
            let record = |token| Some(SessionRecord { identity: identity(token), expires_at: None, updated_at: None });
            Ok(tokens.iter().map(|token| Ok(record(token))).collect())
        }

        /// Somebody who asks, and has got as far as possible.
        async fn ask(self: &Arc<Self>, session: &str) -> Asked {
            let (this, token) = (Arc::clone(self), SessionToken::parse(&format!("r:{session}")).unwrap());
            let asking = tokio::spawn(async move {
                let database = Arc::clone(&this);
                let look_up = move |tokens| Arc::clone(&database).sessions(tokens);
                let answer = this.look_ups.answer(&token, look_up).await;
                answer.map(|record| record.unwrap().identity.session().to_string())
            });
            settled().await;
            asking
        }

        fn begun(&self) -> usize {
            self.begun.load(Ordering::Relaxed)
        }
    }

    /// Everybody has got as far as possible.
    async fn settled() {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_are_answered_by_one_statement() {
        let database = Database::new(0, &[]);
        let mut asking = Vec::new();
        for session in ["a", "b", "c", "b"] {
            asking.push(database.ask(session).await);
        }
        assert_eq!(database.begun(), 1);
        database.let_through.add_permits(2);
        let mut answers = Vec::new();
        for asking in asking {
            answers.push(asking.await.unwrap().unwrap());
        }
        assert_eq!(answers, ["a", "b", "c", "b"]);
        assert_eq!(database.begun(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_statement_that_hangs_holds_up_nobody_else() {
        let database = Database::new(0, &[]);
        let hanging = database.ask("a").await;
        let asking = database.ask("b").await;
        tokio::time::sleep(PATIENCE * 2).await;
        assert_eq!(database.begun(), 2);
        database.let_through.add_permits(2);
        assert_eq!(asking.await.unwrap().unwrap(), "b");
        assert_eq!(hanging.await.unwrap().unwrap(), "a");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_hangs_up_takes_nobody_along() {
        let database = Database::new(0, &[]);
        let first = database.ask("a").await;
        let (second, third) = (database.ask("b").await, database.ask("c").await);
        database.let_through.add_permits(1);
        first.await.unwrap().unwrap();
        settled().await;
        assert_eq!(database.begun(), 2);
        second.abort();
        assert!(second.await.unwrap_err().is_cancelled());
        database.let_through.add_permits(1);
        assert_eq!(third.await.unwrap().unwrap(), "c");
        assert_eq!(database.begun(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_statement_for_which_nobody_waits_is_given_up() {
        let database = Database::new(0, &[]);
        let first = database.ask("a").await;
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        settled().await;
        assert!(database.look_ups.turn.try_acquire().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_fails_for_all_and_each_knows_why() {
        let database = Database::new(0, &[Code::Timeout; 2]);
        let mut asking = Vec::new();
        for session in ["a", "b", "c", "d"] {
            asking.push(database.ask(session).await);
        }
        // One of those who wait together has hung up.
        asking.remove(1).abort();
        database.let_through.add_permits(2);
        for asking in asking {
            let fault = asking.await.unwrap().unwrap_err();
            assert_eq!(fault.code(), Code::Timeout);
            assert_eq!(fault.causes().as_deref(), Some("the cause"));
        }
        assert_eq!(database.begun(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_connection_is_noticed_by_nobody_unless_the_next_is_lost_as_well() {
        let database = Database::new(2, &[Code::ConnectionFailed]);
        assert_eq!(database.ask("a").await.await.unwrap().unwrap(), "a");
        assert_eq!(database.begun(), 2);
        let database = Database::new(2, &[Code::ConnectionFailed; 2]);
        assert_eq!(database.ask("a").await.await.unwrap().unwrap_err().code(), Code::ConnectionFailed);
        assert_eq!(database.begun(), 2);
    }
}

//! A task per session.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio_util::codec::Decoder;
use tracing::Instrument;

use super::{Server, ServerEvent, ServerStats};
use crate::Session;

/// How long tasks of sessions that were cut off may take to notice.
const GRACE: Duration = Duration::from_secs(1);

impl<C> Server<C>
where
    C: Decoder + Clone + Send + 'static,
    C::Error: Send,
{
    /// Serves every session in a task of its own, until the server is shut down; the last counters.
    ///
    /// A task that panics ends its own session, with a reset if bytes were unread, and is counted.
    /// What else happens goes to `tracing`; [`serve_and`](Self::serve_and) tells it, too.
    pub async fn serve<F, T>(self, handler: F) -> ServerStats
    where
        F: FnMut(Session<C>) -> T,
        T: Future<Output = ()> + Send + 'static,
    {
        self.serve_and(handler, |_| ()).await
    }

    /// As [`serve`](Self::serve); `other` gets the events that bring no session.
    pub async fn serve_and<F, T>(
        mut self,
        mut handler: F,
        mut other: impl FnMut(ServerEvent<C>),
    ) -> ServerStats
    where
        F: FnMut(Session<C>) -> T,
        T: Future<Output = ()> + Send + 'static,
    {
        let handle = self.handle();
        let mut tasks = JoinSet::new();
        loop {
            let turn = poll_fn(|cx| match tasks.poll_join_next(cx) {
                Poll::Ready(Some(ended)) => Poll::Ready(Turn::Ended(ended)),
                _ => self.poll_next_event(cx).map(Turn::Event),
            });
            match turn.await {
                Turn::Ended(ended) => self.task_ended(ended),
                Turn::Event(Some(ServerEvent::Connection(session))) => {
                    let span = session.span();
                    // A span that nobody sees would be state of every task.
                    if span.is_disabled() {
                        tasks.spawn(handler(session));
                    } else {
                        tasks.spawn(handler(session).instrument(span));
                    }
                }
                Turn::Event(Some(event)) => other(event),
                Turn::Event(None) => break,
            }
        }
        // The sessions are over; what is left are tasks that do something else.
        let rest = async {
            while let Some(ended) = tasks.join_next().await {
                self.task_ended(ended);
            }
        };
        if tokio::time::timeout(GRACE, rest).await.is_err() {
            tasks.shutdown().await;
        }
        handle.stats()
    }

    fn task_ended(&self, ended: Result<(), JoinError>) {
        if let Err(error) = ended
            && error.is_panic()
        {
            self.registry.panicked();
            tracing::error!(%error, "serving a session panicked");
        }
    }
}

/// What a server that serves waits for.
enum Turn<C: Decoder> {
    Ended(Result<(), JoinError>),
    Event(Option<ServerEvent<C>>),
}

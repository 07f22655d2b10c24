//! Several endpoints at once.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

#[cfg(unix)]
use super::activation;
use super::backoff::Backoff;
use super::error::Place;
use super::socket::{ListeningSocket, concerns_one_connection, says_broken};
#[cfg(unix)]
use super::unix;
use super::{ListenError, ListenOptions, OpenListener, tcp};
use crate::{Address, Endpoint, Stream, ToEndpoint};

/// Hands out the connections that arrive on one or more endpoints.
///
/// ```
/// use cwire_transport::{Address, ListenOptions, Listener, connect};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut listener = Listener::bind(["localhost:0"], &ListenOptions::default()).await?;
/// listener.adopt_activated()?; // and what systemd passes, if it started this program
///
/// let addr = listener.local_addrs()[0].tcp().expect("an address of localhost");
/// let client = connect(addr).await?;
/// let stream = listener.accept().await?;
/// assert_eq!(stream.peer(), &Address::Tcp(client.local_addr()?));
/// # Ok(())
/// # }
/// ```
///
/// # Running out of descriptors
///
/// When the system has no descriptor or memory left for a connection (`EMFILE`, `ENFILE`,
/// `ENOBUFS`, `ENOMEM`), the connection stays in the queue and every further try would fail at once.
/// So the listener pauses for 100 ms after a failure, twice as long after each further one, and for
/// 1 s at most, and then goes on by itself. It returns the first failure as an error and is silent
/// about those that follow within 10 s of each other.
///
/// # UNIX sockets
///
/// The file of a socket on which nobody listens any more, so that connecting is refused, is taken
/// over. If another program listens, it sees a connection that ends at once. A file that is no
/// socket is left alone. The file goes when the listener goes, unless another program put its own
/// there.
pub struct Listener {
    sockets: Vec<ListeningSocket>,
    /// The address of each socket.
    addrs: Vec<Address>,
    /// The socket that is asked first, so that none starves another.
    next: usize,
    options: ListenOptions,
    backoff: Backoff,
    pause: Pin<Box<Sleep>>,
    pausing: bool,
}

impl Listener {
    /// A listener that waits for no connections yet: [`accept`](Self::accept) waits for ever.
    ///
    /// # Errors
    ///
    /// The platform cannot do what `options` ask for.
    ///
    /// # Panics
    ///
    /// As [`bind`](Self::bind).
    pub fn new(options: &ListenOptions) -> Result<Self, ListenError> {
        options.check().map_err(ListenError::invalid)?;
        Ok(Self {
            sockets: Vec::new(),
            addrs: Vec::new(),
            next: 0,
            options: options.clone(),
            backoff: Backoff::default(),
            pause: Box::pin(sleep(Duration::ZERO)),
            pausing: false,
        })
    }

    /// Listens on all of these endpoints.
    ///
    /// An endpoint without a host stands for all addresses, IPv4 and IPv6, and a name for all
    /// addresses it has. They share one port, also when it is 0, which takes one that is free on all
    /// of them. A system without IPv6 gets IPv4 alone.
    ///
    /// # Errors
    ///
    /// There is no endpoint, the platform cannot do what `options` ask for, or one of the endpoints
    /// cannot be listened on: it is malformed, does not resolve, is in use, or needs a right.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O and time enabled.
    pub async fn bind(
        endpoints: impl IntoIterator<Item: ToEndpoint>,
        options: &ListenOptions,
    ) -> Result<Self, ListenError> {
        let mut listener = Self::new(options)?;
        listener.extend(endpoints).await?;
        if listener.sockets.is_empty() {
            return Err(ListenError::invalid("needs an endpoint, none given"));
        }
        Ok(listener)
    }

    /// Listens on these endpoints too, all or none.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind), but that there may be no endpoint.
    pub async fn extend(
        &mut self,
        endpoints: impl IntoIterator<Item: ToEndpoint>,
    ) -> Result<(), ListenError> {
        let endpoints = endpoints.into_iter().map(|endpoint| endpoint.to_endpoint());
        let endpoints: Vec<_> =
            endpoints.collect::<Result<_, _>>().map_err(ListenError::invalid)?;
        let mut added = Vec::new();
        for endpoint in endpoints {
            match endpoint {
                Endpoint::Tcp { host, port } => {
                    let bound = tcp::listen_on_host(host.as_deref(), port, &self.options).await?;
                    added.extend(bound.into_iter().map(|(socket, local)| {
                        (ListeningSocket::Tcp(socket), Address::Tcp(local))
                    }));
                }
                #[cfg(unix)]
                Endpoint::Unix(path) => {
                    let addr = Address::Unix(Some(path.clone()));
                    let (file, socket) = unix::listen_on_path(&path, &self.options)
                        .await
                        .map_err(|source| ListenError::at(addr.clone(), source))?;
                    added.push((ListeningSocket::Unix { _file: Some(file), socket }, addr));
                }
                #[cfg(not(unix))]
                Endpoint::Unix(path) => {
                    let source = io::ErrorKind::Unsupported.into();
                    return Err(ListenError::at(Address::Unix(Some(path)), source));
                }
            }
        }
        for (socket, addr) in added {
            self.push(socket, addr);
        }
        Ok(())
    }

    /// Takes a socket that listens already.
    ///
    /// Of the options only those of accepted connections apply to it. The file of a UNIX socket
    /// stays when the listener goes.
    ///
    /// # Errors
    ///
    /// The socket does not listen (where the system can tell), or has no address.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O enabled.
    pub fn adopt(&mut self, listener: impl Into<OpenListener>) -> Result<(), ListenError> {
        self.adopt_one(listener.into(), Place::None)
    }

    /// Takes the sockets that the parent process opened for this one, and returns how many those
    /// are: socket activation, as by systemd, see sd_listen_fds(3).
    ///
    /// There are none if `LISTEN_PID` is not this process. The sockets are taken once per process:
    /// this removes the variables from the environment, so it belongs at the start of the program,
    /// before there are threads that read the environment. TCP and UNIX stream sockets are taken,
    /// as [`adopt`](Self::adopt) does. Where there is no such thing as file descriptors, there are
    /// no such sockets.
    ///
    /// # Errors
    ///
    /// The variables are malformed, or one of the sockets is of another kind or does not listen, as
    /// with systemd's `Accept=yes`. The sockets after it are lost.
    ///
    /// # Panics
    ///
    /// As [`adopt`](Self::adopt).
    pub fn adopt_activated(&mut self) -> Result<usize, ListenError> {
        #[cfg(unix)]
        let sockets = activation::take()?;
        #[cfg(not(unix))]
        let sockets = Vec::<OpenListener>::new();
        let count = sockets.len();
        for (number, socket) in (1..).zip(sockets) {
            self.adopt_one(socket, Place::Activated(number))?;
        }
        Ok(count)
    }

    fn adopt_one(&mut self, listener: OpenListener, place: Place) -> Result<(), ListenError> {
        let addr = listener.local_addr();
        let place = match (place, &addr) {
            (Place::None, Ok(addr)) => Place::Address(addr.clone()),
            (place, _) => place,
        };
        match addr.and_then(|addr| Ok((listener.into_tokio()?, addr))) {
            Ok((socket, addr)) => {
                self.push(socket, addr);
                Ok(())
            }
            Err(source) => Err(ListenError::new(place, source)),
        }
    }

    fn push(&mut self, socket: ListeningSocket, addr: Address) {
        self.sockets.push(socket);
        self.addrs.push(addr);
    }

    /// The address of each socket, with the ports that were taken.
    #[must_use]
    pub fn local_addrs(&self) -> &[Address] {
        &self.addrs
    }

    /// Waits for a connection. Cancel safe.
    ///
    /// Connections that broke while they waited may be passed over.
    ///
    /// # Errors
    ///
    /// The system has no descriptor or memory left for a connection, or refuses one of the options.
    /// Ask again: the listener itself [pauses](Self#running-out-of-descriptors) and goes on.
    pub async fn accept(&mut self) -> io::Result<Stream> {
        poll_fn(|cx| self.poll_accept(cx)).await
    }

    /// As [`accept`](Self::accept). The waker of the latest call is woken.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Stream>> {
        loop {
            if self.pausing {
                ready!(self.pause.as_mut().poll(cx));
                self.pausing = false;
            }
            match ready!(self.poll_sockets(cx)) {
                Ok(stream) => {
                    self.backoff.succeed();
                    return Poll::Ready(Ok(stream));
                }
                Err(error) => {
                    let failure = self.backoff.fail(Instant::now());
                    self.pause.as_mut().reset(failure.retry_at);
                    self.pausing = true;
                    if failure.first {
                        return Poll::Ready(Err(error));
                    }
                }
            }
        }
    }

    fn poll_sockets(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Stream>> {
        let count = self.sockets.len();
        for index in (self.next..count).chain(0..self.next) {
            let (Some(socket), Some(addr)) = (self.sockets.get(index), self.addrs.get(index))
            else {
                continue;
            };
            while let Poll::Ready(accepted) = socket.poll_accept(addr, cx) {
                self.next = (index + 1) % count;
                match accepted {
                    Ok(stream) => match stream.set(&self.options.socket) {
                        Err(error) if says_broken(&error) => {}
                        outcome => return Poll::Ready(outcome.map(|()| stream)),
                    },
                    Err(error) if concerns_one_connection(&error) => {}
                    Err(error) => return Poll::Ready(Err(error)),
                }
            }
        }
        Poll::Pending
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("addrs", &self.addrs).finish_non_exhaustive()
    }
}

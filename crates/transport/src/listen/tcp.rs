//! Listening over TCP.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, lookup_host};

use super::error::Place;
use super::{ListenError, ListenOptions};
use crate::Endpoint;

/// Ports tried until one is free on all addresses of an endpoint. Even where every other port is
/// taken, all tries fail once in four billion times.
const PORT_ATTEMPTS: u32 = 32;

type Bound<L> = (L, SocketAddr);

/// Listens on one port of all addresses of `host`, or of all addresses there are.
///
/// Addresses of a family that the system lacks are left out.
pub(super) async fn listen_on_host(
    host: Option<&str>,
    port: u16,
    options: &ListenOptions,
) -> Result<Vec<Bound<TcpListener>>, ListenError> {
    let listen = |addr| listen_on(addr, options);
    let v4 = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    let v6 = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
    let bound = match host {
        None if options.only_ipv6 => on_one_port(&[v4, v6], listen),
        None => match on_one_port(&[v6], listen) {
            Err((addr, error)) if is_lacking(addr, &error) => on_one_port(&[v4], listen),
            bound => bound,
        },
        Some(host) => on_one_port(&resolve(host, port).await?, listen),
    };
    bound.map_err(|(addr, error)| ListenError::at(addr, error))
}

/// The addresses of a name, each once: /etc/hosts may name one twice.
async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, ListenError> {
    let error = |source| {
        let endpoint = Endpoint::Tcp { host: Some(host.to_owned()), port };
        ListenError::new(Place::Name(Some(endpoint)), source)
    };
    let mut addrs = Vec::new();
    for addr in lookup_host((host, port)).await.map_err(error)? {
        if !addrs.contains(&addr) {
            addrs.push(addr);
        }
    }
    if addrs.is_empty() {
        return Err(error(io::ErrorKind::NotFound.into()));
    }
    Ok(addrs)
}

/// Listens on addresses that have one port, and keep one if it is 0.
fn on_one_port<L>(
    addrs: &[SocketAddr],
    listen: impl Fn(SocketAddr) -> io::Result<Bound<L>>,
) -> Result<Vec<Bound<L>>, (SocketAddr, io::Error)> {
    let any_port = addrs.iter().all(|addr| addr.port() == 0);
    for _ in 1..PORT_ATTEMPTS {
        match on_first_port(addrs, &listen) {
            // The port that the first address got is taken on another one.
            Err((_, error)) if any_port && error.kind() == io::ErrorKind::AddrInUse => {}
            outcome => return outcome,
        }
    }
    on_first_port(addrs, &listen)
}

fn on_first_port<L>(
    addrs: &[SocketAddr],
    listen: impl Fn(SocketAddr) -> io::Result<Bound<L>>,
) -> Result<Vec<Bound<L>>, (SocketAddr, io::Error)> {
    let mut bound: Vec<Bound<L>> = Vec::new();
    let mut lacking = None;
    for addr in addrs {
        let mut addr = *addr;
        if let Some((_, local)) = bound.first() {
            addr.set_port(local.port());
        }
        match listen(addr) {
            Ok(listener) => bound.push(listener),
            Err(error) if is_lacking(addr, &error) => lacking = lacking.or(Some((addr, error))),
            Err(error) => return Err((addr, error)),
        }
    }
    match lacking {
        Some(lacking) if bound.is_empty() => Err(lacking),
        _ => Ok(bound),
    }
}

/// Whether the system lacks the address for want of its whole family.
///
/// Either it knows no such sockets, or, as Linux with `disable_ipv6` set, it has not even the
/// addresses that every system with the family has.
fn is_lacking(addr: SocketAddr, error: &io::Error) -> bool {
    let everywhere = [
        IpAddr::from(Ipv4Addr::UNSPECIFIED),
        IpAddr::from(Ipv4Addr::LOCALHOST),
        IpAddr::from(Ipv6Addr::UNSPECIFIED),
        IpAddr::from(Ipv6Addr::LOCALHOST),
    ];
    error.raw_os_error() == Some(NO_SUCH_FAMILY)
        || error.kind() == io::ErrorKind::AddrNotAvailable && everywhere.contains(&addr.ip())
}

#[cfg(unix)]
const NO_SUCH_FAMILY: i32 = rustix::io::Errno::AFNOSUPPORT.raw_os_error();

/// `WSAEAFNOSUPPORT`.
#[cfg(windows)]
const NO_SUCH_FAMILY: i32 = 10047;

/// Listens on one address.
pub(super) fn listen_on(
    addr: SocketAddr,
    options: &ListenOptions,
) -> io::Result<Bound<TcpListener>> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    if addr.is_ipv6() {
        socket.set_only_v6(options.only_ipv6)?;
    }
    // Elsewhere it would let two programs listen on one port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    if options.reuse_port {
        set_reuse_port(&socket)?;
    }
    socket.bind(&addr.into())?;
    socket.listen(backlog(options))?;
    socket.set_nonblocking(true)?;
    let listener = TcpListener::from_std(socket.into())?;
    let local = listener.local_addr()?;
    Ok((listener, local))
}

/// The queue's length as listen(2) takes it.
pub(super) fn backlog(options: &ListenOptions) -> i32 {
    i32::try_from(options.backlog).unwrap_or(i32::MAX)
}

/// Where socket2 has it.
pub(super) const HAS_REUSE_PORT: bool =
    cfg!(all(unix, not(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin"))));

#[cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin"))))]
fn set_reuse_port(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port(true)
}

#[cfg(not(all(
    unix,
    not(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin"))
)))]
fn set_reuse_port(_: &Socket) -> io::Result<()> {
    // `ListenOptions::check` said so before.
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn addr(text: &str) -> SocketAddr {
        text.parse().expect(text)
    }

    fn failed(kind: io::ErrorKind) -> io::Error {
        kind.into()
    }

    /// Stands for a system: what listening on each address gives, in order.
    fn on_one_port_with(
        addrs: &[&str],
        mut answers: Vec<(&str, io::Result<&str>)>,
    ) -> (Result<Vec<SocketAddr>, (SocketAddr, io::ErrorKind)>, usize) {
        answers.reverse();
        let answers = RefCell::new(answers);
        let asked = RefCell::new(0);
        let addrs: Vec<_> = addrs.iter().map(|text| addr(text)).collect();
        let outcome = on_one_port(&addrs, |asked_for| {
            *asked.borrow_mut() += 1;
            let (expected, answer) = answers.borrow_mut().pop().expect("an answer is left");
            assert_eq!(asked_for, addr(expected));
            answer.map(|local| ((), addr(local)))
        });
        let outcome = outcome
            .map(|bound| bound.into_iter().map(|((), local)| local).collect())
            .map_err(|(addr, error)| (addr, error.kind()));
        (outcome, asked.into_inner())
    }

    #[test]
    fn a_port_that_is_taken_on_the_second_address_is_given_up() {
        let in_use = || Err(failed(io::ErrorKind::AddrInUse));
        let (outcome, asked) = on_one_port_with(
            &["0.0.0.0:0", "[::]:0"],
            vec![
                ("0.0.0.0:0", Ok("0.0.0.0:50001")),
                ("[::]:50001", in_use()),
                ("0.0.0.0:0", Ok("0.0.0.0:50002")),
                ("[::]:50002", Ok("[::]:50002")),
            ],
        );
        assert_eq!(outcome, Ok(vec![addr("0.0.0.0:50002"), addr("[::]:50002")]));
        assert_eq!(asked, 4);
    }

    #[test]
    fn the_search_for_a_port_ends() {
        let answers = (0..PORT_ATTEMPTS).flat_map(|_| {
            let in_use = Err(failed(io::ErrorKind::AddrInUse));
            [("0.0.0.0:0", Ok("0.0.0.0:50001")), ("[::]:50001", in_use)]
        });
        let (outcome, asked) = on_one_port_with(&["0.0.0.0:0", "[::]:0"], answers.collect());
        assert_eq!(outcome, Err((addr("[::]:50001"), io::ErrorKind::AddrInUse)));
        assert_eq!(asked, 64);
    }

    #[test]
    fn a_port_that_was_asked_for_is_tried_once() {
        let in_use = Err(failed(io::ErrorKind::AddrInUse));
        let (outcome, asked) = on_one_port_with(
            &["0.0.0.0:80", "[::]:80"],
            vec![("0.0.0.0:80", Ok("0.0.0.0:80")), ("[::]:80", in_use)],
        );
        assert_eq!(outcome, Err((addr("[::]:80"), io::ErrorKind::AddrInUse)));
        assert_eq!(asked, 2);
    }

    #[test]
    fn a_family_that_the_system_lacks_is_left_out() {
        let lacking = || Err(io::Error::from_raw_os_error(NO_SUCH_FAMILY));
        let unavailable = || Err(failed(io::ErrorKind::AddrNotAvailable));
        let v4 = || ("0.0.0.0:0", Ok("0.0.0.0:50001"));
        for answers in
            [vec![v4(), ("[::]:50001", lacking())], vec![v4(), ("[::]:50001", unavailable())]]
        {
            let (outcome, _) = on_one_port_with(&["0.0.0.0:0", "[::]:0"], answers);
            assert_eq!(outcome, Ok(vec![addr("0.0.0.0:50001")]));
        }
        let (outcome, _) = on_one_port_with(
            &["[::1]:0", "127.0.0.1:0"],
            vec![("[::1]:0", unavailable()), ("127.0.0.1:0", Ok("127.0.0.1:50001"))],
        );
        assert_eq!(outcome, Ok(vec![addr("127.0.0.1:50001")]));
        let (outcome, _) = on_one_port_with(&["[::1]:80"], vec![("[::1]:80", unavailable())]);
        assert_eq!(outcome, Err((addr("[::1]:80"), io::ErrorKind::AddrNotAvailable)));
    }

    /// A name may have addresses of other machines: that is a mistake, and no lack.
    #[test]
    fn an_address_of_another_machine_is_an_error() {
        let unavailable = Err(failed(io::ErrorKind::AddrNotAvailable));
        let (outcome, _) = on_one_port_with(
            &["127.0.0.1:80", "[2001:db8::1]:80"],
            vec![("127.0.0.1:80", Ok("127.0.0.1:80")), ("[2001:db8::1]:80", unavailable)],
        );
        assert_eq!(outcome, Err((addr("[2001:db8::1]:80"), io::ErrorKind::AddrNotAvailable)));
    }
}

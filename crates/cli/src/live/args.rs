//! Flags of verbs that have connections.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use cwire_transport::{
    AccessList, AddressRange, Client, Connector, Endpoint, KeepAlive, ListenOptions, OnIdle,
    Server, ServerBuilder, ServerEvent, SessionOptions, SlotLimits, SocketOptions, TlsClient,
    TlsClientOptions, TlsServer, TlsServerOptions,
};
use tokio_util::codec::{BytesCodec, Decoder};

use super::network::{GRACE, Network};
use crate::complaint::say;

/// Flags of every connection.
#[derive(clap::Args)]
#[command(next_help_heading = "Connections")]
pub(crate) struct Connections {
    /// Close connections on which nothing was received for so long, as in `30s` or `5min`; those that are
    /// passed on by `tap`, on which nothing was sent, either.
    #[arg(long, value_name = "DUR", value_parser = humantime::parse_duration)]
    idle: Option<Duration>,
    /// Let the system ask a peer that is silent for so long whether it is still there.
    #[arg(long, value_name = "DUR", value_parser = humantime::parse_duration)]
    keep_alive: Option<Duration>,
}

impl Connections {
    pub(crate) fn session(&self) -> SessionOptions {
        SessionOptions::new().idle_read(self.idle).on_idle(OnIdle::Close)
    }

    /// Of a connection that stands between two others, what goes to its peer counts, too.
    pub(crate) fn session_of_relay(&self) -> SessionOptions {
        SessionOptions::new().idle(self.idle).on_idle(OnIdle::Close)
    }

    fn socket(&self) -> SocketOptions {
        SocketOptions::new().keep_alive(self.keep_alive.map(|idle| KeepAlive::new().idle(idle)))
    }
}

/// Flags of verbs that listen.
#[derive(clap::Args)]
#[command(next_help_heading = "Connections")]
pub(crate) struct Serving {
    /// Connections served at once; others wait.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    max_connections: u32,
    /// Who may connect: an address, a range A-B or a block as 10.0.0.0/8; may be repeated. [default:
    /// everyone]
    #[arg(long, value_name = "RANGE", value_delimiter = ',')]
    allow: Vec<AddressRange>,
    /// Who may not, even if --allow says so; may be repeated.
    #[arg(long, value_name = "RANGE", value_delimiter = ',')]
    deny: Vec<AddressRange>,
    /// TLS with the certificate chain in this PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_key", help_heading = "TLS")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert", help_heading = "TLS")]
    tls_key: Option<PathBuf>,
    /// Serve only clients with a certificate that one of the authorities in this PEM file has issued.
    #[arg(long, value_name = "FILE", requires = "tls_cert", help_heading = "TLS")]
    tls_client_ca: Option<PathBuf>,
}

impl Serving {
    /// Listens as the flags say.
    ///
    /// # Errors
    ///
    /// There is nothing to listen on at an address, or a file for TLS is not what it should be.
    pub(crate) fn bind<C: Decoder + Clone + Send + 'static>(
        &self,
        addrs: &[Endpoint],
        mut server: ServerBuilder<C>,
        connections: &Connections,
        network: &Network,
    ) -> anyhow::Result<Server<C>> {
        let most = usize::try_from(self.max_connections)?;
        let access = AccessList::new().allow(self.allow.iter().copied());
        server = server
            .limits(SlotLimits::new().total(most))
            .access(access.deny(self.deny.iter().copied()))
            .listen_options(ListenOptions::new().socket(connections.socket()))
            .shutdown_on(network.stop.clone())
            .shutdown_timeout(GRACE);
        for addr in addrs {
            server = server.listen(addr);
        }
        if let Some(tls) = self.tls()? {
            server = server.tls(tls);
        }
        Ok(network.prepare(server.bind())?)
    }

    /// TLS, where it is asked for.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or does not hold what it should.
    fn tls(&self) -> anyhow::Result<Option<TlsServer>> {
        let (Some(chain), Some(key)) = (&self.tls_cert, &self.tls_key) else { return Ok(None) };
        let options = TlsServerOptions::new(chain, key);
        let options = match &self.tls_client_ca {
            Some(roots) => options.require_client_certificate(roots),
            None => options,
        };
        Ok(Some(TlsServer::new(&options)?))
    }
}

/// Says what happens to a server.
pub(crate) fn say_event<C: Decoder>(event: &ServerEvent<C>, quiet: bool) {
    match event {
        ServerEvent::Listening(address) if !quiet => say(format_args!("listening on {address}")),
        ServerEvent::Dropped { reason, peer, .. } if !quiet => {
            say(format_args!("{peer} turned away: {reason}"));
        }
        ServerEvent::Error(error) => {
            say(format_args!("cwire: accepting a connection failed: {error}"));
        }
        _ => {}
    }
}

/// Flags of verbs that connect, whatever else they do.
#[derive(clap::Args)]
#[command(next_help_heading = "Connections")]
pub(crate) struct Calling {
    /// Longest time for one attempt to connect.
    #[arg(long, value_name = "DUR", value_parser = humantime::parse_duration, default_value = "10s")]
    connect_timeout: Duration,
    /// TLS, with a server whose certificate one of the authorities in this PEM file has issued; a
    /// certificate that its server has issued itself may be in it, too.
    #[arg(long, value_name = "FILE", help_heading = "TLS")]
    tls_ca: Option<PathBuf>,
    /// The name that the server's certificate has to be for [default: the host of the server's ADDR].
    #[arg(long, value_name = "NAME", requires = "tls_ca", help_heading = "TLS")]
    tls_name: Option<String>,
}

/// Refuses servers elsewhere, unless it is asked for.
///
/// # Errors
///
/// The server is not on this machine, and nobody said `--yes`.
pub(crate) fn check_is_near(addr: &Endpoint, yes: bool) -> anyhow::Result<()> {
    let is_near = match addr {
        Endpoint::Unix(_) | Endpoint::Tcp { host: None, .. } => true,
        Endpoint::Tcp { host: Some(host), .. } => match host.parse::<IpAddr>() {
            Ok(ip) => ip.to_canonical().is_loopback(),
            Err(_) => host == "localhost",
        },
    };
    if !is_near && !yes {
        bail!("{addr} is not an address of this machine, as 127.0.0.1 is: --yes is needed");
    }
    Ok(())
}

/// The certificate that clients show.
#[derive(clap::Args)]
pub(crate) struct Certificate {
    /// Show the certificate chain in this PEM file to servers that ask for one.
    #[arg(long, value_name = "FILE", requires_all = ["tls_key", "tls_ca"], help_heading = "TLS")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert", help_heading = "TLS")]
    tls_key: Option<PathBuf>,
}

impl Calling {
    /// How to connect to `addr`; with a certificate to show if there is one.
    ///
    /// # Errors
    ///
    /// A file for TLS cannot be read, or does not hold what it should; the name is none.
    pub(crate) fn dialer(
        &self,
        addr: &Endpoint,
        connections: &Connections,
        certificate: Option<&Certificate>,
    ) -> anyhow::Result<Dialer> {
        let connector = Connector::new().socket(connections.socket()).timeout(self.connect_timeout);
        let tls = match &self.tls_ca {
            Some(roots) => {
                let mut options = TlsClientOptions::new(roots);
                if let Some(Certificate { tls_cert: Some(chain), tls_key: Some(key) }) = certificate
                {
                    options = options.certificate(chain, key);
                }
                if let Some(name) = &self.tls_name {
                    options = options.server_name(name);
                }
                Some(TlsClient::new(&options)?)
            }
            None => None,
        };
        let dialer = Dialer { addr: addr.clone(), connector, tls };
        // Whether there is a name that a certificate could be for is known now.
        dialer.client(BytesCodec::new())?;
        Ok(dialer)
    }
}

/// How to connect to a server, any number of times.
#[derive(Clone)]
pub(crate) struct Dialer {
    addr: Endpoint,
    connector: Connector,
    tls: Option<TlsClient>,
}

impl Dialer {
    pub(crate) fn client<C: Decoder + Clone + Send + 'static>(
        &self,
        codec: C,
    ) -> anyhow::Result<Client<C>> {
        let client = Client::new(&self.addr, codec)?.connector(self.connector.clone());
        Ok(match &self.tls {
            Some(tls) => client.tls(tls.clone())?,
            None => client,
        })
    }
}

//! Authorities, certificates and keys, made by the `openssl` command.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use cwire_transport::{TlsClient, TlsClientOptions, TlsServer, TlsServerOptions};

/// A folder of PEM files:
///
/// | files | what |
/// |---|---|
/// | `ca.pem`, `ca.key` | the authority that everyone trusts |
/// | `middle.pem`, `middle.key` | an authority that `ca` has certified |
/// | `other-ca.pem`, `other-ca.key` | an authority that nobody trusts |
/// | `server.pem`, `server.key` | a server, `localhost` and 127.0.0.1 |
/// | `client.pem`, `client.key` | a client |
/// | `chain.pem`, `chain.key` | a server that `middle` has certified, and `middle` |
/// | `expired.pem`, `expired.key` | a server whose certificate has expired |
/// | `stranger.pem`, `stranger.key` | a client that `other-ca` has certified |
/// | `self.pem`, `self.key` | a server that has certified itself |
/// | `self-ca.pem`, `self-ca.key` | the same, as an authority |
/// | `pkcs1.pem`, `pkcs1.key` | a server with an RSA key, in the form of PKCS#1 |
/// | `sec1.key` | the key of `server`, in the form of SEC1 |
/// | `encrypted.key` | the key of `server`, encrypted |
pub(crate) struct Pki {
    dir: PathBuf,
}

const CURRENT: [&str; 2] = ["20200101000000Z", "20991231235959Z"];
const PAST: [&str; 2] = ["20200101000000Z", "20200201000000Z"];

const AUTHORITY: &str = "basicConstraints=critical,CA:TRUE";
const SERVER: &str = "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth";
const CLIENT: &str = "extendedKeyUsage=clientAuth";

/// The folder, made once for all tests. `None` if there is no `openssl`.
pub(crate) fn pki() -> Option<&'static Pki> {
    static PKI: OnceLock<Option<Pki>> = OnceLock::new();
    PKI.get_or_init(|| cwire_tests::tool("openssl").map(|_| Pki::make())).as_ref()
}

impl Pki {
    fn make() -> Self {
        let name = format!("tls-{}", std::process::id());
        let pki = Self { dir: Path::new(env!("CARGO_TARGET_TMPDIR")).join(name) };
        // One of a process that had the same number.
        let _ = fs::remove_dir_all(&pki.dir);
        fs::create_dir_all(&pki.dir).unwrap();

        pki.authority("ca");
        pki.authority("other-ca");
        pki.issue("middle", "ca", AUTHORITY, CURRENT);
        pki.issue("server", "ca", SERVER, CURRENT);
        pki.issue("client", "ca", CLIENT, CURRENT);
        pki.issue("chain", "middle", SERVER, CURRENT);
        pki.append("chain.pem", "middle.pem");
        pki.issue("expired", "ca", SERVER, PAST);
        pki.issue("stranger", "other-ca", CLIENT, CURRENT);

        for (name, authority) in [("self", "FALSE"), ("self-ca", "TRUE")] {
            pki.run(&format!(
                "req -x509 -key server.key -subj /CN={name} -days 3 -out {name}.pem -addext \
                 basicConstraints=critical,CA:{authority} -addext subjectAltName=DNS:localhost"
            ));
            fs::copy(pki.path("server.key"), pki.path(&format!("{name}.key"))).unwrap();
        }
        pki.run("genrsa -out rsa.key 2048");
        pki.request("pkcs1", "-key rsa.key");
        pki.sign("pkcs1", "ca", SERVER, CURRENT);
        pki.run("rsa -in rsa.key -traditional -out pkcs1.key");
        pki.run("ec -in server.key -out sec1.key");
        pki.run("pkcs8 -topk8 -in server.key -passout pass:secret -out encrypted.key");
        pki
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Runs `openssl` in the folder, with these arguments.
    pub(crate) fn run(&self, args: &str) -> Vec<u8> {
        let mut command = Command::new("openssl");
        cwire_tests::run(command.current_dir(&self.dir).args(args.split_whitespace())).stdout
    }

    /// A certificate in DER form.
    pub(crate) fn der(&self, name: &str) -> Vec<u8> {
        self.run(&format!("x509 -in {name} -outform DER"))
    }

    fn authority(&self, name: &str) {
        self.run(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key \
             -subj /CN={name} -days 3 -out {name}.pem"
        ));
    }

    fn issue(&self, name: &str, issuer: &str, extensions: &str, valid: [&str; 2]) {
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout";
        self.request(name, &format!("{key} {name}.key"));
        self.sign(name, issuer, extensions, valid);
    }

    fn request(&self, name: &str, key: &str) {
        self.run(&format!("req -new {key} -subj /CN={name} -out {name}.csr"));
    }

    /// `openssl ca`, since `openssl x509` takes no dates.
    fn sign(&self, name: &str, issuer: &str, extensions: &str, [start, end]: [&str; 2]) {
        let config = format!(
            "[ca]\ndefault_ca=issuer\n[issuer]\ndatabase={issuer}.index\nnew_certs_dir=.\n\
             rand_serial=yes\ndefault_md=sha256\npolicy=policy\nunique_subject=no\n\
             certificate={issuer}.pem\nprivate_key={issuer}.key\nx509_extensions=extensions\n\
             [policy]\ncommonName=supplied\n[extensions]\n{extensions}\n"
        );
        fs::write(self.path("ca.cnf"), config).unwrap();
        fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path(&format!("{issuer}.index")))
            .unwrap();
        self.run(&format!(
            "ca -config ca.cnf -batch -notext -startdate {start} -enddate {end} -in {name}.csr \
             -out {name}.pem"
        ));
    }

    fn append(&self, to: &str, from: &str) {
        let all = [fs::read(self.path(to)).unwrap(), fs::read(self.path(from)).unwrap()].concat();
        fs::write(self.path(to), all).unwrap();
    }

    /// What a server with the certificate and key of this name shows.
    pub(crate) fn server_options(&self, name: &str) -> TlsServerOptions {
        let file = |ending| self.path(&format!("{name}.{ending}"));
        TlsServerOptions::new(file("pem"), file("key"))
    }

    pub(crate) fn server(&self, name: &str) -> TlsServer {
        TlsServer::new(&self.server_options(name)).unwrap()
    }

    /// A server that lets in clients of `ca` alone.
    pub(crate) fn strict_server(&self) -> TlsServer {
        let options = self.server_options("server");
        TlsServer::new(&options.require_client_certificate(self.path("ca.pem"))).unwrap()
    }

    /// A client that trusts `ca` and shows nothing.
    pub(crate) fn client_options(&self) -> TlsClientOptions {
        TlsClientOptions::new(self.path("ca.pem"))
    }

    pub(crate) fn client(&self) -> TlsClient {
        TlsClient::new(&self.client_options()).unwrap()
    }

    /// A client that shows the certificate of this name.
    pub(crate) fn client_with(&self, name: &str) -> TlsClient {
        let file = |ending| self.path(&format!("{name}.{ending}"));
        TlsClient::new(&self.client_options().certificate(file("pem"), file("key"))).unwrap()
    }
}
